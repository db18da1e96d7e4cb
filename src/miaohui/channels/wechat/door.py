"""WeChat's callback: `/v1/channels/wechat/{inbox_id}`. Signed first, opened next, read last."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

import msgspec
from starlette.responses import Response

from miaohui.channels.wechat import crypto, letters, policy
from miaohui.channels.wechat.types import Letter, Query
from miaohui.kit.errors import Forbidden, NotFound, TooLarge, Unreadable

if TYPE_CHECKING:
    from starlette.requests import Request

    from miaohui.channels.wechat.accounts import Accounts
    from miaohui.channels.wechat.service import Listener
    from miaohui.channels.wechat.types import Account
    from miaohui.kit.clock import Clock

_TEXT = "text/plain; charset=utf-8"
_SUCCESS = b"success"
CLOSED = "本服务已暂停，消息没有保存，请稍后再来。"
"""To who writes to a company that is not served. Without an answer WeChat would call it broken, in words of its own."""
_MOST_QUERY = 4_096


class WeChatDoor:
    """Both calls that WeChat makes."""

    def __init__(self, accounts: Accounts, listener: Listener, clock: Clock) -> None:
        self.accounts = accounts
        self._listener = listener
        self._clock = clock

    async def verify(self, request: Request) -> Response:
        """GET: WeChat makes sure that the address is the company's."""
        account = await self._account(request)
        query = read_query(request)
        self._check_call(account, query)
        return Response(query.echostr.encode(), media_type=_TEXT)

    async def hear(self, request: Request) -> Response:
        """POST: a message or an event."""
        account = await self._account(request)
        query = read_query(request)
        self._check_call(account, query)
        body = await request.body()
        if len(body) > letters.MOST_BYTES:
            raise TooLarge(f"A message of WeChat has at most {letters.MOST_BYTES} bytes.")
        letter = open_letter(account, query, body)
        heard = letters.read_heard(letters.parse_fields(letter.body))
        if account.original_id and heard.to != account.original_id:
            raise crypto.NotGenuine
        if not heard.sender:
            return Response(_SUCCESS, media_type=_TEXT)
        if self.accounts.is_open(account):
            text = await self._listener.hear(account, heard)
        else:
            text = "" if heard.kind == "event" else CLOSED
        if not text:
            return Response(_SUCCESS, media_type=_TEXT)
        reply = letters.format_reply(heard.sender, heard.to, self._clock.now_ms() // 1000, text)
        return Response(self._lock(account, letter, query, reply), media_type="application/xml")

    async def _account(self, request: Request) -> Account:
        account = await self.accounts.find(str(request.path_params["inbox_id"]))
        if account is None:
            raise NotFound("There is no such account here.")
        return account

    def _check_call(self, account: Account, query: Query) -> None:
        """Raises `NotGenuine`; nothing of the body has been looked at."""
        crypto.check_signature(query.signature, account.token, query.timestamp, query.nonce)
        if not policy.is_fresh(query.timestamp, self._clock.now_ms()):
            raise crypto.NotGenuine

    def _lock(self, account: Account, letter: Letter, query: Query, reply: bytes) -> bytes:
        if not letter.key:
            return reply
        timestamp = str(self._clock.now_ms() // 1000)
        locked = crypto.lock(reply, key=letter.key, receiver=account.app_id, salt=os.urandom(16))
        fields = {
            "Encrypt": locked,
            "MsgSignature": crypto.sign(account.token, timestamp, query.nonce, locked),
            "TimeStamp": timestamp,
            "Nonce": query.nonce,
        }
        return letters.format_fields(fields)


def read_query(request: Request) -> Query:
    """The address's parameters, each at most once. Raises `Unreadable`."""
    if len(request.url.query) > _MOST_QUERY:
        raise Unreadable("The address is too long.")
    given = [(name, value) for name, value in request.query_params.multi_items() if name in Query.__struct_fields__]
    if any(count > 1 for count in Counter(name for name, _ in given).values()):
        raise Unreadable("A parameter stands twice.")
    return msgspec.convert(dict(given), Query)


def open_letter(account: Account, query: Query, body: bytes) -> Letter:
    """The message itself, from a body in whatever mode the account has. Raises `NotGenuine`, `Unreadable`."""
    if query.encrypt_type != "aes":
        if account.mode == "encrypted":
            raise crypto.NotGenuine
        return Letter(body=body)
    if account.mode == "plain" or not account.aes_key:
        raise crypto.NotGenuine
    locked = letters.parse_fields(body).get("Encrypt", "")
    crypto.check_signature(query.msg_signature, account.token, query.timestamp, query.nonce, locked)
    for key in (account.aes_key, account.previous_aes_key):
        if key:
            try:
                return Letter(body=crypto.unlock(locked, key=key, receiver=account.app_id), key=key)
            except Forbidden:
                continue
    raise crypto.NotGenuine

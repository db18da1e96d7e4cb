"""WeCom's callback: `/v1/channels/wecom/{inbox_id}`. It says only that there is something; what, is then asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from miaohui.channels.wechat import crypto, letters
from miaohui.channels.wechat.door import read_query
from miaohui.channels.wechat.policy import is_fresh
from miaohui.kit.errors import Forbidden, NotFound, TooLarge

if TYPE_CHECKING:
    from starlette.requests import Request

    from miaohui.channels.accounts import Accounts
    from miaohui.channels.wechat.types import Query
    from miaohui.channels.wecom.tasks import Puller
    from miaohui.channels.wecom.types import Account
    from miaohui.kit.clock import Clock

_TEXT = "text/plain; charset=utf-8"


class WeComDoor:
    """Both calls that WeCom makes."""

    def __init__(self, accounts: Accounts[Account], puller: Puller, clock: Clock) -> None:
        self.accounts = accounts
        self.puller = puller
        self._clock = clock

    async def verify(self, request: Request) -> Response:
        """GET: WeCom makes sure that the address is the company's."""
        account = await self._account(request)
        query = read_query(request)
        return Response(self._open(account, query, query.echostr), media_type=_TEXT)

    async def hear(self, request: Request) -> Response:
        """POST: there is something to be read. Answered at once; reading is a matter of its own."""
        account = await self._account(request)
        query = read_query(request)
        body = await request.body()
        if len(body) > letters.MOST_BYTES:
            raise TooLarge(f"A call of WeCom has at most {letters.MOST_BYTES} bytes.")
        locked = letters.parse_fields(body).get("Encrypt", "")
        told = letters.parse_fields(self._open(account, query, locked))
        if told.get("Event") == "kf_msg_or_event":
            meant = await self._meant(account, told.get("OpenKfId", ""))
            if meant is not None and self.accounts.is_open(meant):  # else WeCom keeps it, and it is read afterwards
                self.puller.want(meant, told.get("Token", "")[:128])
        return Response(b"success", media_type=_TEXT)

    async def _account(self, request: Request) -> Account:
        account = await self.accounts.find(str(request.path_params["inbox_id"]))
        if account is None:
            raise NotFound("There is no such account here.")
        return account

    def _open(self, account: Account, query: Query, locked: str) -> bytes:
        """Raises `NotGenuine`, whatever is wrong."""
        crypto.check_signature(query.msg_signature, account.token, query.timestamp, query.nonce, locked)
        if not is_fresh(query.timestamp, self._clock.now_ms()):
            raise crypto.NotGenuine
        for key in filter(None, (account.aes_key, account.previous_aes_key)):
            try:
                return crypto.unlock(locked, key=key, receiver=account.corp_id)
            except Forbidden:
                continue
        raise crypto.NotGenuine

    async def _meant(self, account: Account, open_kfid: str) -> Account | None:
        """A company has one address at WeCom for all its accounts: the call says which one is meant."""
        if open_kfid in {"", account.open_kfid}:
            return account
        ours = (one for one in await self.accounts.list_() if one.tenant_id == account.tenant_id)
        return next((one for one in ours if (one.corp_id, one.open_kfid) == (account.corp_id, open_kfid)), None)

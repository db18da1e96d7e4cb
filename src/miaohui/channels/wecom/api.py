"""Calls of WeCom's API. No call is repeated here."""

from __future__ import annotations

import secrets
from typing import Any, Protocol
from urllib.parse import quote

import msgspec

from miaohui.channels.media.files import File
from miaohui.channels.wechat import api as wechat
from miaohui.channels.wechat.api import Unanswered
from miaohui.channels.wecom.types import Account
from miaohui.kit.fetch import Ask, Fetched, Unreachable

HOST = "https://qyapi.weixin.qq.com"
_KF = "/cgi-bin/kf"
SEND, WELCOME = f"{_KF}/send_msg", f"{_KF}/send_msg_on_event"
ACCOUNTS = f"{_KF}/account/list"
STATE, TRANSFER, SYNC = f"{_KF}/service_state/get", f"{_KF}/service_state/trans", f"{_KF}/sync_msg"


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """An account that an app may speak for."""

    open_kfid: str = ""


class Said(wechat.Said, frozen=True, kw_only=True):
    """What WeCom answered. `errcode` 0 is success."""

    service_state: int = 0
    next_cursor: str = ""
    has_more: int = 0
    msg_list: tuple[msgspec.Raw, ...] = ()
    account_list: tuple[Listed, ...] = ()


class Outgoing(Protocol):
    """What carries a request; see `kit.fetch.Fetcher`."""

    async def fetch(self, ask: Ask) -> Fetched:
        """One answer. Raises `Unreachable`."""
        ...


class HttpApi:
    """Over the network; `host` is not a tenant's to choose."""

    def __init__(self, fetcher: Outgoing, host: str = HOST) -> None:
        self._fetcher = fetcher
        self._host = host.rstrip("/")

    async def fetch_token(self, account: Account, *, force: bool) -> Said:
        """GET `/cgi-bin/gettoken`: the same as before, until it holds no longer."""
        query = f"corpid={quote(account.corp_id, safe='')}&corpsecret={quote(account.secret, safe='')}"
        return _read(await self._fetch(Ask(url=f"{self._host}/cgi-bin/gettoken?{query}")))

    async def call(self, path: str, token: str, payload: Any) -> Said:
        """POST with the token in the address, as WeCom wants it."""
        url = f"{self._host}{path}?access_token={quote(token, safe='')}"
        headers = {"content-type": "application/json"}
        return _read(await self._fetch(Ask(url=url, method="POST", headers=headers, body=msgspec.json.encode(payload))))

    async def upload(self, token: str, file: File) -> Said:
        """POST `/cgi-bin/media/upload`."""
        boundary = secrets.token_hex(16)
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="media"; filename="{file.name}"\r\n'
            f"Content-Type: {file.type}\r\n\r\n"
        )
        ask = Ask(
            url=f"{self._host}/cgi-bin/media/upload?access_token={quote(token, safe='')}&type=image",
            method="POST",
            headers={"content-type": f"multipart/form-data; boundary={boundary}"},
            body=head.encode() + file.body + f"\r\n--{boundary}--\r\n".encode(),
        )
        return _read(await self._fetch(ask))

    async def download(self, token: str, media_id: str) -> Said | bytes:
        """GET `/cgi-bin/media/get`."""
        query = f"access_token={quote(token, safe='')}&media_id={quote(media_id, safe='')}"
        fetched = await self._fetch(Ask(url=f"{self._host}/cgi-bin/media/get?{query}"))
        kind = fetched.headers.get("content-type", "")
        return _read(fetched) if kind.startswith(("application/json", "text/")) else fetched.body

    async def _fetch(self, ask: Ask) -> Fetched:
        try:
            fetched = await self._fetcher.fetch(ask)
        except Unreachable as error:
            raise Unanswered("WeCom did not answer.", code=error.code) from None
        if fetched.status >= 500:
            raise Unanswered("WeCom answered with an error of its own.", code=f"http_{fetched.status}")
        return fetched


def _read(fetched: Fetched) -> Said:
    try:
        return msgspec.json.decode(fetched.body, type=Said)
    except msgspec.MsgspecError:
        raise Unanswered("WeCom answered with something else.", code="unreadable") from None

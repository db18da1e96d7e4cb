"""Calls of WeChat's API: who is answered, with what it said. No call is repeated here."""

from __future__ import annotations

import secrets
from typing import Any, Protocol
from urllib.parse import quote

import msgspec

from miaohui.channels.media.files import File
from miaohui.channels.wechat.types import Account, MenuItem
from miaohui.kit.errors import MiaohuiError
from miaohui.kit.fetch import Ask, Fetched, Fetcher, Unreachable

HOST = "https://api.weixin.qq.com"


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What WeChat answered. `errcode` 0 is success."""

    errcode: int = 0
    errmsg: str = ""
    access_token: str = ""
    expires_in: int = 0
    media_id: str = ""


class Unanswered(MiaohuiError):
    """Nobody knows whether WeChat did it; `code` is `timeout` or another of `kit.fetch`."""

    status = 502
    code = "unreachable"
    title = "WeChat did not answer"
    retryable = True


class Api(Protocol):
    """WeChat, as the rest of this room needs it."""

    async def fetch_token(self, account: Account, *, force: bool) -> Said:
        """A stable token; `force` makes a new one and lets the old one live for five minutes more."""
        ...

    async def call(self, path: str, token: str, payload: Any) -> Said:
        """One call with a token. Raises `Unanswered`."""
        ...

    async def upload(self, token: str, file: File) -> Said:
        """A picture, for three days; `media_id` names it. Raises `Unanswered`."""
        ...

    async def download(self, token: str, media_id: str) -> Said | bytes:
        """What a follower sent, or why not. Raises `Unanswered`."""
        ...


class HttpApi:
    """Over the network; `host` is not a tenant's to choose."""

    def __init__(self, fetcher: Fetcher, host: str = HOST) -> None:
        self._fetcher = fetcher
        self._host = host.rstrip("/")

    async def fetch_token(self, account: Account, *, force: bool) -> Said:
        """POST `/cgi-bin/stable_token`."""
        payload = {
            "grant_type": "client_credential",
            "appid": account.app_id,
            "secret": account.app_secret,
            "force_refresh": force,
        }
        return await self._post("/cgi-bin/stable_token", payload)

    async def call(self, path: str, token: str, payload: Any) -> Said:
        """POST with the token in the address, as WeChat wants it."""
        return await self._post(f"{path}?access_token={token}", payload)

    async def upload(self, token: str, file: File) -> Said:
        """POST `/cgi-bin/media/upload`."""
        boundary = secrets.token_hex(16)
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="media"; filename="{file.name}"\r\n'
            f"Content-Type: {file.type}\r\n\r\n"
        )
        ask = Ask(
            url=f"{self._host}/cgi-bin/media/upload?access_token={token}&type=image",
            method="POST",
            headers={"content-type": f"multipart/form-data; boundary={boundary}"},
            body=head.encode() + file.body + f"\r\n--{boundary}--\r\n".encode(),
        )
        return _read(await self._fetch(ask))

    async def download(self, token: str, media_id: str) -> Said | bytes:
        """GET `/cgi-bin/media/get`."""
        url = f"{self._host}/cgi-bin/media/get?access_token={token}&media_id={quote(media_id, safe='')}"
        fetched = await self._fetch(Ask(url=url))
        kind = fetched.headers.get("content-type", "")
        return _read(fetched) if kind.startswith(("application/json", "text/")) else fetched.body

    async def _post(self, path: str, payload: Any) -> Said:
        headers = {"content-type": "application/json"}
        ask = Ask(url=self._host + path, method="POST", headers=headers, body=msgspec.json.encode(payload))
        return _read(await self._fetch(ask))

    async def _fetch(self, ask: Ask) -> Fetched:
        try:
            fetched = await self._fetcher.fetch(ask)
        except Unreachable as error:
            raise Unanswered("WeChat did not answer.", code=error.code) from None
        if fetched.status >= 500:
            raise Unanswered("WeChat answered with an error of its own.", code=f"http_{fetched.status}")
        return fetched


def _read(fetched: Fetched) -> Said:
    try:
        return msgspec.json.decode(fetched.body, type=Said)
    except msgspec.MsgspecError:
        raise Unanswered("WeChat answered with something else.", code="unreadable") from None


def menu_payload(menu: tuple[MenuItem, ...]) -> dict[str, Any]:
    """A menu in WeChat's form."""
    return {"button": [_button(item) for item in menu]}


def _button(item: MenuItem) -> dict[str, Any]:
    if item.items:
        return {"name": item.name, "sub_button": [_button(one) for one in item.items]}
    if item.url:
        return {"type": "view", "name": item.name, "url": item.url}
    return {"type": "click", "name": item.name, "key": f"ask:{item.question}"}

"""Calls of WeChat's API: who is answered, with what it said. No call is repeated here."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec

from miaohui.channels.wechat.types import Account, MenuItem
from miaohui.kit.errors import MiaohuiError
from miaohui.kit.fetch import Ask, Fetcher, Unreachable

HOST = "https://api.weixin.qq.com"


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What WeChat answered. `errcode` 0 is success."""

    errcode: int = 0
    errmsg: str = ""
    access_token: str = ""
    expires_in: int = 0


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

    async def _post(self, path: str, payload: Any) -> Said:
        ask = Ask(
            url=self._host + path,
            method="POST",
            headers={"content-type": "application/json"},
            body=msgspec.json.encode(payload),
        )
        try:
            fetched = await self._fetcher.fetch(ask)
            if fetched.status >= 500:
                raise Unanswered("WeChat answered with an error of its own.", code=f"http_{fetched.status}")
            return msgspec.json.decode(fetched.body, type=Said)
        except Unreachable as error:
            raise Unanswered("WeChat did not answer.", code=error.code) from None
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

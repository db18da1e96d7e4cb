"""WeChat's API: who is answered, with what it said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from miaohui.channels.wechat import calls
from miaohui.channels.wechat.wire import Outgoing, Said, Wire

if TYPE_CHECKING:
    from miaohui.channels.wechat.types import Account, MenuItem

HOST = "https://api.weixin.qq.com"


class Api(calls.Api[Said], Protocol):
    """WeChat, as the rest of this room needs it."""

    async def fetch_token(self, account: Account, *, force: bool) -> Said:
        """A stable token; `force` makes a new one and lets the old one live for five minutes more."""
        ...


class HttpApi(Wire[Said]):
    """WeChat's part of the wire."""

    def __init__(self, fetcher: Outgoing, host: str = HOST) -> None:
        super().__init__(fetcher, host, "WeChat", Said)

    async def fetch_token(self, account: Account, *, force: bool) -> Said:
        """POST `/cgi-bin/stable_token`."""
        payload = {
            "grant_type": "client_credential",
            "appid": account.app_id,
            "secret": account.app_secret,
            "force_refresh": force,
        }
        return await self.post("/cgi-bin/stable_token", payload)


def menu_payload(menu: tuple[MenuItem, ...]) -> dict[str, Any]:
    """A menu in WeChat's form."""
    return {"button": [_button(item) for item in menu]}


def _button(item: MenuItem) -> dict[str, Any]:
    if item.items:
        return {"name": item.name, "sub_button": [_button(one) for one in item.items]}
    if item.url:
        return {"type": "view", "name": item.name, "url": item.url}
    return {"type": "click", "name": item.name, "key": f"ask:{item.question}"}

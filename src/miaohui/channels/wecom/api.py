"""WeCom's API: who is answered, with what it said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from miaohui.channels.wechat import wire

if TYPE_CHECKING:
    from miaohui.channels.wecom.types import Account

HOST = "https://qyapi.weixin.qq.com"
_KF = "/cgi-bin/kf"
SEND, WELCOME = f"{_KF}/send_msg", f"{_KF}/send_msg_on_event"
ACCOUNTS = f"{_KF}/account/list"
STATE, TRANSFER, SYNC = f"{_KF}/service_state/get", f"{_KF}/service_state/trans", f"{_KF}/sync_msg"


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """An account that an app may speak for."""

    open_kfid: str = ""


class Said(wire.Said, frozen=True, kw_only=True):
    """What WeCom answered. `errcode` 0 is success."""

    service_state: int = 0
    next_cursor: str = ""
    has_more: int = 0
    msg_list: tuple[msgspec.Raw, ...] = ()
    account_list: tuple[Listed, ...] = ()


class HttpApi(wire.Wire[Said]):
    """WeCom's part of the wire."""

    def __init__(self, fetcher: wire.Outgoing, host: str = HOST) -> None:
        super().__init__(fetcher, host, "WeCom", Said)

    async def fetch_token(self, account: Account, *, force: bool) -> Said:
        """The same as before, until it holds no longer."""
        return await self.get("/cgi-bin/gettoken", corpid=account.corp_id, corpsecret=account.secret)

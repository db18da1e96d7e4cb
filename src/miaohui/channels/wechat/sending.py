"""Speaking to followers by the customer-service API: one retry with a new token, and no other repetition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from miaohui.channels.threads.splitting import split
from miaohui.channels.threads.types import Sent, Thread
from miaohui.channels.wechat.api import Said, Unanswered
from miaohui.channels.wechat.policy import PART_BYTES, judge
from miaohui.kit.errors import Unavailable
from miaohui.kit.telemetry import get_log

if TYPE_CHECKING:
    from miaohui.channels.wechat.api import Api
    from miaohui.channels.wechat.tokens import AccessTokens
    from miaohui.channels.wechat.types import Account

_SEND = "/cgi-bin/message/custom/send"
_TYPING = "/cgi-bin/message/custom/typing"
_MENU = "/cgi-bin/menu/create"
_AGAIN_MS = 5_000
_CONFIG_MS = 600_000
"""Until somebody has looked at the account."""
_KNOWN_UNSENT = frozenset({"unreachable", "not_public"})

_log = get_log(__name__)


class Sending:
    """All accounts' calls."""

    def __init__(self, api: Api, tokens: AccessTokens) -> None:
        self._api = api
        self._tokens = tokens

    async def call(self, account: Account, path: str, payload: Any) -> Said:
        """A call with the shared token. Raises `Unanswered`, `Unavailable`."""
        token = await self._tokens.get(account)
        said = await self._api.call(path, token.text, payload)
        if judge(said.errcode) != "token":
            return said
        token = await self._tokens.renew(account, token)
        return await self._api.call(path, token.text, payload)

    async def send(self, account: Account, openid: str, text: str) -> Sent:
        """One part. Every failure is a value."""
        try:
            said = await self.call(account, _SEND, {"touser": openid, "msgtype": "text", "text": {"content": text}})
        except Unanswered as error:
            if error.code in _KNOWN_UNSENT:
                return Sent(state="waiting", detail=error.code, wait_ms=_AGAIN_MS)
            # WeChat may have done it: sent twice is worse than shown to the agent as uncertain.
            return Sent(state="uncertain", detail=error.code)
        except Unavailable as error:
            return Sent(state="waiting", detail=error.code, wait_ms=_AGAIN_MS)
        return _sent(said)

    async def typing(self, account: Account, openid: str) -> None:
        """Show that an answer is being written; best effort."""
        try:
            await self.call(account, _TYPING, {"touser": openid, "command": "Typing"})
        except (Unanswered, Unavailable) as error:
            _log.debug("wechat.typing_failed", inbox=account.inbox_id, reason=error.code)

    async def put_menu(self, account: Account, payload: dict[str, Any]) -> Said:
        """Set the account's menu. Raises `Unanswered`, `Unavailable`."""
        return await self.call(account, _MENU, payload)


def _sent(said: Said) -> Sent:
    detail = f"wechat_{said.errcode}"
    match judge(said.errcode):
        case "sent":
            return Sent(state="sent")
        case "undeliverable":
            return Sent(state="undeliverable", detail=detail)
        case "wait":
            return Sent(state="waiting", detail=detail)
        case "config":
            _log.error("wechat.config", errcode=said.errcode)
            return Sent(state="waiting", detail=detail, wait_ms=_CONFIG_MS)
    return Sent(state="waiting", detail=detail, wait_ms=_AGAIN_MS)


class AccountDoor:
    """One account as the courier sees it."""

    channel = "wechat"

    def __init__(self, account: Account, sending: Sending) -> None:
        self._account = account
        self._sending = sending
        self.inbox_id = account.inbox_id

    def split(self, text: str) -> tuple[str, ...]:
        """In parts of at most 2,048 bytes."""
        return split(text, PART_BYTES)

    async def send(self, thread: Thread, text: str) -> Sent:
        """To the follower behind the thread."""
        return await self._sending.send(self._account, thread.address, text)

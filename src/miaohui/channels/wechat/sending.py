"""Speaking to followers by the customer-service API: one retry with a new token, and no other repetition."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from miaohui.channels.link.tickets import TICKET_BYTES
from miaohui.channels.threads.parts import Card, Part, Picture, Words, plain, read_part, split_message
from miaohui.channels.threads.types import Sent, Thread
from miaohui.channels.wechat.api import Said, Unanswered, menu_payload
from miaohui.channels.wechat.policy import PART_BYTES, judge
from miaohui.kit.errors import Unavailable
from miaohui.kit.telemetry import get_log

if TYPE_CHECKING:
    from miaohui.channels.link.tickets import Tickets
    from miaohui.channels.media.files import Files
    from miaohui.channels.media.service import MediaStore
    from miaohui.channels.wechat.api import Api
    from miaohui.channels.wechat.tokens import AccessTokens
    from miaohui.channels.wechat.types import Account
    from miaohui.conversations.types import Message

T = TypeVar("T")

_SEND = "/cgi-bin/message/custom/send"
_TYPING = "/cgi-bin/message/custom/typing"
_MENU = "/cgi-bin/menu/create"
_NO_MENU = "/cgi-bin/menu/delete"
_LINK = '<a href="{url}">{title}</a>'
"""WeChat shows links in words so."""
_LINK_BYTES = 12
"""What that adds to Markdown's."""
_AGAIN_MS = 5_000
_CONFIG_MS = 600_000
"""Until somebody has looked at the account."""
_KNOWN_UNSENT = frozenset({"unreachable", "not_public"})

_log = get_log(__name__)


class Sending:
    """All accounts' calls."""

    def __init__(self, api: Api, tokens: AccessTokens[Account], files: Files, tickets: Tickets) -> None:
        self._api = api
        self._tokens = tokens
        self._files = files
        self._tickets = tickets

    @property
    def store(self) -> MediaStore:
        """Where files of followers are kept."""
        return self._files.store

    def split(self, message: Message) -> tuple[str, ...]:
        """In parts of at most 2,048 bytes, with room for a ticket where there is a link."""
        room = TICKET_BYTES if self._tickets.has_link(message.text) else 0
        links = min(message.text.count("]("), 40) * _LINK_BYTES
        return split_message(message, PART_BYTES - room - links)

    async def words(self, thread: Thread, text: str) -> str:
        """A part as plain words for one follower."""
        return plain(await self._tickets.personal(thread, text), _LINK)

    async def call(self, account: Account, path: str, payload: Any) -> Said:
        """A call with the shared token. Raises `Unanswered`, `Unavailable`."""
        return await self._with_token(account, lambda token: self._api.call(path, token, payload))

    async def _with_token(self, account: Account, ask: Callable[[str], Awaitable[Said | T]]) -> Said | T:
        token = await self._tokens.get(account)
        said = await ask(token.text)
        if not isinstance(said, Said) or judge(said.errcode) != "token":
            return said
        token = await self._tokens.renew(account, token)
        return await ask(token.text)

    async def send(self, account: Account, thread: Thread, text: str) -> Sent:
        """One part. Every failure is a value."""
        try:
            payload = await self._payload(account, thread, read_part(text))
            said = await self.call(account, _SEND, {"touser": thread.address, **payload})
        except Unanswered as error:
            if error.code in _KNOWN_UNSENT:
                return Sent(state="waiting", detail=error.code, wait_ms=_AGAIN_MS)
            # WeChat may have done it: sent twice is worse than shown to the agent as uncertain.
            return Sent(state="uncertain", detail=error.code)
        except Unavailable as error:
            return Sent(state="waiting", detail=error.code, wait_ms=_AGAIN_MS)
        return _sent(said)

    async def _payload(self, account: Account, thread: Thread, part: Part) -> dict[str, Any]:
        if isinstance(part, Card):
            url = await self._tickets.personal(thread, part.url)
            article = {"title": part.title, "description": part.text, "url": url, "picurl": ""}
            return {"msgtype": "news", "news": {"articles": [article]}}
        if isinstance(part, Picture):
            if media_id := await self._upload(account, part):
                return {"msgtype": "image", "image": {"media_id": media_id}}
            part = Words(f"{part.alt} {part.url}".strip())
        return {"msgtype": "text", "text": {"content": await self.words(thread, part.text)}}

    async def _upload(self, account: Account, picture: Picture) -> str:
        """WeChat's id of it; empty when the picture is not to be had: then its address is told."""
        file = await self._files.get(account.tenant_id, picture.url)
        if file is None:
            return ""
        try:
            said = await self._with_token(account, lambda token: self._api.upload(token, file))
        except Unanswered:
            return ""  # nobody has seen anything yet
        return said.media_id

    async def bring(self, account: Account, source: str) -> bytes:
        """A file that a follower sent. Raises `Unanswered`, `Unavailable`, `Invalid`, `Unreachable`."""
        kind, _, where = source.partition(":")
        if kind == "url":
            return await self._files.fetch(where)
        said = await self._with_token(account, lambda token: self._api.download(token, where))
        if isinstance(said, Said):
            raise Unavailable("WeChat does not give this file.", code=f"wechat_{said.errcode}")
        return said

    async def typing(self, account: Account, openid: str) -> None:
        """Show that an answer is being written; best effort."""
        try:
            await self.call(account, _TYPING, {"touser": openid, "command": "Typing"})
        except (Unanswered, Unavailable) as error:
            _log.debug("wechat.typing_failed", inbox=account.inbox_id, reason=error.code)

    async def prove(self, account: Account) -> Said:
        """The account's token as it is anyway, or what WeChat has against its AppSecret. Raises `Unanswered`."""
        return await self._api.fetch_token(account, force=False)

    async def put_menu(self, account: Account) -> Said:
        """Set the account's menu, or take it away. Raises `Unanswered`, `Unavailable`."""
        if not account.menu:
            return await self.call(account, _NO_MENU, {})
        return await self.call(account, _MENU, menu_payload(account.menu))


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
        self.split = sending.split

    async def send(self, thread: Thread, text: str) -> Sent:
        """To the follower behind the thread."""
        return await self._sending.send(self._account, thread, text)

"""Speaking to followers by the customer-service API: one retry with a new token, and no other repetition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from miaohui.channels.link.tickets import TICKET_BYTES
from miaohui.channels.threads.errors import Unanswered
from miaohui.channels.threads.parts import Card, Enclosure, Part, Picture, Words, plain, read_part, split_message
from miaohui.channels.threads.policy import outcome, unheard
from miaohui.channels.threads.types import Sent, Thread
from miaohui.channels.wechat.api import menu_payload
from miaohui.channels.wechat.calls import Calls
from miaohui.channels.wechat.policy import PART_BYTES, fits, judge
from miaohui.channels.wechat.wire import Said
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

_SEND = "/cgi-bin/message/custom/send"
_TYPING = "/cgi-bin/message/custom/typing"
_MENU = "/cgi-bin/menu/create"
_NO_MENU = "/cgi-bin/menu/delete"
_LINK = '<a href="{url}">{title}</a>'
"""WeChat shows links in words so."""
_LINK_BYTES = 12
"""What that adds to Markdown's."""

_log = get_log(__name__)


class Sending:
    """All accounts' calls."""

    def __init__(self, api: Api, tokens: AccessTokens[Account], files: Files, tickets: Tickets) -> None:
        self._api = api
        self._calls = Calls(api, tokens, files)
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

    async def send(self, account: Account, thread: Thread, text: str) -> Sent:
        """One part. Every failure is a value."""
        try:
            payload = await self._payload(account, thread, read_part(text))
            said = await self._calls.call(account, _SEND, {"touser": thread.address, **payload})
        except (Unanswered, Unavailable) as error:
            return unheard(error)
        return _sent(said)

    async def _payload(self, account: Account, thread: Thread, part: Part) -> dict[str, Any]:
        if isinstance(part, Card):
            url = await self._tickets.personal(thread, part.url)
            article = {"title": part.title, "description": part.text, "url": url, "picurl": ""}
            return {"msgtype": "news", "news": {"articles": [article]}}
        if isinstance(part, Picture | Enclosure):
            if (message := await self._calls.shown(account, part, fits)) is not None:
                return message
            part = Words(self._files.told(part.alt if isinstance(part, Picture) else part.name, part.url))
        return {"msgtype": "text", "text": {"content": await self.words(thread, part.text)}}

    async def bring(self, account: Account, source: str) -> bytes:
        """A file that a follower sent. Raises `Unanswered`, `Unavailable`, `Invalid`, `Unreachable`."""
        kind, _, where = source.partition(":")
        if kind == "url":
            return await self._files.fetch(where)
        said = await self._calls.download(account, where)
        if isinstance(said, Said):
            raise Unavailable("WeChat does not give this file.", code=f"wechat_{said.errcode}")
        return said

    async def typing(self, account: Account, openid: str) -> None:
        """Show that an answer is being written; best effort."""
        try:
            await self._calls.call(account, _TYPING, {"touser": openid, "command": "Typing"})
        except (Unanswered, Unavailable) as error:
            _log.debug("wechat.typing_failed", inbox=account.inbox_id, reason=error.code)

    async def prove(self, account: Account) -> Said:
        """The account's token as it is anyway, or what WeChat has against its AppSecret. Raises `Unanswered`."""
        return await self._api.fetch_token(account, force=False)

    async def put_menu(self, account: Account) -> Said:
        """Set the account's menu, or take it away. Raises `Unanswered`, `Unavailable`."""
        if not account.menu:
            return await self._calls.call(account, _NO_MENU, {})
        return await self._calls.call(account, _MENU, menu_payload(account.menu))


def _sent(said: Said) -> Sent:
    verdict = judge(said.errcode)
    if verdict == "config":
        _log.error("wechat.config", errcode=said.errcode)
    return outcome(verdict, f"wechat_{said.errcode}")

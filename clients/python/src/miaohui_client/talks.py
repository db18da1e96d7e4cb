"""One conversation: read it, speak in it, follow it through lost connections, hand it on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import aiohttp
import msgspec

from miaohui_client.errors import ApiError, Unreachable
from miaohui_client.events import Event, View
from miaohui_client.models import Conversation, Message, MessagePage

if TYPE_CHECKING:
    from miaohui_client.transport import Transport

_GIVE_UP = frozenset({401, 403, 404, 422})


class Talk:
    """A conversation of the server's, by its id."""

    def __init__(self, transport: Transport, conversation_id: str) -> None:
        self.id = conversation_id
        self._transport = transport
        self._path = f"/v1/conversations/{quote(conversation_id, safe='')}"

    async def get(self) -> Conversation:
        """As it is now."""
        return await self._transport.ask("GET", self._path, Conversation)

    async def messages(self, after: int = 0) -> AsyncIterator[Message]:
        """Every message after `after`, in order, however many pages that takes."""
        path = f"{self._path}/messages?after={after}&limit=200"
        cursor = ""
        while True:
            page = await self._transport.ask("GET", path + (f"&cursor={quote(cursor)}" if cursor else ""), MessagePage)
            for message in page.data:
                yield message
            cursor = page.next_cursor
            if not cursor:
                return

    async def say(self, text: str, *, note: bool = False, key: str = "") -> Message:
        """As the visitor or agent whose token this is. Give your own `key` to be safe over a restart of yours, too."""
        body = {"text": text, "note": note} if note else {"text": text}
        return await self._transport.ask("POST", f"{self._path}/messages", Message, body, key)

    async def follow(self, position: str = "") -> AsyncIterator[Event]:
        """Everything that happens, from `position` (the newest, when empty) until the caller has enough.

        Comes back by itself after a lost connection, without a gap and without showing anything twice. Raises
        `ApiError` when the conversation may not be read, `Unreachable` when nobody answers any more.
        """
        view, lost = View(), 0
        while True:
            try:
                headers = {"last-event-id": position} if position else {}
                async with self._transport.stream("GET", f"{self._path}/stream", headers=headers) as events:
                    async for identity, _, data in events:
                        lost, position = 0, identity or position
                        for event in view.take(msgspec.json.decode(data, type=dict[str, Any])):
                            yield event
            except ApiError as error:
                if error.status in _GIVE_UP:
                    raise
            except (aiohttp.ClientError, TimeoutError, OSError):
                pass  # the connection; what was missed comes with the next one
            lost += 1
            if lost >= self._transport.retrying.attempts:
                raise Unreachable("The conversation cannot be followed any more.")
            await asyncio.sleep(self._transport.pause_s(lost, None))

    async def request_human(self) -> Conversation:
        """Ask for a person; the assistant is silent from here on."""
        return await self._do("handoff")

    async def take_over(self) -> Conversation:
        """Answer oneself from here on (agents)."""
        return await self._do("take-over")

    async def hand_back(self) -> Conversation:
        """Let the assistant answer again (agents)."""
        return await self._do("hand-back")

    async def resolve(self) -> Conversation:
        """Done; the visitor's next word opens it again."""
        return await self._do("resolve")

    async def rate(self, message_id: str, rating: int) -> Message:
        """What an answer was worth: 1, -1, or 0 to take it back."""
        path = f"/v1/messages/{quote(message_id, safe='')}/rating"
        return await self._transport.ask("POST", path, Message, {"rating": rating})

    async def _do(self, deed: str) -> Conversation:
        return await self._transport.ask("POST", f"{self._path}/{deed}", Conversation, {})

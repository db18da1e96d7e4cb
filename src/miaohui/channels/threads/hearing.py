"""What any channel does with a word from outside whose answer may come later: store it, and leave the rest to turns."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from miaohui.channels.threads.types import Window, Word
from miaohui.kit.errors import Conflict
from miaohui.turns.types import Send

if TYPE_CHECKING:
    from miaohui.channels.media.service import MediaStore
    from miaohui.channels.threads.service import Threads
    from miaohui.channels.threads.types import Thread
    from miaohui.turns.service import Turns

ALWAYS = Window(lasts_ms=10 * 365 * 86_400_000, sends=1_000_000)
"""Of channels that let us speak whenever we like."""


class Hearing:
    """One channel's ear."""

    def __init__(self, channel: str, threads: Threads, turns: Turns, store: MediaStore) -> None:
        self._channel = channel
        self._threads = threads
        self._turns = turns
        self._store = store

    async def hear(self, word: Word, window: Window = ALWAYS) -> Thread:
        """Durable when this returns; the courier tells the answer. Raises `Throttled`, `Unavailable`, `Invalid`."""
        thread = await self._threads.meet_at(word)
        thread = await self._threads.heard_from(thread, window, busy_ms=0)
        text = await self._with_files(word)
        visitor, conversation = await self._threads.conversation_of(thread)
        with suppress(Conflict):  # the same thing, told in other words: the first holds
            await self._turns.accept(visitor, conversation, Send(cmid=word.key, text=text))
        return thread

    async def hear_in(self, tenant_id: str, conversation_id: str, send: Send) -> None:
        """Words of who speaks in a conversation of another door. Raises as `hear`; one that is gone is passed over."""
        found = await self._threads.visitor_in(tenant_id, conversation_id)
        if found is not None:
            with suppress(Conflict):
                await self._turns.accept(*found, send)

    async def _with_files(self, word: Word) -> str:
        shown = [word.text] if word.text else []
        for at, source in enumerate(word.files):
            key = f"{word.key}:{at}"
            media_id = await self._store.expect(self._channel, word.tenant_id, word.inbox_id, source, key)
            shown.append(f"{'!' if word.files_are == '图片' else ''}[{word.files_are}](/v1/media/{media_id})")
        return "\n".join(shown)

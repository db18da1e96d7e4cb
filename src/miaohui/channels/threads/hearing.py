"""What any channel does with a word from outside whose answer may come later: store it, and leave the rest to turns."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

from miaohui.channels.media.naming import clean
from miaohui.channels.media.types import Sender, mention
from miaohui.channels.threads.types import Window, Word
from miaohui.kit import aio
from miaohui.kit.errors import Conflict, NotFound
from miaohui.turns.types import Send

if TYPE_CHECKING:
    from miaohui.channels.media.service import MediaStore
    from miaohui.channels.threads.service import Threads
    from miaohui.channels.threads.types import Thread
    from miaohui.turns.service import Turns

ALWAYS = Window(lasts_ms=10 * 365 * 86_400_000, sends=1_000_000)
"""Of channels that let us speak whenever we like."""

TYPING_S = 4.0
"""Telegram shows it for five seconds, or until the answer is there."""

Hint: TypeAlias = Callable[[str], Awaitable[None]]
"""Shows to who is at an address that somebody writes, for `TYPING_S` and a little longer. Best effort: never raises."""


class Hearing:
    """One channel's ear."""

    def __init__(self, channel: str, threads: Threads, turns: Turns, store: MediaStore) -> None:
        self._channel = channel
        self._threads = threads
        self._turns = turns
        self._store = store

    async def hear(self, word: Word, window: Window = ALWAYS, hint: Hint | None = None) -> Thread:
        """Durable when this returns; the courier tells the answer. Raises `Throttled`, `Unavailable`, `Invalid`.

        `hint` is given while the assistant works on the answer.
        """
        thread = await self._threads.meet_at(word)
        thread = await self._threads.heard_from(thread, window, busy_ms=0)
        text = await self._with_files(word)
        visitor, conversation = await self._threads.conversation_of(thread)
        with suppress(Conflict):  # the same thing, told in other words: the first holds
            accepted = await self._turns.accept(visitor, conversation, Send(cmid=word.key, text=text))
            if hint is not None and accepted.turn.state == "running" and not accepted.dup:
                aio.launch(self._show_typing(thread, accepted.turn.id, hint), name=f"{self._channel}_typing:{word.key}")
        return thread

    async def _show_typing(self, thread: Thread, turn_id: str, hint: Hint) -> None:
        ending = aio.spawn(self._end_of(thread, turn_id), name=f"{self._channel}_typing_until:{turn_id}")
        try:
            while not ending.done():
                await hint(thread.address)
                await asyncio.wait({ending}, timeout=TYPING_S)
        finally:
            await aio.stop(ending)

    async def _end_of(self, thread: Thread, turn_id: str) -> None:
        with suppress(TimeoutError, NotFound):  # overdue or erased: nobody writes any more
            await self._turns.follow(thread.tenant_id, turn_id)

    async def hear_in(self, tenant_id: str, conversation_id: str, send: Send) -> None:
        """Words of who speaks in a conversation of another door. Raises as `hear`; one that is gone is passed over."""
        found = await self._threads.visitor_in(tenant_id, conversation_id)
        if found is not None:
            with suppress(Conflict):
                await self._turns.accept(*found, send)

    async def _with_files(self, word: Word) -> str:
        shown = [word.text] if word.text else []
        for at, file in enumerate(word.files):
            sender = Sender(tenant_id=word.tenant_id, inbox_id=word.inbox_id, name=file.name)
            media_id = await self._store.expect(self._channel, sender, file.source, f"{word.key}:{at}")
            shown.append(mention(clean(file.name) or file.what, media_id, picture=file.what == "图片"))
        return "\n".join(shown)

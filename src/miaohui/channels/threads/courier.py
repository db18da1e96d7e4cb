"""Tells threads what they have not been told: the assistant's late answers, and all words of agents."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

import msgspec

from miaohui.channels.threads import repository
from miaohui.channels.threads.types import Place, Portion, Sent, Thread
from miaohui.kit import aio, metrics
from miaohui.kit.errors import Unavailable
from miaohui.kit.telemetry import get_log

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from miaohui.channels.threads.service import Threads
    from miaohui.conversations.types import Message
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database

POLL_S = 0.5
ABANDONED_MS = 60_000
"""Longer than any sending takes: its sender is dead."""
KEPT_MS = 24 * 3_600_000
_TIDY_S = 60.0
AT_ONCE = 16
"""Threads of one inbox that are spoken to at a time."""

SENDINGS = metrics.counter("miaohui_channel_sendings_total", "Portions sent to channels outside.", ("channel", "state"))

_log = get_log(__name__)


class Outward(Protocol):
    """One inbox of some channel, as the courier needs it."""

    @property
    def inbox_id(self) -> str:
        """Whose threads."""
        ...

    @property
    def channel(self) -> str:
        """Its kind, for the counters."""
        ...

    def split(self, message: Message) -> tuple[str, ...]:
        """In parts that the channel takes, as `parts.read_part` reads them."""
        ...

    async def send(self, thread: Thread, text: str) -> Sent:
        """One part to one person; `thread.told` is its place. Every failure is a value."""
        ...


class Courier:
    """Runs on every node; a portion is reserved in the records before it is sent, so no two send the same."""

    def __init__(
        self, threads: Threads, database: Database, clock: Clock, inboxes: Callable[[], Awaitable[list[Outward]]]
    ) -> None:
        self._threads = threads
        self._database = database
        self._clock = clock
        self._inboxes = inboxes
        self._tidied_at = 0.0

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.tell_due()
                await self._tidy()
            except Unavailable as error:
                _log.warning("courier.records_unavailable", reason=error.code)
            await asyncio.sleep(POLL_S)

    async def _tidy(self) -> None:
        now = self._clock.monotonic()
        if self._tidied_at and now - self._tidied_at < _TIDY_S:
            return
        self._tidied_at = now
        now_ms = self._clock.now_ms()
        await self._database.write(lambda: repository.recover(now_ms - ABANDONED_MS))
        await self._database.write(lambda: repository.forget(now_ms - KEPT_MS))

    async def tell_due(self) -> None:
        """Everybody who may be spoken to now, once around; inboxes do not wait for one another."""
        rounds = [aio.spawn(self._tell_inbox(one), name=f"courier:{one.inbox_id}") for one in await self._inboxes()]
        try:
            await asyncio.gather(*rounds, return_exceptions=True)
        finally:
            await aio.stop(*rounds)

    async def _tell_inbox(self, inbox: Outward) -> None:
        due = await self._threads.repository.list_due(inbox.inbox_id, self._clock.now_ms())
        free = asyncio.Semaphore(AT_ONCE)

        async def tell(thread: Thread) -> None:
            async with free:
                await self._tell(inbox, thread)

        async with asyncio.TaskGroup() as tasks:
            for thread in due:
                tasks.create_task(tell(thread))

    async def _tell(self, inbox: Outward, thread: Thread) -> None:
        """All that one thread is owed, in order, as far as it goes."""
        while (portion := await self._threads.next_portion(thread, inbox.split)) is not None:
            this, now_ms = portion, self._clock.now_ms()
            if not await self._database.write(
                lambda this=this, now_ms=now_ms: repository.reserve(thread, this, now_ms),  # type: ignore[misc]
                key=thread.conversation_id,
            ):
                return
            place = Place(seq=portion.seq, part=portion.part)
            sent = await inbox.send(msgspec.structs.replace(thread, told=place), portion.text)
            SENDINGS.labels(inbox.channel, sent.state).inc()
            if sent.state != "sent":
                _log.warning("courier.not_sent", inbox=inbox.inbox_id, state=sent.state, detail=sent.detail)
            await self._settle(thread, this, sent)
            if sent.state == "waiting":
                return

    async def _settle(self, thread: Thread, portion: Portion, sent: Sent) -> None:
        now_ms = self._clock.now_ms()
        await self._database.write(lambda: repository.settle(thread, portion, sent, now_ms), key=thread.conversation_id)

"""Accept messages, run their turns one after another in each conversation, and see every turn to its end."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

from miaohui.conversations.policy import body_hash, check_cmid, check_text
from miaohui.conversations.types import Accepted, Draft, Ended
from miaohui.kit import crash, metrics
from miaohui.kit.aio import launch, within
from miaohui.kit.errors import NotFound, Throttled, Unavailable
from miaohui.kit.ids import new_id
from miaohui.kit.telemetry import about, get_log
from miaohui.kit.tracing import TRACES, trace_of
from miaohui.realtime.events import TurnEnded
from miaohui.turns.answer import answer
from miaohui.turns.entry import Entry
from miaohui.turns.outbox import StreamOutbox
from miaohui.turns.policy import MOST_ATTEMPTS, STALE_MS, conclude, sorry_for
from miaohui.turns.stopping import StopsElsewhere
from miaohui.turns.traces import spans_of
from miaohui.turns.types import Superseded, TurnResult, Work

if TYPE_CHECKING:
    from collections.abc import Callable

    from miaohui.conversations.types import Conversation, Ending, Turn
    from miaohui.guard.types import Limit
    from miaohui.identity.types import Principal
    from miaohui.journal.types import TurnEntry
    from miaohui.kit.clock import Clock
    from miaohui.realtime.service import Realtime
    from miaohui.tenants.standings import Standings
    from miaohui.turns.bounds import TurnBounds
    from miaohui.turns.records import TurnRecords
    from miaohui.turns.stages import Stages
    from miaohui.turns.types import Outcome, Send

ADMITTED = crash.point("accept.admitted", "the message was read and may come in, nothing is written")
COMMITTED = crash.point("accept.committed", "message and turn are durable, nobody was told")
TOLD = crash.point("accept.told", "watchers were told of the message, its turn was not begun")
CONCLUDED = crash.point("answer.committed", "the final answer is durable, nobody was told")

RUNNING = metrics.gauge("miaohui_turns_running", "Turns accepted and not ended, on this node.")
ENDED = metrics.counter("miaohui_turns_total", "Turns by how they ended.", ("state", "reason"))
SECONDS = metrics.histogram("miaohui_turn_seconds", "From acceptance to the end of a turn.")
_ended = cache(ENDED.labels)

_log = get_log(__name__)


class Turns:
    """The owner of every running turn of this process."""

    def __init__(
        self, records: TurnRecords, realtime: Realtime, stages: Stages, clock: Clock, bounds: TurnBounds
    ) -> None:
        self._records = records
        self._realtime = realtime
        self._stages = stages
        self._clock = clock
        self._bounds = bounds
        self._elsewhere = StopsElsewhere(records, realtime, bounds.turn_s)
        self._lines: dict[str, deque[Work]] = {}
        self._running: dict[str, StreamOutbox] = {}
        self._waiting: dict[str, list[asyncio.Future[TurnResult]]] = {}
        self._owed: set[str] = set()
        """Turns of this process whose end was not told yet."""
        self._overtaken: set[str] = set()
        """Turns in line whose thread changed hands."""
        self._owing = asyncio.Event()
        """A turn may wait to be adopted."""
        self._count = 0
        RUNNING.set_function(lambda: self._count)
        self._released = False
        self.standings: Standings | None = None
        """Who is served; without them everybody is."""
        self.on_end: Callable[[Work, TurnEntry], None] | None = None
        """Told of every turn that said something; must not block."""

    # Coming in

    async def accept(self, principal: Principal, conversation: Conversation, send: Send) -> Accepted:
        """Make a message durable and owe it a turn.

        Raises, before anything is stored: `Invalid` (text, client id), `Throttled`, `Unavailable` (`overloaded`),
        `CmidConflict`, `TenantSuspended`. Sending the same again returns what the first send made, with `dup`, whatever
        the limits say.
        """
        text = check_text(send.text, self._bounds.message_bytes)
        check_cmid(send.cmid)
        if self.standings is not None:
            self.standings.check(principal.tenant_id)
        try:
            await self._admit(principal, conversation)
        except (Throttled, Unavailable):
            # What was accepted once is not refused when its ack got lost.
            if not await self._records.was_sent(conversation, principal.key, send.cmid):
                raise
        draft = Draft(
            id=new_id("msg"),
            tenant_id=conversation.tenant_id,
            conversation_id=conversation.id,
            sender="visitor",
            sender_id=conversation.contact_id,
            sender_name=conversation.contact_name,
            text=text,
            turn_id=new_id("turn"),
            principal=principal.key,
            cmid=send.cmid,
            body_hash=body_hash(text),
            now_ms=self._clock.now_ms(),
        )
        return await self._records.accept(draft, self._begin)

    async def _admit(self, principal: Principal, conversation: Conversation) -> None:
        bounds, line = self._bounds, self._lines.get(conversation.id)
        full = self._count >= bounds.running or (line is not None and len(line) >= bounds.backlog)
        if full or self._stages.lag_s() > bounds.lag_s:
            msg = "Too much is being answered just now; nothing was stored. Send it again in a moment."
            raise Unavailable(msg, code="overloaded", retry_after_s=1.5)
        for limit in await self._stages.guard.admit(principal):
            if not limit.allowed:
                msg = f"More than {limit.limit} messages in {limit.window_s} s; nothing was stored. Wait a moment."
                raise Throttled(msg, retry_after_s=limit.retry_after_s)
        ADMITTED()

    def load(self) -> tuple[float, float]:
        """What this node bears, taken up by turns under way, and by the lateness of its loop; 1 is all of it."""
        return self._count / self._bounds.running, self._stages.lag_s() / self._bounds.lag_s

    def _strain(self) -> float:
        """Of what others ask, beside the turn that wants to know."""
        return max((self._count - 1) / self._bounds.running, self._stages.lag_s() / self._bounds.lag_s)

    async def limits_for(self, principal: Principal) -> list[Limit]:
        """Where a principal stands, without spending anything."""
        return await self._stages.guard.standing(principal)

    def _begin(self, accepted: Accepted) -> None:
        """After the commit, in commit order: tell the watchers, then start the turn or put it in line."""
        conversation, turn = accepted.conversation, accepted.turn
        if accepted.dup:
            if accepted.message.seq == conversation.last_seq:
                # The first send's commit may never have been heard of; watchers drop what they have.
                self._realtime.message_posted(conversation.tenant_id, accepted.message)
            return
        COMMITTED()
        self._realtime.message_posted(conversation.tenant_id, accepted.message)
        self._realtime.list_changed(conversation)
        TOLD()
        if turn.state == "running":
            self._enqueue(Work(turn, conversation))
        else:
            self._announce_end(turn, Ended(state=turn.state, reason=turn.reason))

    # Running

    def _enqueue(self, work: Work) -> None:
        self._count += 1
        self._owed.add(work.turn.id)
        line = self._lines.get(work.conversation.id)
        if line is None:
            self._lines[work.conversation.id] = deque((work,))
            launch(self._run_line(work.conversation.id), name=f"turns:{work.conversation.id}")
        else:
            line.append(work)

    async def _run_line(self, conversation_id: str) -> None:
        """One conversation's turns, in the order of their messages."""
        line = self._lines[conversation_id]
        try:
            while line:
                try:
                    await self._run(line[0])
                except Exception:  # noqa: BLE001  (the turns behind it are owed their ends too)
                    _log.exception("turn.lost", turn=line[0].turn.id)
                    self._owed.discard(line[0].turn.id)
                line.popleft()
                self._count -= 1
        finally:
            self._count -= len(line)
            del self._lines[conversation_id]

    async def _run(self, work: Work) -> None:
        turn = work.turn
        outbox = StreamOutbox(self._realtime, turn)
        outbox.task = asyncio.current_task()
        about(turn=turn.id, conversation=turn.conversation_id)
        if TRACES.on:
            about(trace=trace_of(turn.id))
        entry = Entry(turn, self._clock)
        self._running[turn.id] = outbox
        try:
            outcome = await self._outcome(work, outbox, entry)
            await self._end(work, outcome, outbox, entry)
        finally:
            del self._running[turn.id]

    async def _outcome(self, work: Work, outbox: StreamOutbox, entry: Entry) -> Outcome:
        if work.turn.id in self._overtaken:
            self._overtaken.discard(work.turn.id)
            return Superseded()
        if self.standings is not None and not self.standings.serves(work.turn.tenant_id):
            return Superseded(reason="suspended")
        sorry = sorry_for(work.turn.question)
        if self._clock.now_ms() - work.turn.created_at_ms > STALE_MS:
            return sorry
        try:
            async with asyncio.timeout(self._bounds.turn_s):
                return await answer(work, self._stages.under(self._strain()), outbox, entry)
        except TimeoutError:
            _log.warning("turn.overdue", turn=work.turn.id)
            return sorry
        except Exception:  # noqa: BLE001  (whatever broke, the visitor is told and a human gets it)
            _log.exception("turn.broke", turn=work.turn.id, conversation=work.turn.conversation_id)
            return sorry

    async def _end(self, work: Work, outcome: Outcome, outbox: StreamOutbox, entry: Entry) -> None:
        ending = conclude(
            work,
            outcome,
            message_id=new_id("msg"),
            knowledge_version=entry.knowledge_version,
            now_ms=self._clock.now_ms(),
        )
        page = entry.close(ending.state, ending.reason)

        def announce(ended: Ended) -> None:
            CONCLUDED()
            if ended.reason == "fenced":
                self._leave_to_others(work.turn)
                return
            if ended.message is not None and ended.conversation is not None:
                outbox.agree(ended.message.text)
                self._realtime.message_posted(work.turn.tenant_id, ended.message)
                if ended.activity is not None:
                    self._tell_handoff(ended)
                else:
                    self._realtime.list_changed(ended.conversation)
            self._announce_end(work.turn, ended, outbox)

        ended = await self._conclude(ending, page, announce)
        if TRACES.on:
            TRACES.note(spans_of(page, work.turn, self._clock.now_ms()))
        SECONDS.observe(max(0.0, (self._clock.now_ms() - work.turn.created_at_ms) / 1000))
        if ended.message is not None:
            if self.on_end is not None:
                self.on_end(work, page)
            await self._records.remember(self._stages.memory, work, ended.message.text)

    async def _conclude(self, ending: Ending, page: TurnEntry, announce: Callable[[Ended], None]) -> Ended:
        """Every turn is owed its end: while the records cannot take it, it waits for them."""
        pause_s = 0.2
        while True:
            try:
                return await self._records.conclude(ending, page, announce)
            except Unavailable as error:
                _log.warning("turn.end_waits", turn=ending.turn.id, reason=error.code)
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, 5.0)

    def _tell_handoff(self, ended: Ended) -> None:
        if ended.activity is not None and ended.conversation is not None:
            self._realtime.message_posted(ended.conversation.tenant_id, ended.activity)
            self._realtime.conversation_changed(ended.conversation)

    def _announce_end(self, turn: Turn, ended: Ended, outbox: StreamOutbox | None = None) -> None:
        _ended(ended.state, ended.reason).inc()
        self._owed.discard(turn.id)
        if outbox is not None:
            outbox.close(ended)
        else:
            event = TurnEnded(turn.conversation_id, turn.id, ended.state, ended.reason)
            self._realtime.publish(turn.tenant_id, turn.conversation_id, event)
        result = TurnResult(turn_id=turn.id, state=ended.state, reason=ended.reason, message=ended.message)
        for waiting in self._waiting.pop(turn.id, ()):
            if not waiting.done():
                waiting.set_result(result)

    def _leave_to_others(self, turn: Turn) -> None:
        """Another process adopted it while this one was away: its end is told from there, and only from there."""
        _log.warning("turn.fenced", turn=turn.id)
        self._owed.discard(turn.id)
        for waiting in self._waiting.pop(turn.id, ()):
            launch(self._pass_on(turn, waiting), name=f"follow:{turn.id}")

    async def _pass_on(self, turn: Turn, waiting: asyncio.Future[TurnResult]) -> None:
        result = await self._follow_elsewhere(turn.tenant_id, turn.id)
        if not waiting.done():
            waiting.set_result(result)

    # From outside

    def conversation_changed(self, conversation: Conversation) -> None:
        """Somebody else owns the thread: the assistant falls silent before anybody is told."""
        if conversation.status == "pending" and conversation.ownership_epoch > 1:
            self._owing.set()  # handed back: a turn may be owed for what no agent answered
        for work in self._lines.get(conversation.id, ()):
            if work.turn.ownership_epoch != conversation.ownership_epoch:
                if outbox := self._running.get(work.turn.id):
                    outbox.stop("taken_over")
                else:
                    self._overtaken.add(work.turn.id)

    def show_out(self, tenant_id: str) -> None:
        """Of a company's answers not one word lands any more; what stands in line ends when its turn comes."""
        for outbox in tuple(self._running.values()):
            if outbox.tenant_id == tenant_id:
                outbox.stop("suspended")

    async def cancel(self, principal: Principal, turn_id: str) -> None:
        """The visitor stops an answer; what they have read stays. Raises `NotFound`; an ended turn is left alone."""
        turn = await self._records.find_turn(principal.tenant_id, turn_id)
        if turn is None or not await self._owns(principal, turn):
            msg = "There is no turn of that id."
            raise NotFound(msg)
        if turn_id in self._running:
            self.stop(turn_id)
        elif turn.state == "running":
            self._elsewhere.ask(turn, self.stop)

    def stop(self, turn_id: str) -> None:
        """Stop the turn's words, if it runs here."""
        if outbox := self._running.get(turn_id):
            outbox.stop("cancelled")

    async def _owns(self, principal: Principal, turn: Turn) -> bool:
        conversation = await self._records.find_conversation(principal.tenant_id, turn.conversation_id)
        return conversation is not None and (principal.kind != "visitor" or conversation.contact_id == principal.id)

    async def follow(self, tenant_id: str, turn_id: str) -> TurnResult:
        """Wait for a turn's end, wherever it runs. Raises `TimeoutError` past the turn's deadline, `NotFound`."""
        async with asyncio.timeout(self._bounds.turn_s + 5):
            if turn_id not in self._owed:
                return await self._follow_elsewhere(tenant_id, turn_id)
            future: asyncio.Future[TurnResult] = asyncio.get_running_loop().create_future()
            self._waiting.setdefault(turn_id, []).append(future)
            return await future

    async def _follow_elsewhere(self, tenant_id: str, turn_id: str) -> TurnResult:
        while True:
            turn = await self._records.find_turn(tenant_id, turn_id)
            if turn is None:
                msg = "There is no turn of that id."
                raise NotFound(msg)
            if turn.state != "running":
                final = await self._records.find_final(tenant_id, turn_id)
                return TurnResult(turn_id=turn_id, state=turn.state, reason=turn.reason, message=final)
            await asyncio.sleep(0.3)

    # Over restarts

    async def run(self) -> None:
        """Keep this process's leases, and adopt turns that nobody runs. Until cancelled, or the drain is over."""
        while not self._released:
            try:
                if self._owed:
                    await self._records.keep(tuple(self._owed))
                await self._adopt()
            except Unavailable as error:
                _log.warning("turns.lease", reason=error.code)
            with suppress(TimeoutError):
                await within(self._bounds.lease_ms / 3000, self._owing.wait())
            self._owing.clear()

    async def _adopt(self) -> None:
        for turn in await self._records.adopt(limit=self._bounds.running, running=self._owed):
            conversation = await self._records.find_conversation(turn.tenant_id, turn.conversation_id)
            if conversation is None:
                continue
            work = Work(turn, conversation)
            if turn.attempt > MOST_ATTEMPTS:
                await self._give_up(work)
            else:
                _log.info("turn.adopted", turn=turn.id, attempt=turn.attempt)
                self._enqueue(work)
                # What changed hands before it stood in line was told to nobody here.
                if (now := await self._records.find_conversation(turn.tenant_id, turn.conversation_id)) is not None:
                    self.conversation_changed(now)

    async def _give_up(self, work: Work) -> None:
        outbox = StreamOutbox(self._realtime, work.turn)
        await self._end(work, sorry_for(work.turn.question), outbox, Entry(work.turn, self._clock))

    async def drain(self, seconds: float) -> None:
        """Let running turns end; after `seconds` the rest is left for the next process, unharmed."""
        deadline = self._clock.monotonic() + seconds
        while self._count and self._clock.monotonic() < deadline:  # noqa: ASYNC110  (once in a process's life)
            await asyncio.sleep(0.05)
        if self._count:
            _log.warning("turns.left", count=self._count)
            self._released = True
            await self._records.release()

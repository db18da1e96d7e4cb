"""The queue at work: it is drained whenever somebody could be served, and everybody is told where they stand.

The truth is in the database. Every node may drain at any moment: an assignment is one conditional update under the
agent's locked row, so two nodes never give one conversation to two agents, nor one agent too many.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from miaohui.conversations.errors import NotYours
from miaohui.conversations.ownership import is_queued
from miaohui.conversations.policy import ownership_of
from miaohui.conversations.types import Deed
from miaohui.desk import policy, queue, repository
from miaohui.desk.errors import AgentFull
from miaohui.desk.ports import THE_DESK
from miaohui.desk.summary import language_of, sentiment_of
from miaohui.desk.types import Place, Seat
from miaohui.desk.words import away_words
from miaohui.inboxes.hours import is_open, next_opening
from miaohui.kit import metrics
from miaohui.kit.aio import spawn
from miaohui.kit.errors import Conflict, MiaohuiError, NotFound, Unavailable
from miaohui.kit.telemetry import get_log
from miaohui.realtime.events import QueueUpdated
from miaohui.realtime.frames import rfc3339

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Sequence

    from miaohui.conversations.ports import Actor
    from miaohui.conversations.service import Changed, Conversations
    from miaohui.conversations.types import Conversation
    from miaohui.desk.notices import Notices
    from miaohui.desk.ports import Told
    from miaohui.desk.service import Desk
    from miaohui.desk.types import Agent, Assignment, StintKind, Waiting
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database, Operation

GATHER_S = 0.02
"""What happens together is given out together."""
SWEEP_S = 2.0
AT_ONCE = 200
TOGETHER = 25
"""Newcomers who are met at a time, so that they share commits."""
OFTEN = 200
"""A queue up to this length is told of every change at once."""
TELL_S = 2.0
"""A longer one not more often than this."""
READ_MESSAGES = 20

ASSIGNED = metrics.counter("miaohui_desk_assigned_total", "Conversations given to agents, by how.", ("kind",))
WAITED = metrics.histogram(
    "miaohui_desk_wait_seconds",
    "From the queue to an agent.",
    buckets=(1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600),
)

_log = get_log(__name__)


class Dispatch:
    """Gives conversations to agents, and takes them back from those who are gone."""

    def __init__(self, database: Database, clock: Clock, conversations: Conversations, desk: Desk, told: Told) -> None:
        self._database = database
        self._clock = clock
        self._conversations = conversations
        self._desk = desk
        self._told = told
        self._inboxes = desk.inboxes
        self.repository = queue.QueueRepository(database)
        self.grace_ms = 60_000
        self.notices: Notices | None = None
        self._again: set[str] = set()
        self._draining: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._tell_at: dict[str, float] = {}
        """When a long queue is told again, monotonic; by tenant."""
        desk.on_change = self.drain_later

    # What sets it going

    def conversation_changed(self, conversation: Conversation) -> None:
        """Told of every change of owner, before any watcher. A new conversation concerns nobody here."""
        if conversation.status == "pending" and conversation.ownership_epoch == 1:
            return
        self._spawn(self._follow(conversation), "desk:follow")
        self.drain_later(conversation.tenant_id)

    def drain_later(self, tenant_id: str) -> None:
        """Soon, once for all that asks for it meanwhile."""
        self._again.add(tenant_id)
        if tenant_id not in self._draining:
            self._draining.add(tenant_id)
            self._spawn(self._drain_while_asked(tenant_id), "desk:drain")

    def _spawn(self, work: Coroutine[None, None, None], name: str) -> None:
        task = spawn(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settle(self) -> None:
        """Return when nothing is being given out or noted, so that the records may be closed."""
        while self._tasks:
            await asyncio.wait(self._tasks, timeout=5)

    async def run(self) -> None:
        """Notice who came, who went and what is due, until cancelled. Any number of nodes may."""
        while True:
            try:
                await self.sweep()
            except Unavailable as error:
                _log.warning("desk.records_unavailable", reason=error.code)
            except MiaohuiError:
                _log.exception("desk.sweep_failed")
            await asyncio.sleep(SWEEP_S)

    async def sweep(self) -> None:
        """One round."""
        await self._desk.note_connected()
        await self._desk.note_gone(self.grace_ms)
        await self.take_back()
        await self.wake_due()
        for tenant_id in await self.repository.list_tenants():
            await self.drain(tenant_id)

    async def _drain_while_asked(self, tenant_id: str) -> None:
        try:
            while tenant_id in self._again:
                await asyncio.sleep(GATHER_S)
                self._again.discard(tenant_id)
                with suppress(Unavailable):
                    await self.take_back(tenant_id)
                    await self.drain(tenant_id)
        finally:
            self._draining.discard(tenant_id)

    # Giving out

    async def drain(self, tenant_id: str) -> None:
        """Give out every free place, then tell everybody who still waits."""
        waiting = await self.repository.list_waiting(tenant_id)
        if not waiting:
            return
        if unknown := [one.conversation_id for one in waiting if not one.known]:
            await self._meet(tenant_id, unknown)
            waiting = await self.repository.list_waiting(tenant_id)
        agents = await self._desk.list_agents(tenant_id)
        names, seats = {agent.person_id: agent.name for agent in agents}, seats_of(agents)
        given = [
            one for one in policy.assign(waiting, seats) if await self._assign(tenant_id, one, names[one.agent_id])
        ]
        if given:
            waiting = await self.repository.list_waiting(tenant_id)
            seats = seats_of(await self._desk.list_agents(tenant_id))
        if len(waiting) <= OFTEN or self._clock.monotonic() >= self._tell_at.get(tenant_id, 0.0):
            self._tell_at[tenant_id] = self._clock.monotonic() + TELL_S
            await self._tell_places(tenant_id, waiting, seats)

    async def _assign(self, tenant_id: str, assignment: Assignment, name: str) -> bool:
        """False when somebody was faster, or the agent left meanwhile: the next round sees how it is then."""
        conversation = await self._conversations.find(tenant_id, assignment.conversation_id)
        if conversation is None or not is_queued(ownership_of(conversation)):
            return False
        deed = Deed(
            act="assign",
            agent_id=assignment.agent_id,
            activity=f"assigned:{name}",
            event="conversation.assigned",
        )
        with suppress(NotYours, AgentFull):
            await self.serve(conversation, deed, "assigned", THE_DESK)
            return True
        return False

    async def serve(self, conversation: Conversation, deed: Deed, kind: StintKind, by: Actor) -> Conversation:
        """Give it to `deed.agent_id`; only what the desk gives must find room, what is taken by hand need not.

        Raises `NotYours`, `AgentFull`.
        """
        now_ms = self._clock.now_ms()

        def within(changing: Operation[Changed]) -> Operation[Changed]:
            if kind == "assigned":
                yield from queue.take_seat(conversation.tenant_id, deed.agent_id, now_ms)
            changed = yield from changing
            yield from queue.forget_place(conversation.tenant_id, conversation.id)
            if deed.agent_id:
                yield from queue.begin_stint(changed[0], kind, now_ms)
            if kind in {"claimed", "taken_over"}:
                # In the same transaction: else somebody could take it back before it is known that they are here.
                yield from repository.act(conversation.tenant_id, deed.agent_id, now_ms)
            return changed

        after = await self._conversations.do(conversation, deed, by, within=within)
        ASSIGNED.labels(kind).inc()
        if conversation.queued_at_ms:
            WAITED.observe(max(0, now_ms - conversation.queued_at_ms) / 1000)
        return after

    # Who just came into the queue

    async def _meet(self, tenant_id: str, conversation_ids: Iterable[str]) -> None:
        """Note language and mood of newcomers; tell them what holds and what is closed, once for each stay."""
        some = list(conversation_ids)[:AT_ONCE]
        for start in range(0, len(some), TOGETHER):
            await asyncio.gather(*(self._try_to_meet(tenant_id, one) for one in some[start : start + TOGETHER]))

    async def _try_to_meet(self, tenant_id: str, conversation_id: str) -> None:
        conversation = await self._conversations.find(tenant_id, conversation_id)
        if conversation is not None and is_queued(ownership_of(conversation)):
            with suppress(Conflict, NotFound):  # another node met them in the same moment
                await self._meet_one(conversation)

    async def _meet_one(self, conversation: Conversation) -> None:
        said = await self._conversations.messages(conversation, limit=READ_MESSAGES)
        words = [one.text for one in said if one.sender == "visitor" and one.kind == "text"]
        inbox = await self._inboxes.get(conversation.tenant_id, conversation.inbox_id)
        language = language_of(words) or inbox.locale[:2]
        sentiment = sentiment_of(words) if conversation.handoff_reason != "sentiment" else -1

        def enter() -> Operation[bool]:
            return queue.enter(conversation, language, sentiment)

        texts = await self._words_for(conversation, "zh-CN" if language == "zh" else "en")
        if texts:
            await self._conversations.tell(conversation, "\n\n".join(texts), enter)
        else:
            await self._database.write(enter, key=conversation.id)

    async def _words_for(self, conversation: Conversation, locale: str) -> list[str]:
        """What is wrong just now, and that nobody is there, if so."""
        tenant_id, inbox_id = conversation.tenant_id, conversation.inbox_id
        holding = await self.notices.holding_at(tenant_id, inbox_id) if self.notices else ()
        texts = [notice.text_for(locale) for notice in holding]
        hours = await self._inboxes.hours_of(tenant_id, inbox_id)
        now_ms = self._clock.now_ms()
        if hours is not None and not is_open(hours, now_ms):
            texts.append(away_words(hours, next_opening(hours, now_ms), locale))
        return texts

    # Telling

    async def _tell_places(self, tenant_id: str, waiting: Sequence[Waiting], seats: Sequence[Seat]) -> None:
        stint_s = policy.usual_stint_s(await self.repository.stint_lengths_s(tenant_id))
        told = {one.conversation_id: (one.told, one.estimate_s) for one in waiting}
        news = [
            place
            for place in policy.places(waiting, seats, stint_s)
            if policy.is_news(told[place.conversation_id], place)
        ]
        for start in range(0, len(news), AT_ONCE):
            some = news[start : start + AT_ONCE]
            for place in await self._database.write(lambda some=some: queue.tell(tenant_id, some)):  # type: ignore[misc]
                self._told.publish(tenant_id, place.conversation_id, await self._news(tenant_id, place))

    async def _news(self, tenant_id: str, place: Place) -> QueueUpdated:
        opens_at_ms = await self._opens_at_ms(tenant_id, place.conversation_id) if place.estimate_s is None else None
        return QueueUpdated(
            conv=place.conversation_id,
            position=place.position,
            estimate_s=place.estimate_s,
            reason=place.reason,
            opens_at=rfc3339(opens_at_ms) if opens_at_ms else "",
        )

    async def _opens_at_ms(self, tenant_id: str, conversation_id: str) -> int | None:
        conversation = await self._conversations.find(tenant_id, conversation_id)
        if conversation is None:
            return None
        hours = await self._inboxes.hours_of(tenant_id, conversation.inbox_id)
        now_ms = self._clock.now_ms()
        return None if is_open(hours, now_ms) else next_opening(hours, now_ms)

    async def place_of(self, conversation: Conversation) -> QueueUpdated | None:
        """Where it stands in the queue, as it was told last; None when it does not wait."""
        if not is_queued(ownership_of(conversation)):
            return None
        known = await self.repository.find_place(conversation.tenant_id, conversation.id)
        if known is None:
            return None
        position, estimate_s = known
        place = Place(conversation_id=conversation.id, position=position, estimate_s=estimate_s)
        return await self._news(conversation.tenant_id, place)

    # Taking back, waking, keeping books

    async def take_back(self, only_tenant: str = "") -> None:
        """What agents had who are gone or went offline waits again, in its old place."""
        for missed in await self._desk.repository.list_missed(AT_ONCE, only_tenant):
            conversation = await self._conversations.find(missed.tenant_id, missed.conversation_id)
            if conversation is not None:
                deed = Deed(act="release", agent_id=missed.agent_id, activity=f"released:{missed.name}")
                with suppress(NotYours):
                    await self._conversations.do(conversation, deed, THE_DESK)

    async def wake_due(self) -> None:
        """Snoozed conversations whose time has come."""
        for conversation in await self._conversations.list_due():
            deed = Deed(act="wake", activity="woken", event="conversation.opened")
            with suppress(NotYours):
                await self._conversations.do(conversation, deed, THE_DESK)

    async def _follow(self, conversation: Conversation) -> None:
        """Whoever serves is there, and their stint begins; who no longer serves has ended theirs."""
        now_ms = self._clock.now_ms()

        def operation() -> Operation[None]:
            if conversation.status != "open" or not conversation.assignee_id:
                yield from queue.end_stints(conversation, now_ms)
                return
            yield from queue.forget_place(conversation.tenant_id, conversation.id)
            yield from queue.begin_stint(conversation, "taken_over", now_ms)
            yield from repository.act(conversation.tenant_id, conversation.assignee_id, now_ms)

        with suppress(Conflict, Unavailable):
            await self._database.write(operation, key=conversation.id)


def seats_of(agents: Iterable[Agent]) -> list[Seat]:
    """Those who can be given somebody."""
    return [
        Seat(
            agent_id=agent.person_id,
            capacity=agent.capacity,
            load=agent.load,
            skills=frozenset(agent.skills),
            languages=frozenset(agent.languages),
            teams=frozenset(agent.teams),
            assigned_at_ms=agent.assigned_at_ms,
        )
        for agent in agents
        if agent.presence == "online" and agent.capacity > 0
    ]

"""Opening, changing, finding tickets, and asking afterwards how it went."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from miaohui.conversations.errors import NotYours
from miaohui.identity.types import Principal
from miaohui.kit import metrics
from miaohui.kit.aio import launch
from miaohui.kit.cache import Cache
from miaohui.kit.comma import format_table
from miaohui.kit.errors import Conflict, FieldError, Invalid, MiaohuiError, NotFound, Unavailable
from miaohui.kit.ids import new_id
from miaohui.kit.paging import Cursor, Page, page, parse_cursor
from miaohui.kit.telemetry import get_log
from miaohui.realtime.events import TicketUpdated
from miaohui.realtime.frames import rfc3339
from miaohui.tickets import policy, repository
from miaohui.tickets.errors import TicketChanged
from miaohui.tickets.types import Amendment, Filter, Opening, Rule, Ticket, TicketEvent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miaohui.conversations.types import Conversation
    from miaohui.inboxes.hours import Hours
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database
    from miaohui.tickets.ports import Neighbours
    from miaohui.tickets.types import EventKind, Priority

SWEEP_S = 5.0
EXPORTED = 10_000
ERASED = "[erased]"
"""What a ticket is called whose words were erased."""
MOST_RULES = 50
TRIES = 5
HEAD = (
    "number", "subject", "status", "priority", "category", "assignee", "team", "contact", "conversation", "opened_by",
    "created_at", "due_at", "closed_at", "overdue",
)  # fmt: skip

OPENED = metrics.counter("miaohui_tickets_opened_total", "Tickets opened, by whom.", ("by",))

_log = get_log(__name__)


class Tickets:
    """Every ticket of every tenant, one tenant at a time."""

    def __init__(self, database: Database, clock: Clock, around: Neighbours) -> None:
        self._database = database
        self._clock = clock
        self._around = around
        self._repository = repository.TicketsRepository(database)
        self._rules: Cache[str, tuple[Rule, ...]] = Cache(clock, size=10_000, seconds=10)

    # Opening

    async def open(self, by: Principal, opening: Opening) -> Ticket:
        """By an agent or a key. Raises `Invalid`, `NotFound` on a conversation or person that is not there."""
        conversation = None
        if opening.conversation_id:
            conversation = await self._around.conversations.access(by, opening.conversation_id)
        if opening.assignee_id:
            await self._around.people.get_person(by.tenant_id, opening.assignee_id)
        ticket = self._drawn(by.tenant_id, opening, conversation, by.key)
        opened = await self._open(ticket, by.key, by.name)
        if opened is None:
            raise Conflict("This ticket is open already.")
        return opened

    async def open_for_assistant(self, conversation: Conversation, opening: Opening) -> Ticket:
        """What the assistant promised to have looked after. Raises `Invalid`."""
        ticket = self._drawn(conversation.tenant_id, opening, conversation, "assistant")
        opened = await self._open(ticket, "assistant", "")
        if opened is None:
            raise Conflict("This ticket is open already.")
        return opened

    def _drawn(self, tenant_id: str, opening: Opening, conversation: Conversation | None, by: str) -> Ticket:
        if len(opening.description) > policy.TEXT_CHARS:
            wanted = f"at most {policy.TEXT_CHARS} characters"
            raise Invalid("The description is too long.", errors=[FieldError("$.description", wanted)])
        subject = policy.checked_subject(opening.subject)
        now_ms = self._clock.now_ms()
        return Ticket(
            id=new_id("tick"),
            tenant_id=tenant_id,
            subject=subject,
            description=opening.description.replace("\x00", ""),
            priority=opening.priority,
            category=opening.category or policy.classify(subject, opening.description),
            conversation_id=conversation.id if conversation else "",
            contact_id=conversation.contact_id if conversation else "",
            inbox_id=conversation.inbox_id if conversation else "",
            assignee_id=opening.assignee_id,
            team_id=opening.team_id,
            opened_by=by,
            created_at_ms=now_ms,
            updated_at_ms=now_ms,
        )

    async def _open(self, ticket: Ticket, actor: str, name: str) -> Ticket | None:
        hours = await self._hours(ticket)
        minutes = (await self.targets(ticket.tenant_id))[ticket.priority]
        due = msgspec.structs.replace(ticket, due_at_ms=policy.due_at(hours, ticket.created_at_ms, minutes))
        event = self._event(due, actor, name, "opened", due.subject)
        for attempt in range(TRIES):
            try:
                opened = await self._database.write(
                    lambda: repository.open_ticket(due, event), key=f"tickets:{due.tenant_id}"
                )
            except Conflict:  # another node took the number in the same moment
                if attempt == TRIES - 1:
                    raise
                continue
            if opened is not None:
                OPENED.labels(ticket.opened_by.partition(":")[0]).inc()
                self._tell(opened)
            return opened
        return None

    # Finding

    async def get(self, tenant_id: str, ticket_id: str) -> Ticket:
        """Raises `NotFound`."""
        found = await self._repository.find(tenant_id, ticket_id)
        if found is None:
            raise NotFound("There is no such ticket.")
        return found

    async def events(self, ticket: Ticket) -> list[TicketEvent]:
        """What happened to it, oldest first."""
        return await self._repository.list_events(ticket.tenant_id, ticket.id)

    async def list_(self, tenant_id: str, wanted: Filter, *, cursor: str = "", limit: int = 50) -> Page[Ticket]:
        """The last changed first. Raises `Invalid` on a cursor that is not ours."""
        rows = await self._repository.list_page(tenant_id, wanted, parse_cursor(cursor), limit + 1)
        return page(rows, limit, lambda ticket: Cursor(ticket.updated_at_ms, ticket.id))

    async def export(self, tenant_id: str, wanted: Filter) -> str:
        """The first ten thousand as a table that runs nothing."""
        now_ms = self._clock.now_ms()
        rows = await self._repository.list_page(tenant_id, wanted, None, EXPORTED)
        return format_table(
            HEAD,
            (
                (
                    ticket.number, ticket.subject, ticket.status, ticket.priority, ticket.category, ticket.assignee_id,
                    ticket.team_id, ticket.contact_id, ticket.conversation_id, ticket.opened_by,
                    rfc3339(ticket.created_at_ms), _moment(ticket.due_at_ms), _moment(ticket.closed_at_ms),
                    "yes" if policy.is_overdue(ticket, now_ms) else "no",
                )
                for ticket in rows
            ),
        )  # fmt: skip

    # Changing

    async def list_of_contacts(self, tenant_id: str, contact_ids: Sequence[str]) -> list[Ticket]:
        """Tickets about these contacts, oldest first."""
        return await self._repository.list_of_contacts(tenant_id, contact_ids)

    async def erase(self, tenant_id: str, contact_ids: Sequence[str]) -> int:
        """What their tickets say is gone for good; how many they are."""
        return await self._database.write(lambda: repository.erase(tenant_id, contact_ids, ERASED))

    async def change(self, by: Principal, ticket_id: str, wanted: Amendment) -> Ticket:
        """What is not None. Raises `Invalid`, `NotFound`, `TicketChanged`."""
        known = await self.get(by.tenant_id, ticket_id)
        if wanted.assignee_id:
            await self._around.people.get_person(by.tenant_id, wanted.assignee_id)
        if wanted.description is not None and len(wanted.description) > policy.TEXT_CHARS:
            limit = f"at most {policy.TEXT_CHARS} characters"
            raise Invalid("The description is too long.", errors=[FieldError("$.description", limit)])
        fields = {name: value for name, value in msgspec.structs.asdict(wanted).items() if value is not None}
        if "subject" in fields:
            fields["subject"] = policy.checked_subject(fields["subject"])
        changed = await self._timed(msgspec.structs.replace(known, **fields), known)
        what = ", ".join(f"{name}: {value}" for name, value in fields.items() if name != "description")
        return await self._store(known, changed, self._event(known, by.key, by.name, "changed", what[:1_000]))

    async def _timed(self, changed: Ticket, known: Ticket) -> Ticket:
        """With the clock as status and priority have it."""
        hours, now_ms = await self._hours(known), self._clock.now_ms()
        due_at_ms, left_ms = policy.after_status(known, changed.status, hours, now_ms)
        if changed.priority != known.priority and changed.status != "done":
            targets = await self.targets(known.tenant_id)
            timed = msgspec.structs.replace(changed, due_at_ms=due_at_ms, left_ms=left_ms)
            allowed = (targets[known.priority], targets[changed.priority])
            due_at_ms, left_ms = policy.after_priority(timed, allowed, hours, now_ms)
        closed_at_ms = (known.closed_at_ms or now_ms) if changed.status == "done" else 0
        return msgspec.structs.replace(changed, due_at_ms=due_at_ms, left_ms=left_ms, closed_at_ms=closed_at_ms)

    async def comment(self, by: Principal, ticket_id: str, text: str) -> TicketEvent:
        """Words about it, for agents. Raises `Invalid`, `NotFound`."""
        ticket = await self.get(by.tenant_id, ticket_id)
        text = text.replace("\x00", "").strip()
        if not 0 < len(text) <= policy.TEXT_CHARS:
            wanted = f"1 to {policy.TEXT_CHARS} characters"
            raise Invalid("The comment is empty or too long.", errors=[FieldError("$.text", wanted)])
        event = self._event(ticket, by.key, by.name, "comment", text)
        await self._database.write(lambda: repository.note(event))
        self._tell(ticket)
        return event

    async def plan_follow_up(self, by: Principal, ticket_id: str, at_ms: int, text: str) -> Ticket:
        """Ask the contact then how it went, in this person's name. Raises `Invalid`, `NotFound`, `TicketChanged`."""
        known = await self.get(by.tenant_id, ticket_id)
        now_ms = self._clock.now_ms()
        if not known.conversation_id:
            raise Conflict("The ticket belongs to no conversation: there is nobody to ask.", code="nobody_to_ask")
        if not now_ms < at_ms <= now_ms + 366 * 24 * 3_600_000:
            raise Invalid("This is no moment to ask at.", errors=[FieldError("$.at", "a moment in the coming year")])
        changed = msgspec.structs.replace(
            known, follow_up_at_ms=at_ms, follow_up_text=text.replace("\x00", ""), follow_up_by=by.id
        )
        event = self._event(known, by.key, by.name, "follow_up_planned", rfc3339(at_ms))
        return await self._store(known, changed, event)

    async def drop_follow_up(self, by: Principal, ticket_id: str) -> Ticket:
        """Do not ask. Raises `NotFound`, `TicketChanged`."""
        known = await self.get(by.tenant_id, ticket_id)
        changed = msgspec.structs.replace(known, follow_up_at_ms=0)
        return await self._store(known, changed, self._event(known, by.key, by.name, "follow_up_dropped", ""))

    async def _store(self, known: Ticket, changed: Ticket, event: TicketEvent) -> Ticket:
        now_ms = max(self._clock.now_ms(), known.updated_at_ms + 1)
        stored = msgspec.structs.replace(changed, updated_at_ms=now_ms)
        if not await self._database.write(lambda: repository.change(known, stored, event)):
            raise TicketChanged("Somebody else changed the ticket meanwhile. Look at it again.")
        self._tell(stored)
        return stored

    # By itself

    async def run(self) -> None:
        """Send follow-ups when they are due, until cancelled. Any number of nodes may."""
        while True:
            try:
                await self.send_follow_ups()
            except Unavailable as error:
                _log.warning("tickets.records_unavailable", reason=error.code)
            except MiaohuiError:
                _log.exception("tickets.sweep_failed")
            await asyncio.sleep(SWEEP_S)

    async def send_follow_ups(self) -> None:
        """Each once, whichever node sends it: the message's client id is made from ticket and time."""
        for ticket in await self._repository.list_due_follow_ups(self._clock.now_ms(), 100):
            try:
                person = await self._around.people.get_person(ticket.tenant_id, ticket.follow_up_by)
                agent = Principal(
                    tenant_id=ticket.tenant_id, kind="agent", id=person.id, name=person.name, role=person.role
                )
                conversation = await self._around.conversations.access(agent, ticket.conversation_id)
                cmid = f"fu-{ticket.id[-26:]}-{ticket.follow_up_at_ms}"
                await self._around.conversations.remark(conversation, agent, ticket.follow_up_text, cmid)
                event = self._event(ticket, agent.key, agent.name, "follow_up_sent", ticket.follow_up_text[:1_000])
            except NotYours:
                continue  # it changed hands in this moment: the next round finds it as it is then
            except (NotFound, Invalid, Conflict) as error:
                event = self._event(ticket, "tickets", "", "follow_up_dropped", error.code)
            with suppress(TicketChanged):
                await self._store(ticket, msgspec.structs.replace(ticket, follow_up_at_ms=0), event)

    def conversation_changed(self, conversation: Conversation) -> None:
        """Told of every change of owner, status or label: a rule may open a ticket."""
        if conversation.handoff_reason or conversation.labels:
            launch(self.apply_rules(conversation), name="tickets:rules")

    async def apply_rules(self, conversation: Conversation) -> None:
        """Every rule opens one ticket for a conversation at the most."""
        with suppress(Unavailable):
            for rule in await self.list_rules(conversation.tenant_id):
                if policy.applies(rule, conversation.handoff_reason, conversation.labels):
                    opening = Opening(
                        subject=rule.subject, priority=rule.priority, category=rule.category, team_id=rule.team_id
                    )
                    drawn = self._drawn(conversation.tenant_id, opening, conversation, f"rule:{rule.id}")
                    with suppress(Conflict):
                        await self._open(msgspec.structs.replace(drawn, rule_id=rule.id), f"rule:{rule.id}", rule.name)

    # Rules and targets

    async def list_rules(self, tenant_id: str) -> tuple[Rule, ...]:
        """Oldest first; what was read may be ten seconds old."""
        known = self._rules.get(tenant_id)
        if known is None:
            known = tuple(await self._repository.list_rules(tenant_id))
            self._rules.put(tenant_id, known)
        return known

    async def create_rule(self, rule: Rule) -> Rule:
        """Raises `Invalid` when it asks for nothing, `Conflict` when there are too many."""
        policy.check_rule(rule)
        if len(await self._repository.list_rules(rule.tenant_id)) >= MOST_RULES:
            raise Conflict(f"A company has at most {MOST_RULES} rules.", code="rule_limit")
        now_ms, subject = self._clock.now_ms(), policy.checked_subject(rule.subject)
        made = msgspec.structs.replace(rule, id=new_id("rule"), subject=subject, created_at_ms=now_ms)
        self._rules.forget(rule.tenant_id)
        return await self._database.write(lambda: repository.insert_rule(made))

    async def change_rule(self, rule: Rule) -> Rule:
        """In place of the one with its id; tickets that it opened stay. Raises `Invalid`, `NotFound`."""
        if all(known.id != rule.id for known in await self._repository.list_rules(rule.tenant_id)):
            raise NotFound("There is no such rule.")
        policy.check_rule(rule)
        changed = msgspec.structs.replace(rule, subject=policy.checked_subject(rule.subject))
        if not await self._database.write(lambda: repository.change_rule(changed)):
            raise NotFound("There is no such rule.")
        self._rules.forget(rule.tenant_id)
        return changed

    async def delete_rule(self, tenant_id: str, rule_id: str) -> None:
        """Its tickets stay. Raises `NotFound`."""
        if not await self._database.write(lambda: repository.delete_rule(tenant_id, rule_id)):
            raise NotFound("There is no such rule.")
        self._rules.forget(tenant_id)

    async def targets(self, tenant_id: str) -> dict[Priority, int]:
        """Working minutes until a ticket should be done, by priority."""
        return {**policy.DUE_MINUTES, **await self._repository.targets(tenant_id)}

    async def set_targets(self, tenant_id: str, targets: dict[Priority, int]) -> dict[Priority, int]:
        """For tickets opened from now on. Raises `Invalid`."""
        if not all(0 < minutes <= policy.MOST_MINUTES for minutes in targets.values()):
            raise Invalid(
                "The targets are not in form.", errors=[FieldError("$", f"1 to {policy.MOST_MINUTES} minutes")]
            )
        await self._database.write(lambda: repository.set_targets(tenant_id, targets))
        return await self.targets(tenant_id)

    async def preview(self, tenant_id: str, targets: dict[Priority, int], inbox_id: str) -> dict[Priority, int]:
        """When a ticket that is opened now would be due; without an inbox, hours do not count. Raises `NotFound`."""
        hours = await self._around.inboxes.hours_of(tenant_id, inbox_id) if inbox_id else None
        now_ms = self._clock.now_ms()
        return {priority: policy.due_at(hours, now_ms, minutes) for priority, minutes in targets.items()}

    async def _hours(self, ticket: Ticket) -> Hours | None:
        return await self._around.inboxes.hours_of(ticket.tenant_id, ticket.inbox_id) if ticket.inbox_id else None

    def _event(self, ticket: Ticket, actor: str, name: str, kind: EventKind, detail: str) -> TicketEvent:
        return TicketEvent(
            id=new_id("tev"),
            tenant_id=ticket.tenant_id,
            ticket_id=ticket.id,
            at_ms=self._clock.now_ms(),
            actor=actor,
            actor_name=name,
            kind=kind,
            detail=detail,
        )

    def _tell(self, ticket: Ticket) -> None:
        event = TicketUpdated(ticket.id, ticket.number, ticket.status, ticket.assignee_id, ticket.conversation_id)
        self._around.told.tell_tenant(ticket.tenant_id, event)


def _moment(at_ms: int) -> str:
    return rfc3339(at_ms) if at_ms else ""

"""What REST answers with about the desk. Encoded by msgspec, as `views` says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from miaohui.contacts.types import Contact
from miaohui.desk.summary import Summary
from miaohui.desk.types import Agent, InboxDesk, Mention, Reply, Team
from miaohui.inboxes.hours import Hours, Span
from miaohui.realtime.events import QueueUpdated
from miaohui.realtime.frames import WireConversation, rfc3339


class AgentView(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody at the desk."""

    id: str
    name: str
    presence: str
    """`online`, `away`, `offline`; offline too when nothing is heard from them."""
    capacity: int
    load: int
    """Open conversations that they have."""
    skills: list[str]
    languages: list[str]
    teams: list[str]


class AgentList(msgspec.Struct, frozen=True):
    """Everybody who may serve."""

    data: list[AgentView]


class TeamView(msgspec.Struct, frozen=True, kw_only=True):
    """A team."""

    id: str
    name: str
    members: list[str]


class TeamList(msgspec.Struct, frozen=True):
    """All teams."""

    data: list[TeamView]


class WaitingView(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation in the queue."""

    conversation_id: str
    position: int
    """Within its team; 1 is next."""
    estimate_s: int | None
    queued_at: str
    team_id: str
    priority: str
    language: str
    sentiment: int
    """-1 upset, 1 pleased, 0 neither."""
    vip: bool


class QueueView(msgspec.Struct, frozen=True):
    """Who waits, in the order in which they will be served."""

    data: list[WaitingView]


class PlaceView(msgspec.Struct, frozen=True, kw_only=True):
    """Where a visitor stands."""

    waiting: bool
    position: int | None = None
    estimate_s: int | None = None
    """None: nobody who could serve is there."""
    opens_at: str | None = None


class EntityView(msgspec.Struct, frozen=True):
    """Something that the visitor named."""

    kind: str
    """`order`, `phone`, `email`, `amount`, `date`, `url`."""
    text: str


class TriedView(msgspec.Struct, frozen=True):
    """What the assistant answered."""

    question: str
    answer: str
    sources: list[str]


class SeenView(msgspec.Struct, frozen=True, kw_only=True):
    """Up to which `seq` who has looked."""

    visitor: int
    agents: int


class SummaryView(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent should know before the first word. All of it is text as the visitor wrote it."""

    reason: str | None
    wants: str
    first: str
    tried: list[TriedView]
    entities: list[EntityView]
    sentiment: int
    language: str
    visitor_messages: int
    contact: ContactDetail


class ContactDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A contact, for agents."""

    id: str
    name: str
    external_id: str
    verified: bool
    inbox_id: str
    attributes: dict[str, str]
    blocked: bool
    merged_into: str
    created_at: str
    last_seen_at: str
    also: list[str] = []
    """Ids of contacts that were found to be this one."""


class Vips(msgspec.Struct, frozen=True):
    """Contacts who are served sooner."""

    ids: list[str]


class OrderView(msgspec.Struct, frozen=True, kw_only=True):
    """An order, as far as it fits on a card."""

    id: str
    title: str
    """What was bought."""
    state: str
    paid: str
    made_at: str


class OrderList(msgspec.Struct, frozen=True):
    """Orders of a contact, the last first."""

    data: list[OrderView]
    known: bool
    """Whether the shop was asked, and for whom."""


class ContactList(msgspec.Struct, frozen=True):
    """Contacts, the last seen first."""

    data: list[ContactDetail]


class HitView(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation that was found."""

    conversation: WireConversation
    message_id: str = ""
    seq: int = 0
    excerpt: str = ""
    """Where the words stand; empty when they are in the contact's name."""


class HitList(msgspec.Struct, frozen=True):
    """What was found, among the two thousand conversations that changed last."""

    data: list[HitView]


class LabelList(msgspec.Struct, frozen=True):
    """Labels in use, the most used first."""

    data: list[str]


class ReplyView(msgspec.Struct, frozen=True, kw_only=True):
    """A canned reply."""

    id: str
    short_code: str
    text: str
    updated_at: str


class ReplyList(msgspec.Struct, frozen=True):
    """Canned replies, by code. `next_cursor` is the last code."""

    data: list[ReplyView]
    next_cursor: str = ""


class MentionView(msgspec.Struct, frozen=True, kw_only=True):
    """A note that names me."""

    conversation_id: str
    message_id: str
    by_id: str
    by_name: str
    at: str
    seen: bool


class MentionPage(msgspec.Struct, frozen=True):
    """Notes that name me, the last first."""

    data: list[MentionView]
    next_cursor: str = ""


class SpanView(msgspec.Struct, frozen=True):
    """Part of a day, in minutes after midnight."""

    start: int
    end: int


class HoursView(msgspec.Struct, frozen=True, kw_only=True):
    """When an inbox is attended. Without hours of its own it is always."""

    always: bool
    open_now: bool
    opens_at: str | None
    timezone: str = ""
    week: list[list[SpanView]] = []
    holidays: dict[str, list[SpanView]] = {}
    away: dict[str, str] = {}


class InboxDeskView(msgspec.Struct, frozen=True, kw_only=True):
    """Who serves an inbox."""

    inbox_id: str
    team_id: str
    skills: list[str]
    strategy: str


def agent(of: Agent) -> AgentView:
    """As others see them."""
    return AgentView(
        id=of.person_id,
        name=of.name,
        presence=of.presence,
        capacity=of.capacity,
        load=of.load,
        skills=list(of.skills),
        languages=list(of.languages),
        teams=list(of.teams),
    )


def team(of: Team) -> TeamView:
    """With its members."""
    return TeamView(id=of.id, name=of.name, members=list(of.members))


def place(of: QueueUpdated | None) -> PlaceView:
    """None: it does not wait."""
    if of is None:
        return PlaceView(waiting=False)
    return PlaceView(waiting=True, position=of.position, estimate_s=of.estimate_s, opens_at=of.opens_at or None)


def summary(of: Summary, contact: ContactDetail) -> SummaryView:
    """The handoff in a nutshell."""
    return SummaryView(
        reason=of.reason,
        wants=of.wants,
        first=of.first,
        tried=[TriedView(one.question, one.answer, list(one.sources)) for one in of.tried],
        entities=[EntityView(one.kind, one.text) for one in of.entities],
        sentiment=of.sentiment,
        language=of.language,
        visitor_messages=of.visitor_messages,
        contact=contact,
    )


def contact(of: Contact, also: list[Contact] | None = None) -> ContactDetail:
    """For agents."""
    return ContactDetail(
        id=of.id,
        name=of.name,
        external_id=of.external_id,
        verified=of.verified,
        inbox_id=of.inbox_id,
        attributes=of.attributes,
        blocked=bool(of.blocked_at_ms),
        merged_into=of.merged_into,
        created_at=rfc3339(of.created_at_ms),
        last_seen_at=rfc3339(of.last_seen_at_ms),
        also=[one.id for one in also or () if one.id != of.id],
    )


def order(of: Mapping[str, Any]) -> OrderView:
    """Of the forms that shops give their orders, the fields that most have."""
    goods = of.get("goods") or of.get("items") or ()
    names = [str(one.get("name") or one.get("title") or "") for one in goods if isinstance(one, dict)]
    return OrderView(
        id=_first(of, "id", "order_id", "number"),
        title="、".join(name for name in names if name)[:200],
        state=_first(of, "state", "status"),
        paid=_first(of, "paid", "total", "amount"),
        made_at=_first(of, "made_at", "created_at"),
    )


def _first(of: Mapping[str, Any], *names: str) -> str:
    return next((str(of[name])[:100] for name in names if of.get(name)), "")


def reply(of: Reply) -> ReplyView:
    """As it is typed."""
    return ReplyView(id=of.id, short_code=of.short_code, text=of.text, updated_at=rfc3339(of.updated_at_ms))


def mention(of: Mention) -> MentionView:
    """Who named me where."""
    return MentionView(
        conversation_id=of.conversation_id,
        message_id=of.message_id,
        by_id=of.by_id,
        by_name=of.by_name,
        at=rfc3339(of.at_ms),
        seen=bool(of.seen_at_ms),
    )


def hours(of: Hours | None, *, open_now: bool, opens_at_ms: int | None) -> HoursView:
    """With what they say of this moment."""
    opens_at = rfc3339(opens_at_ms) if opens_at_ms and not open_now else None
    if of is None:
        return HoursView(always=True, open_now=open_now, opens_at=opens_at)
    return HoursView(
        always=False,
        open_now=open_now,
        opens_at=opens_at,
        timezone=of.timezone,
        week=[_spans(day) for day in of.week],
        holidays={day: _spans(spans) for day, spans in of.holidays.items()},
        away=of.away,
    )


def inbox_desk(of: InboxDesk) -> InboxDeskView:
    """Who serves it."""
    return InboxDeskView(inbox_id=of.inbox_id, team_id=of.team_id, skills=list(of.skills), strategy=of.strategy)


def _spans(day: tuple[Span, ...]) -> list[SpanView]:
    return [SpanView(span.start, span.end) for span in day]

"""SQL of the queue: who waits, who is given to whom, what was told, and how long stints took."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import and_, bindparam, func, insert, or_, select, update

from miaohui.contacts.policy import is_vip
from miaohui.contacts.tables import contacts
from miaohui.conversations.tables import conversations
from miaohui.desk.errors import AgentFull
from miaohui.desk.tables import desk_agents, desk_inboxes, desk_places, desk_stints
from miaohui.desk.types import Place, Waiting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miaohui.conversations.types import Conversation
    from miaohui.desk.types import StintKind
    from miaohui.kit.database import Database, Operation, Row

MOST_WAITING = 2_000
STINTS = 50

_c = conversations.c
_names = msgspec.json.Decoder(list[str])
_attributes = msgspec.json.Decoder(dict[str, str])
_IN_QUEUE = and_(_c.status == "open", _c.assignee_id == "")
_WAITING = (
    select(
        _c.id,
        _c.contact_id,
        _c.queued_at_ms,
        _c.team_id,
        _c.priority,
        contacts.c.attributes,
        desk_inboxes.c.team_id.label("inbox_team"),
        desk_inboxes.c.skills,
        desk_inboxes.c.strategy,
        desk_places.c.language,
        desk_places.c.sentiment,
        desk_places.c.position,
        desk_places.c.estimate_s,
    )
    .join_from(
        conversations,
        contacts,
        and_(contacts.c.tenant_id == _c.tenant_id, contacts.c.id == _c.contact_id),
        isouter=True,
    )
    .outerjoin(desk_inboxes, and_(desk_inboxes.c.tenant_id == _c.tenant_id, desk_inboxes.c.inbox_id == _c.inbox_id))
    .outerjoin(
        desk_places,
        and_(desk_places.c.conversation_id == _c.id, desk_places.c.queued_at_ms == _c.queued_at_ms),
    )
    .where(_c.tenant_id == bindparam("tenant_id"), _IN_QUEUE)
    .order_by(_c.queued_at_ms, _c.id)
    .limit(MOST_WAITING)
)
_TENANTS = select(_c.tenant_id).where(_IN_QUEUE).distinct()
_ITS_AGENT = (
    desk_agents.c.tenant_id == bindparam("its_tenant"),
    desk_agents.c.person_id == bindparam("its_person"),
)
_TAKE_SEAT = (
    update(desk_agents)
    .where(*_ITS_AGENT, desk_agents.c.state == "online", desk_agents.c.gone == 0)
    .values(assigned_at_ms=bindparam("its_now"))
    .returning(desk_agents.c.capacity)
)
_LOAD = select(func.count().label("load")).where(
    _c.tenant_id == bindparam("its_tenant"), _c.assignee_id == bindparam("its_person"), _c.status == "open"
)
_ITS_STINTS = (
    desk_stints.c.tenant_id == bindparam("its_tenant"),
    desk_stints.c.conversation_id == bindparam("its_conversation"),
    desk_stints.c.ended_at_ms == 0,
)
_END_STINTS = (
    update(desk_stints)
    .where(*_ITS_STINTS, desk_stints.c.person_id != bindparam("its_person"))
    .values(ended_at_ms=bindparam("its_now"))
)
_OPEN_STINT = select(desk_stints.c.id).where(*_ITS_STINTS)
_INSERT_STINT = insert(desk_stints)
_LAST_STINTS = (
    select(desk_stints.c.began_at_ms, desk_stints.c.ended_at_ms)
    .where(desk_stints.c.tenant_id == bindparam("tenant_id"), desk_stints.c.ended_at_ms > 0)
    .order_by(desk_stints.c.ended_at_ms.desc())
    .limit(STINTS)
)
_ITS_PLACE = (
    desk_places.c.tenant_id == bindparam("its_tenant"),
    desk_places.c.conversation_id == bindparam("its_conversation"),
)
_FIND_PLACE = select(desk_places).where(*_ITS_PLACE)
_INSERT_PLACE = insert(desk_places)
_ENTER_AGAIN = (
    update(desk_places)
    .where(*_ITS_PLACE, desk_places.c.queued_at_ms != bindparam("its_queued"))
    .values(
        queued_at_ms=bindparam("its_queued"),
        language=bindparam("its_language"),
        sentiment=bindparam("its_sentiment"),
        position=0,
        estimate_s=-1,
    )
    .returning(desk_places.c.conversation_id)
)
_TOLD = (
    update(desk_places)
    .where(
        *_ITS_PLACE,
        or_(
            desk_places.c.position != bindparam("its_position"),
            desk_places.c.estimate_s != bindparam("its_estimate"),
        ),
    )
    .values(position=bindparam("its_position"), estimate_s=bindparam("its_estimate"))
    .returning(desk_places.c.conversation_id)
)


def take_seat(tenant_id: str, person_id: str, now_ms: int) -> Operation[None]:
    """Room for one more, for the rest of this transaction: the agent's row is locked, so nobody else counts meanwhile.

    Raises `AgentFull`.
    """
    key = {"its_tenant": tenant_id, "its_person": person_id}
    rows = yield _TAKE_SEAT, {**key, "its_now": now_ms}
    load = yield _LOAD, key
    if not rows or load[0]["load"] >= rows[0]["capacity"]:
        msg = "The agent is not online, or serves as many as they can."
        raise AgentFull(msg)


def begin_stint(conversation: Conversation, kind: StintKind, now_ms: int) -> Operation[None]:
    """Its present agent serves it from now on; others no longer do. Named after the epoch, so it begins once."""
    key = {"its_tenant": conversation.tenant_id, "its_conversation": conversation.id}
    yield _END_STINTS, {**key, "its_person": conversation.assignee_id, "its_now": now_ms}
    if (yield _OPEN_STINT, key):
        return
    yield (
        _INSERT_STINT,
        {
            "id": f"st{conversation.ownership_epoch}{conversation.id.removeprefix('conv')}"[:40],
            "tenant_id": conversation.tenant_id,
            "conversation_id": conversation.id,
            "person_id": conversation.assignee_id,
            "kind": kind,
            "queued_at_ms": conversation.queued_at_ms or now_ms,
            "began_at_ms": now_ms,
        },
    )


def end_stints(conversation: Conversation, now_ms: int) -> Operation[None]:
    """Nobody serves it now."""
    key = {"its_tenant": conversation.tenant_id, "its_conversation": conversation.id}
    yield _END_STINTS, {**key, "its_person": "", "its_now": now_ms}


def enter(conversation: Conversation, language: str, sentiment: int) -> Operation[bool]:
    """Its place of this stay in the queue; False when that was noted before."""
    key = {"its_tenant": conversation.tenant_id, "its_conversation": conversation.id}
    if not (yield _FIND_PLACE, key):
        yield (
            _INSERT_PLACE,
            {
                "conversation_id": conversation.id,
                "tenant_id": conversation.tenant_id,
                "queued_at_ms": conversation.queued_at_ms,
                "language": language,
                "sentiment": sentiment,
            },
        )
        return True
    again = {"its_queued": conversation.queued_at_ms, "its_language": language, "its_sentiment": sentiment}
    return bool((yield _ENTER_AGAIN, {**key, **again}))


def tell(tenant_id: str, places: Sequence[Place]) -> Operation[list[Place]]:
    """Note what is told; those that were told so before, by whichever node, are left out."""
    news = []
    for place in sorted(places, key=lambda place: place.conversation_id):
        values = {
            "its_tenant": tenant_id,
            "its_conversation": place.conversation_id,
            "its_position": place.position,
            "its_estimate": -1 if place.estimate_s is None else place.estimate_s,
        }
        if (yield _TOLD, values):
            news.append(place)
    return news


def forget_place(tenant_id: str, conversation_id: str) -> Operation[None]:
    """It left the queue: coming back, it is told a place anew."""
    key = {"its_tenant": tenant_id, "its_conversation": conversation_id}
    yield _TOLD, {**key, "its_position": 0, "its_estimate": -1}


class QueueRepository:
    """Reads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_waiting(self, tenant_id: str) -> list[Waiting]:
        """The queue as it is sorted by time; the first two thousand."""
        rows = await self._database.read(_WAITING, {"tenant_id": tenant_id})
        return [_waiting(row) for row in rows]

    async def find_place(self, tenant_id: str, conversation_id: str) -> tuple[int, int | None] | None:
        """Position and estimate as they were told; None when it was told nothing."""
        key = {"its_tenant": tenant_id, "its_conversation": conversation_id}
        rows = await self._database.read(_FIND_PLACE, key)
        if not rows or not rows[0]["position"]:
            return None
        return rows[0]["position"], None if rows[0]["estimate_s"] < 0 else rows[0]["estimate_s"]

    async def stint_lengths_s(self, tenant_id: str) -> list[float]:
        """Of the last that ended."""
        rows = await self._database.read(_LAST_STINTS, {"tenant_id": tenant_id})
        return [(row["ended_at_ms"] - row["began_at_ms"]) / 1000 for row in rows]

    async def list_tenants(self) -> list[str]:
        """Where somebody waits."""
        return [row["tenant_id"] for row in await self._database.read(_TENANTS)]


def _waiting(row: Row) -> Waiting:
    attributes = _attributes.decode(row["attributes"]) if row["attributes"] not in {None, "{}"} else {}
    return Waiting(
        conversation_id=row["id"],
        queued_at_ms=row["queued_at_ms"],
        team_id=row["team_id"] or row["inbox_team"] or "",
        skills=frozenset(_names.decode(row["skills"])) if row["skills"] else frozenset(),
        language=row["language"] or "",
        priority=row["priority"],
        vip=is_vip(attributes),
        sentiment=row["sentiment"] or 0,
        strategy=row["strategy"] or "round_robin",
        told=row["position"] or 0,
        known=row["position"] is not None,
        estimate_s=row["estimate_s"],
    )

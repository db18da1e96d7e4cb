"""What happened, read from the records of other rooms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, insert, or_, select

from miaohui.conversations.tables import conversations, messages, turns
from miaohui.engines.tables import engine_attempts
from miaohui.insight.steps import STEPS, Strain
from miaohui.insight.tables import node_strains
from miaohui.insight.types import Fact, Now, Thread

if TYPE_CHECKING:
    from miaohui.insight.types import Period, What
    from miaohui.kit.database import Database, Operation, Row

MOST_NODES = 1_000
MOST_THREADS = 50_000
MOST_FACTS = 300_000

_c, _m, _e = conversations.c, messages.c, engine_attempts.c
_OF_INBOX = or_(bindparam("inbox_id") == "", _c.inbox_id == bindparam("inbox_id"))
_IN_PERIOD = (
    _c.tenant_id == bindparam("tenant_id"),
    _c.updated_at_ms >= bindparam("from_ms"),
    _c.created_at_ms < bindparam("until_ms"),
    _OF_INBOX,
)
_THREADS = (
    select(_c.id, _c.created_at_ms, _c.status)
    .where(*_IN_PERIOD)
    .order_by(_c.updated_at_ms.desc())
    .limit(MOST_THREADS + 1)
)
_FACTS = (
    select(
        _m.conversation_id, _m.created_at_ms, _m.sender, _m.kind, _m.rating, func.substr(_m.text, 1, 64).label("text")
    )
    .join_from(conversations, messages, (_m.tenant_id == _c.tenant_id) & (_m.conversation_id == _c.id))
    .where(
        *_IN_PERIOD,
        _m.created_at_ms >= bindparam("from_ms"),
        _m.created_at_ms < bindparam("until_ms"),
        _m.kind != "note",
    )
    .order_by(_m.created_at_ms.desc(), _m.seq.desc())
    .limit(MOST_FACTS + 1)
)
_STEP = (_e.started_at_ms + bindparam("offset_ms")) // bindparam("step_ms")
_COSTS = (
    select(
        _STEP.label("step"),
        func.sum(_e.cost_micro).label("cost"),
        func.count(_e.conversation_id.distinct()).label("threads"),
    )
    .where(
        _e.tenant_id == bindparam("tenant_id"),
        _e.started_at_ms >= bindparam("from_ms"),
        _e.started_at_ms < bindparam("until_ms"),
    )
    .group_by(_STEP)
)
_COST = select(
    func.coalesce(func.sum(_e.cost_micro), 0).label("cost"),
    func.count(_e.conversation_id.distinct()).label("threads"),
).where(
    _e.tenant_id == bindparam("tenant_id"),
    _e.started_at_ms >= bindparam("from_ms"),
    _e.started_at_ms < bindparam("until_ms"),
)
_STATES = (
    select(_c.status, func.count().label("count"))
    .where(_c.tenant_id == bindparam("tenant_id"), _c.status != "resolved")
    .group_by(_c.status)
)
_QUEUE = select(func.count().label("count"), func.min(_c.queued_at_ms).label("since")).where(
    _c.tenant_id == bindparam("tenant_id"), _c.status == "open", _c.assignee_id == ""
)
_RUNNING = select(func.count().label("count")).where(
    turns.c.tenant_id == bindparam("tenant_id"), turns.c.state == "running"
)
_WHAT: dict[str, What] = {
    "handed_off": "handed_off",
    "taken_over": "taken",
    "claimed": "taken",
    "assigned": "taken",
    "transferred": "taken",
    "resolved": "resolved",
    "handed_back": "handed_back",
    "rated": "scored",
}


class InsightRepository:
    """Reads; each is one statement."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def threads(self, tenant_id: str, period: Period, inbox_id: str) -> list[Thread]:
        """Conversations that began before its end and changed after its beginning; one more than the bound if so."""
        rows = await self._database.read(_THREADS, _values(tenant_id, period, inbox_id))
        return [Thread(id=row["id"], created_at_ms=row["created_at_ms"], status=row["status"]) for row in rows]

    async def facts(self, tenant_id: str, period: Period, inbox_id: str) -> list[Fact]:
        """What happened in them in that time, in order: of too much the last part, one more than the bound."""
        rows = await self._database.read(_FACTS, _values(tenant_id, period, inbox_id))
        return [fact for row in reversed(rows) if (fact := _fact(row)) is not None]

    async def costs(self, tenant_id: str, period: Period) -> dict[int, tuple[int, int]]:
        """By the beginning of each step: what was spent, and on how many conversations."""
        values = {**_values(tenant_id, period, ""), "offset_ms": period.offset_ms, "step_ms": period.step_ms}
        del values["inbox_id"]
        return {
            row["step"] * period.step_ms - period.offset_ms: (int(row["cost"]), row["threads"])
            for row in await self._database.read(_COSTS, values)
        }

    async def cost(self, tenant_id: str, period: Period) -> tuple[int, int]:
        """What was spent, and on how many conversations."""
        key = {"tenant_id": tenant_id, "from_ms": period.from_ms, "until_ms": period.until_ms}
        row = (await self._database.read(_COST, key))[0]
        return int(row["cost"]), row["threads"]

    async def now(self, tenant_id: str, now_ms: int) -> Now:
        """This moment: three statements."""
        key = {"tenant_id": tenant_id}
        states = {row["status"]: row["count"] for row in await self._database.read(_STATES, key)}
        queue = (await self._database.read(_QUEUE, key))[0]
        running = (await self._database.read(_RUNNING, key))[0]["count"]
        return Now(
            pending=states.get("pending", 0),
            open=states.get("open", 0),
            snoozed=states.get("snoozed", 0),
            waiting=queue["count"],
            longest_wait_s=max(0, now_ms - queue["since"]) / 1000 if queue["since"] else 0.0,
            running_turns=running,
        )


def _values(tenant_id: str, period: Period, inbox_id: str) -> dict[str, object]:
    return {"tenant_id": tenant_id, "from_ms": period.from_ms, "until_ms": period.until_ms, "inbox_id": inbox_id}


def _fact(row: Row) -> Fact | None:
    if row["kind"] == "activity":
        name, _, reason = row["text"].partition(":")
        what = _WHAT.get(name)
        reason = reason if what in {"handed_off", "scored"} else ""
    else:
        what = row["sender"] if row["sender"] != "system" else None
        reason = ""
    return Fact(row["conversation_id"], row["created_at_ms"], what, reason, row["rating"]) if what else None


_n = node_strains.c
_FORGET = delete(node_strains).where((_n.node == bindparam("its_node")) | (_n.seen_ms < bindparam("before")))
_TELL = insert(node_strains)
_OTHERS = (
    select(node_strains)
    .where(_n.node != bindparam("its_node"), _n.seen_ms >= bindparam("since"), _n.step > 0)
    .limit(MOST_NODES)
)
_LONG_MS = 3_600_000


class StrainRepository:
    """What nodes say of themselves while too much is asked of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, node: str, strain: Strain, now_ms: int) -> None:
        """In place of what the node said before; nothing stands there of one that is well, or gone for an hour."""
        await self._database.write(lambda: _put(node, strain, now_ms), key=f"strain:{node}")

    async def list_others(self, node: str, since_ms: int) -> list[Strain]:
        """What other nodes said since."""
        rows = await self._database.read(_OTHERS, {"its_node": node, "since": since_ms})
        return [
            Strain(step=STEPS[min(row["step"], len(STEPS) - 1)], why=row["why"], since_ms=row["since_ms"], nodes=1)
            for row in rows
        ]


def _put(node: str, strain: Strain, now_ms: int) -> Operation[None]:
    yield _FORGET, {"its_node": node, "before": now_ms - _LONG_MS}
    if strain.step:
        row = {"node": node, "step": strain.height, "why": strain.why, "since_ms": strain.since_ms, "seen_ms": now_ms}
        yield _TELL, row

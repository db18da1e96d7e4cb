"""What happened, read from the records of other rooms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import bindparam, delete, func, insert, select

from miaohui.conversations.tables import conversations, turns
from miaohui.inboxes.types import Assistant
from miaohui.insight import statements
from miaohui.insight.steps import STEPS, Strain
from miaohui.insight.tables import node_strains
from miaohui.insight.types import Among, Fact, Now, Thread

if TYPE_CHECKING:
    from miaohui.insight.types import Period, Wanted, What
    from miaohui.kit.database import Database, Operation, Row

MOST_NODES = 1_000
MOST_THREADS = 50_000
MOST_FACTS = 300_000

_c = conversations.c
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

    async def among(self, tenant_id: str, wanted: Wanted) -> Among:
        """Which conversations are meant; the inboxes as they are set up now."""
        ids: tuple[str, ...] | None = None
        if wanted.channel or wanted.assistant:
            rows = await self._database.read(statements.INBOXES, {"tenant_id": tenant_id})
            ids = tuple(row["id"] for row in rows if _is_wanted(row, wanted))
        elif wanted.inbox_id:
            ids = (wanted.inbox_id,)
        return Among(inbox_ids=ids, team_id=wanted.team_id, agent_id=wanted.agent_id)

    async def threads(self, tenant_id: str, period: Period, these: Among) -> list[Thread]:
        """Conversations that began before its end and changed after its beginning; one more than the bound if so."""
        query = statements.threads(these, MOST_THREADS + 1)
        rows = await self._database.read(query, _values(tenant_id, period))
        return [Thread(id=row["id"], created_at_ms=row["created_at_ms"], status=row["status"]) for row in rows]

    async def facts(self, tenant_id: str, period: Period, these: Among) -> list[Fact]:
        """What happened in them in that time, in order: of too much the last part, one more than the bound."""
        query = statements.facts(these, MOST_FACTS + 1)
        rows = await self._database.read(query, _values(tenant_id, period))
        return [fact for row in reversed(rows) if (fact := _fact(row)) is not None]

    async def costs(self, tenant_id: str, period: Period, these: Among) -> dict[int, tuple[int, int]]:
        """By the beginning of each step: what was spent, and on how many conversations."""
        values = {**_values(tenant_id, period), "offset_ms": period.offset_ms, "step_ms": period.step_ms}
        rows = await self._database.read(statements.costs(these, by_step=True), values)
        return {row["step"] * period.step_ms - period.offset_ms: (int(row["cost"]), row["threads"]) for row in rows}

    async def cost(self, tenant_id: str, period: Period, these: Among) -> tuple[int, int]:
        """What was spent, and on how many conversations."""
        query = statements.costs(these, by_step=False)
        row = (await self._database.read(query, _values(tenant_id, period)))[0]
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


def _values(tenant_id: str, period: Period) -> dict[str, object]:
    return {"tenant_id": tenant_id, "from_ms": period.from_ms, "until_ms": period.until_ms}


def _is_wanted(row: Row, wanted: Wanted) -> bool:
    name = msgspec.json.decode(row["assistant"], type=Assistant).name if wanted.assistant else ""
    return wanted.inbox_id in {"", row["id"]} and wanted.channel in {"", row["channel"]} and wanted.assistant == name


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

"""Rows of alerts, and what only the records know of how things stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, insert, select, update

from miaohui.alerts.tables import alert_silences, alert_standings, alert_told
from miaohui.alerts.types import Silence, Standing, Told
from miaohui.conversations.tables import conversations
from miaohui.engines.tables import engine_attempts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from miaohui.alerts.types import Code, Lease, Line
    from miaohui.kit.database import Database, Operation

_s, _t, _q = alert_standings.c, alert_told.c, alert_silences.c
_WHO = (_s.code == bindparam("of_code"), _s.node == bindparam("of_node"))
_FIND_STANDING = select(_s.node).where(*_WHO)
_ADD_STANDING = insert(alert_standings)
_CHANGE_STANDING = update(alert_standings).where(*_WHO)
_FORGET_STANDINGS = delete(alert_standings).where(_s.seen_ms < bindparam("before"))
_STANDINGS = select(alert_standings).where(_s.seen_ms >= bindparam("after"))
_TOLD = select(alert_told)
_ADD_TOLD = insert(alert_told)
_FIND_TOLD = select(alert_told).where(_t.code == bindparam("of_code"))
_CLAIM = (
    update(alert_told)
    .where(
        _t.code == bindparam("of_code"),
        _t.firing == bindparam("was"),
        _t.at_ms == bindparam("last"),
        _t.lease_until_ms == bindparam("lease"),
    )
    .returning(_t.code)
)
_OURS = (
    update(alert_told)
    .where(_t.code == bindparam("of_code"), _t.lease_owner == bindparam("of_owner"))
    .returning(_t.code)
)
_SILENCES = select(alert_silences).where(_q.until_ms > bindparam("now")).order_by(_q.created_at_ms).limit(200)
_ADD_SILENCE = insert(alert_silences)
_END_SILENCE = delete(alert_silences).where(_q.id == bindparam("of_id")).returning(_q.id)
_FORGET_SILENCES = delete(alert_silences).where(_q.until_ms < bindparam("before"))
_WAITING = (
    select(func.count().label("waiting"))
    .select_from(conversations)
    .where(conversations.c.status == "open", conversations.c.assignee_id == "")
)
_COST = select(func.sum(engine_attempts.c.cost_micro).label("cost")).where(
    engine_attempts.c.started_at_ms >= bindparam("after")
)


def note(standings: Sequence[Standing], stale_ms: int, now_ms: int) -> Operation[None]:
    """What this node sees now; what is long past is forgotten."""
    for one in standings:
        who = {"of_code": one.code, "of_node": one.node}
        seen = {"firing": int(one.firing), "value": one.value, "since_ms": one.since_ms, "seen_ms": one.seen_ms}
        if (yield _FIND_STANDING, who):
            yield _CHANGE_STANDING, {**who, **seen}
        else:
            yield _ADD_STANDING, {"code": one.code, "node": one.node, **seen}
    yield _FORGET_STANDINGS, {"before": now_ms - 10 * stale_ms}
    yield _FORGET_SILENCES, {"before": now_ms}


def claim(code: Code, last: Told | None, lease: Lease) -> Operation[bool]:
    """Whether it is ours to tell: of all nodes that want to, one does. Raises `Conflict` to one of two newcomers."""
    ours = {"lease_owner": lease.owner, "lease_until_ms": lease.until_ms}
    if last is not None:
        was = {"was": int(last.firing), "last": last.at_ms, "lease": last.lease_until_ms}
        return bool((yield _CLAIM, {"of_code": code, **was, **ours}))
    if (yield _FIND_TOLD, {"of_code": code}):
        return False
    yield _ADD_TOLD, {"code": code, "firing": 0, "at_ms": 0, **ours}
    return True


def keep(lines: Iterable[Line], lease: Lease) -> Operation[list[Line]]:
    """Go on being about to tell; what nobody took over meanwhile."""
    kept = []
    for line in lines:
        who = {"of_code": line.code, "of_owner": lease.owner}
        if (yield _OURS, {**who, "lease_until_ms": lease.until_ms}):
            kept.append(line)
    return kept


def settle(lines: Iterable[Line], owner: str, now_ms: int) -> Operation[None]:
    """Operators were told; what another node took over meanwhile is for that one to say."""
    for line in lines:
        who = {"of_code": line.code, "of_owner": owner}
        told = {"firing": int(line.firing), "at_ms": now_ms}
        yield _OURS, {**who, **told, "lease_owner": "", "lease_until_ms": 0}


def add_silence(silence: Silence) -> Operation[None]:
    """Until it ends."""
    yield (
        _ADD_SILENCE,
        {
            "id": silence.id,
            "code": silence.code,
            "until_ms": silence.until_ms,
            "reason": silence.reason,
            "created_at_ms": silence.created_at_ms,
        },
    )


def end_silence(silence_id: str) -> Operation[bool]:
    """Whether there was one."""
    return bool((yield _END_SILENCE, {"of_id": silence_id}))


async def standings(database: Database, after_ms: int) -> list[Standing]:
    """Of all nodes that were heard of since then."""
    return [
        Standing(
            code=row["code"],
            node=row["node"],
            firing=bool(row["firing"]),
            value=row["value"],
            since_ms=row["since_ms"],
            seen_ms=row["seen_ms"],
        )
        for row in await database.read(_STANDINGS, {"after": after_ms})
    ]


async def told(database: Database) -> dict[str, Told]:
    """By code."""
    rows = await database.read(_TOLD)
    return {
        row["code"]: Told(
            code=row["code"],
            firing=bool(row["firing"]),
            at_ms=row["at_ms"],
            lease_until_ms=row["lease_until_ms"],
        )
        for row in rows
    }


async def silences(database: Database, now_ms: int) -> list[Silence]:
    """That hold now."""
    return [
        Silence(
            id=row["id"],
            code=row["code"],
            until_ms=row["until_ms"],
            reason=row["reason"],
            created_at_ms=row["created_at_ms"],
        )
        for row in await database.read(_SILENCES, {"now": now_ms})
    ]


async def waiting(database: Database) -> int:
    """Conversations that wait for a person, of all tenants."""
    return int((await database.read(_WAITING))[0]["waiting"])


async def cost_since(database: Database, after_ms: int) -> float:
    """Of all tenants, in units of the currency."""
    return float((await database.read(_COST, {"after": after_ms}))[0]["cost"] or 0) / 1e6

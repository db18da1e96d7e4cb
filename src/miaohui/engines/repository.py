"""Rows of routes and of the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Integer,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    union_all,
    update,
)

from miaohui.engines.ledger import AttemptEntry, DayTotals, NodeSum, Totals
from miaohui.engines.purses import DAY_MS
from miaohui.engines.tables import engine_attempts, engine_catalog, engine_days, engine_routes, engine_spent
from miaohui.kit.database import Database, Operation

_EPOCH = date(1970, 1, 1).toordinal()
_FIELDS = AttemptEntry.__struct_fields__
_FOREIGN = ("in_turn_id", "in_conversation_id", "in_code")
"""Words of a client or of a provider, who may write anything."""


def _given(column: Column[Any]) -> Any:
    return bindparam(f"in_{column.name}", type_=column.type)


# Writing an entry twice writes it once: a flush whose end was not heard of is sent again.
_ADD_ATTEMPT = insert(engine_attempts).from_select(
    list(_FIELDS),
    select(*(_given(engine_attempts.c[name]) for name in _FIELDS)).where(
        ~exists(select(literal(1)).where(engine_attempts.c.id == _given(engine_attempts.c.id)))
    ),
)
_CHANGE_ROUTE = (
    update(engine_routes)
    .where(
        engine_routes.c.tenant_id == _given(engine_routes.c.tenant_id),
        engine_routes.c.name == _given(engine_routes.c.name),
    )
    .values(
        described=_given(engine_routes.c.described),
        updated_at_ms=_given(engine_routes.c.updated_at_ms),
    )
    .returning(engine_routes.c.name)
)
_ADD_ROUTE = insert(engine_routes)
_DROP_ROUTE = (
    delete(engine_routes)
    .where(
        engine_routes.c.tenant_id == _given(engine_routes.c.tenant_id),
        engine_routes.c.name == _given(engine_routes.c.name),
    )
    .returning(engine_routes.c.name)
)
_RAISE_VERSION = (
    update(engine_catalog)
    .where(engine_catalog.c.id == 1)
    .values(version=engine_catalog.c.version + 1)
    .returning(engine_catalog.c.version)
)
_FIRST_VERSION = insert(engine_catalog)
_VERSION = select(engine_catalog.c.version).where(engine_catalog.c.id == 1)
_ROUTES = select(engine_routes.c.described).order_by(engine_routes.c.tenant_id, engine_routes.c.name)
_OWN_ROUTES = (
    select(engine_routes.c.described)
    .where(engine_routes.c.tenant_id == bindparam("tenant_id"))
    .order_by(engine_routes.c.name)
)


def _sum(column: ColumnElement[Any]) -> Any:
    return func.coalesce(func.sum(column), 0)


_SUMS = ("attempts", "input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens", "cost_micro")
_BY = ("route", "outcome", "price_version")
_a, _d = engine_attempts.c, engine_days.c
_KEPT = select(
    (_a.started_at_ms // DAY_MS).label("day"),
    *(_a[name] for name in _BY),
    literal(1).label("attempts"),
    *(_a[name] for name in _SUMS[1:]),
).where(_a.tenant_id == bindparam("tenant_id"), _a.started_at_ms >= bindparam("since_ms"))
_FOLDED = select(_d.day, *(_d[name] for name in _BY), *(_d[name] for name in _SUMS)).where(
    _d.tenant_id == bindparam("tenant_id"), _d.day >= bindparam("since_day")
)
_both = union_all(_KEPT, _FOLDED).subquery()


def _add_up(*by: str) -> Any:
    columns = [_both.c[name] for name in by]
    sums = [func.cast(_sum(_both.c[name]), BigInteger).label(name) for name in _SUMS]
    return select(*columns, *sums).group_by(*columns)


_TOTALS = _add_up("route", "outcome").order_by(_both.c.route, _both.c.outcome)
_DAYS = (
    _add_up("day", *_BY)
    .order_by(_both.c.day.desc(), _both.c.route, _both.c.outcome, _both.c.price_version)
    .limit(bindparam("most", type_=Integer))
)
_OLDEST = (
    select(_a.id)
    .where(_a.started_at_ms < bindparam("before_ms"))
    .order_by(_a.started_at_ms)
    .limit(bindparam("most", type_=Integer))
)
_TAKE = (
    delete(engine_attempts)
    .where(_a.id.in_(bindparam("ids", expanding=True)))
    .returning(_a.tenant_id, _a.started_at_ms, *(_a[name] for name in _BY), *(_a[name] for name in _SUMS[1:]))
)
_KEY = ("tenant_id", "day", *_BY)
_ADD_TO_DAY = (
    update(engine_days)
    .where(*(_d[name] == _given(_d[name]) for name in _KEY))
    .values({name: _d[name] + _given(_d[name]) for name in _SUMS})
    .returning(_d.day)
)
_NEW_DAY = insert(engine_days)
_FORGET_DAYS = delete(engine_days).where(_d.day < bindparam("before_day"))
_s = engine_spent.c
_SUM_KEY = ("tenant_id", "day", "node")
_CHANGE_SUM = (
    update(engine_spent)
    .where(*(_s[name] == _given(_s[name]) for name in _SUM_KEY))
    .values(cost_micro=_given(_s.cost_micro))
    .returning(_s.day)
)
_NEW_SUM = insert(engine_spent)
_ELSEWHERE = (
    select(_s.tenant_id, _s.day, func.cast(_sum(_s.cost_micro), BigInteger))
    .where(_s.day >= bindparam("since_day"), _s.node != bindparam("but_node"))
    .group_by(_s.tenant_id, _s.day)
)
_OF_ONE_ELSEWHERE = _ELSEWHERE.where(_s.tenant_id == bindparam("tenant_id"))
_FORGET_SUMS = delete(engine_spent).where(_s.day < bindparam("before_day"))


def fold_attempts(before_ms: int, most: int) -> Operation[int]:
    """Up to so many of the oldest attempts before then become sums of their days; how many. Each is in one place."""
    found = yield _OLDEST, {"before_ms": before_ms, "most": most}
    if not found:
        return 0
    taken = yield _TAKE, {"ids": [row[0] for row in found]}
    days: dict[tuple[Any, ...], list[int]] = {}
    for row in taken:
        key = (row["tenant_id"], row["started_at_ms"] // DAY_MS, *(row[name] for name in _BY))
        sums = days.setdefault(key, [0] * len(_SUMS))
        sums[0] += 1
        for place, name in enumerate(_SUMS[1:], 1):
            sums[place] += row[name]
    for key, sums in sorted(days.items()):
        values = dict(zip((*_KEY, *_SUMS), (*key, *sums), strict=True))
        changed = yield _ADD_TO_DAY, {f"in_{name}": value for name, value in values.items()}
        if not changed:
            yield _NEW_DAY, values
    return len(taken)


def forget_days(before_day: int) -> Operation[None]:
    """Sums of days before this one are no longer kept."""
    yield _FORGET_DAYS, {"before_day": before_day}


def forget_sums(before_day: int) -> Operation[None]:
    """No budget asks for what nodes spent before this day."""
    yield _FORGET_SUMS, {"before_day": before_day}


def add_attempts(entries: Sequence[AttemptEntry], sums: Sequence[NodeSum] = ()) -> Operation[None]:
    """Write entries; those that are there already stay as they are. `sums` take the place of what stood there."""
    for entry in entries:
        row = {f"in_{name}": getattr(entry, name) for name in _FIELDS}
        for name in _FOREIGN:
            row[name] = row[name][:64].replace("\0", "")
        yield _ADD_ATTEMPT, row
    for one in sums:
        values = one._asdict()
        if not (yield _CHANGE_SUM, {f"in_{name}": value for name, value in values.items()}):
            yield _NEW_SUM, values


def put_route(tenant_id: str, described: dict[str, Any], now_ms: int) -> Operation[int]:
    """Add or replace what is kept of a route, for one tenant or (empty) for all; the catalog's new version."""
    where = {"in_tenant_id": tenant_id, "in_name": described["name"]}
    text = msgspec.json.encode({**described, "tenant": tenant_id}).decode()
    changed = yield _CHANGE_ROUTE, {**where, "in_described": text, "in_updated_at_ms": now_ms}
    if not changed:
        row = {"tenant_id": where["in_tenant_id"], "name": where["in_name"]}
        yield _ADD_ROUTE, {**row, "described": text, "updated_at_ms": now_ms}
    return (yield from _raise_version())


def drop_route(tenant_id: str, name: str) -> Operation[int]:
    """Forget what is kept of a route; the catalog's new version, 0 when nothing was kept."""
    dropped = yield _DROP_ROUTE, {"in_tenant_id": tenant_id, "in_name": name}
    return (yield from _raise_version()) if dropped else 0


def _raise_version() -> Operation[int]:
    rows = yield _RAISE_VERSION, {}
    if rows:
        return int(rows[0]["version"])
    yield _FIRST_VERSION, {"id": 1, "version": 1}
    return 1


class EnginesRepository:
    """What is kept of routes and attempts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def version(self) -> int:
        """Of the routes that are kept; 0 when none ever was."""
        rows = await self._database.read(_VERSION)
        return int(rows[0][0]) if rows else 0

    async def list_routes(self) -> list[dict[str, Any]]:
        """Descriptions of routes, those of all tenants first."""
        rows = await self._database.read(_ROUTES)
        return [msgspec.json.decode(row[0]) for row in rows]

    async def list_own(self, tenant_id: str) -> list[dict[str, Any]]:
        """Descriptions that one tenant, or (empty) the operator, made."""
        rows = await self._database.read(_OWN_ROUTES, {"tenant_id": tenant_id})
        return [msgspec.json.decode(row[0]) for row in rows]

    async def put(self, tenant_id: str, described: dict[str, Any], now_ms: int) -> int:
        """Keep a route's description, durably; the catalog's new version."""
        return await self._database.write(lambda: put_route(tenant_id, described, now_ms), key="engine_catalog")

    async def drop(self, tenant_id: str, name: str) -> int:
        """Forget it; the catalog's new version, 0 when nothing was kept."""
        return await self._database.write(lambda: drop_route(tenant_id, name), key="engine_catalog")

    async def totals(self, tenant_id: str, since_ms: int = 0) -> list[Totals]:
        """Attempts, tokens and cost of one tenant since then, by route and outcome."""
        params = {"tenant_id": tenant_id, "since_ms": since_ms, "since_day": since_ms // DAY_MS}
        rows = await self._database.read(_TOTALS, params)
        return [Totals(**{name: row[name] for name in Totals.__struct_fields__}) for row in rows]

    async def days(self, tenant_id: str, since_ms: int, most: int) -> list[DayTotals]:
        """The same day by day, the latest first, at most so many lines."""
        params = {"tenant_id": tenant_id, "since_ms": since_ms, "since_day": since_ms // DAY_MS, "most": most}
        rows = await self._database.read(_DAYS, params)
        return [
            DayTotals(
                day=date.fromordinal(_EPOCH + row["day"]).isoformat(),
                **{name: row[name] for name in DayTotals.__struct_fields__ if name != "day"},
            )
            for row in rows
        ]

    async def spent_elsewhere(self, since_day: int, but_node: str, tenant_id: str = "") -> list[tuple[str, int, int]]:
        """Company, day and cost of all nodes but one, those that are gone among them; of one company, or of all."""
        params = {"since_day": since_day, "but_node": but_node}
        if tenant_id:
            rows = await self._database.read(_OF_ONE_ELSEWHERE, {**params, "tenant_id": tenant_id})
        else:
            rows = await self._database.read(_ELSEWHERE, params)
        return [(row[0], int(row[1]), int(row[2])) for row in rows]

    async def of_turn(self, tenant_id: str, turn_id: str, most: int) -> list[AttemptEntry]:
        """Attempts of one turn, in their order."""
        query = select(engine_attempts).where(_a.tenant_id == tenant_id, _a.turn_id == turn_id)
        rows = await self._database.read(query.order_by(_a.number, _a.started_at_ms, _a.id).limit(most))
        return [AttemptEntry(**dict(zip(row.keys(), row, strict=True))) for row in rows]

    async def fold(self, before_ms: int, most: int) -> int:
        """See `fold_attempts`."""
        return await self._database.write(lambda: fold_attempts(before_ms, most), key="engine_ledger")

    async def forget_days(self, before_day: int) -> None:
        """See `forget_days`."""
        await self._database.write(lambda: forget_days(before_day), key="engine_ledger")

    async def forget_sums(self, before_day: int) -> None:
        """See `forget_sums`."""
        await self._database.write(lambda: forget_sums(before_day), key="engine_ledger")

"""Rows of routes and of the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Column, bindparam, delete, exists, func, insert, literal, select, update

from miaohui.engines.ledger import AttemptEntry, Totals
from miaohui.engines.tables import engine_attempts, engine_catalog, engine_routes
from miaohui.kit.database import Database, Operation

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


def _sum(column: Column[Any]) -> Any:
    return func.coalesce(func.sum(column), 0)


_TOTALS = (
    select(
        engine_attempts.c.route,
        engine_attempts.c.outcome,
        func.count().label("attempts"),
        func.cast(_sum(engine_attempts.c.input_tokens), BigInteger).label("input_tokens"),
        func.cast(_sum(engine_attempts.c.output_tokens), BigInteger).label("output_tokens"),
        func.cast(_sum(engine_attempts.c.cost_micro), BigInteger).label("cost_micro"),
    )
    .where(
        engine_attempts.c.tenant_id == bindparam("tenant_id"),
        engine_attempts.c.started_at_ms >= bindparam("since_ms"),
    )
    .group_by(engine_attempts.c.route, engine_attempts.c.outcome)
    .order_by(engine_attempts.c.route, engine_attempts.c.outcome)
)


def add_attempts(entries: Sequence[AttemptEntry]) -> Operation[None]:
    """Write entries; those that are there already stay as they are."""
    for entry in entries:
        row = {f"in_{name}": getattr(entry, name) for name in _FIELDS}
        for name in _FOREIGN:
            row[name] = row[name][:64].replace("\0", "")
        yield _ADD_ATTEMPT, row


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

    async def put(self, tenant_id: str, described: dict[str, Any], now_ms: int) -> int:
        """Keep a route's description, durably; the catalog's new version."""
        return await self._database.write(lambda: put_route(tenant_id, described, now_ms), key="engine_catalog")

    async def drop(self, tenant_id: str, name: str) -> int:
        """Forget it; the catalog's new version, 0 when nothing was kept."""
        return await self._database.write(lambda: drop_route(tenant_id, name), key="engine_catalog")

    async def totals(self, tenant_id: str, since_ms: int = 0) -> list[Totals]:
        """Attempts, tokens and cost of one tenant since then, by route and outcome."""
        rows = await self._database.read(_TOTALS, {"tenant_id": tenant_id, "since_ms": since_ms})
        return [Totals(**{name: row[name] for name in Totals.__struct_fields__}) for row in rows]

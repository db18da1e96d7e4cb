"""Rows of tenants."""

from __future__ import annotations

import msgspec
from sqlalchemy import BigInteger, Text, bindparam, select

from miaohui.kit.database import Database, Operation, Row
from miaohui.kit.versioned import Versioned
from miaohui.tenants.tables import company_limits, tenant_standings, tenants
from miaohui.tenants.types import OwnLimits, Standing, Tenant

_INSERT = tenants.insert()
_RENAME = (
    tenants.update()
    .where(tenants.c.id == bindparam("its_id"))
    .values(name=bindparam("its_name"))
    .returning(tenants.c.id)
)
_DELETE = tenants.delete().where(tenants.c.id == bindparam("its_id"))
_GONE = (
    tenant_standings.update()
    .where(tenant_standings.c.tenant_id == bindparam("its_id"))
    .values(
        body=bindparam("its_body", type_=Text),
        version=tenant_standings.c.version + 1,
        updated_at_ms=bindparam("now_ms", type_=BigInteger),
    )
)
_GET = select(tenants).where(tenants.c.id == bindparam("tenant_id"))
_FIND_BY_SLUG = select(tenants).where(tenants.c.slug == bindparam("slug"))
_LIST = select(tenants).order_by(tenants.c.created_at_ms, tenants.c.id).limit(1_000)


def insert(tenant: Tenant) -> Operation[Tenant]:
    """A new tenant; its slug must be free."""
    yield (
        _INSERT,
        {"id": tenant.id, "name": tenant.name, "slug": tenant.slug, "created_at_ms": tenant.created_at_ms},
    )
    return tenant


def rename(tenant_id: str, name: str) -> Operation[bool]:
    """Another name; False when there is no such tenant."""
    return bool((yield _RENAME, {"its_id": tenant_id, "its_name": name}))


def remove(tenant_id: str, now_ms: int) -> Operation[None]:
    """The tenant itself, once nothing else is left of it; its slug is free again."""
    body = msgspec.json.encode(Standing(state="gone")).decode()
    yield _DELETE, {"its_id": tenant_id}
    yield _GONE, {"its_id": tenant_id, "its_body": body, "now_ms": now_ms}


async def find(database: Database, tenant_id: str) -> Tenant | None:
    """By id."""
    rows = await database.read(_GET, {"tenant_id": tenant_id})
    return _tenant(rows[0]) if rows else None


async def find_by_slug(database: Database, slug: str) -> Tenant | None:
    """By short name."""
    rows = await database.read(_FIND_BY_SLUG, {"slug": slug})
    return _tenant(rows[0]) if rows else None


async def list_(database: Database) -> list[Tenant]:
    """The first thousand, oldest first."""
    return [_tenant(row) for row in await database.read(_LIST)]


def _tenant(row: Row) -> Tenant:
    return Tenant(id=row["id"], name=row["name"], slug=row["slug"], created_at_ms=row["created_at_ms"])


class LimitsRepository(Versioned[OwnLimits]):
    """What companies set for themselves."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, company_limits, OwnLimits)


class StandingsRepository(Versioned[Standing]):
    """Who is not served."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, tenant_standings, Standing)

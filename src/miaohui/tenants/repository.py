"""Rows of tenants."""

from __future__ import annotations

import msgspec
from sqlalchemy import bindparam, select

from miaohui.kit.database import Database, Operation, Row
from miaohui.kit.versioned import Versioned
from miaohui.tenants.tables import company_limits, tenants
from miaohui.tenants.types import OwnLimits, Tenant

_INSERT = tenants.insert()
_RENAME = (
    tenants.update()
    .where(tenants.c.id == bindparam("its_id"))
    .values(name=bindparam("its_name"))
    .returning(tenants.c.id)
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


class LimitsRepository:
    """What companies set for themselves."""

    def __init__(self, database: Database) -> None:
        self._rows = Versioned(database, company_limits)

    async def stamp(self) -> tuple[int, int, int]:
        """What differs whenever limits were written."""
        return await self._rows.stamp()

    async def list_(self) -> dict[str, OwnLimits]:
        """All of them, by tenant."""
        return {tenant_id: _limits(*row) for tenant_id, row in (await self._rows.list_()).items()}

    async def find(self, tenant_id: str) -> OwnLimits | None:
        """One company's."""
        row = await self._rows.find(tenant_id)
        return row and _limits(*row)

    async def put(self, tenant_id: str, limits: OwnLimits, now_ms: int) -> bool:
        """Keep them, durably, in place of the version before; False when another one stands there."""
        return await self._rows.put(tenant_id, msgspec.json.encode(limits).decode(), limits.version, now_ms)


def _limits(body: str, version: int) -> OwnLimits:
    return msgspec.structs.replace(msgspec.json.decode(body, type=OwnLimits), version=version)

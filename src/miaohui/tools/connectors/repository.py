"""The SQL of connectors."""

from __future__ import annotations

import msgspec
from sqlalchemy import bindparam, delete, func, insert, select

from miaohui.kit.database import Database, Operation
from miaohui.tools.connectors.types import Connector
from miaohui.tools.tables import CONNECTORS

MOST = 1_000
_ONE = (CONNECTORS.c.tenant_id == bindparam("of_tenant")) & (CONNECTORS.c.name == bindparam("of_name"))
_DELETE = delete(CONNECTORS).where(_ONE).returning(CONNECTORS.c.name)
_FIND = select(CONNECTORS.c.secret).where(_ONE)
_ADD = insert(CONNECTORS)
_ALL = select(CONNECTORS).order_by(CONNECTORS.c.tenant_id, CONNECTORS.c.name).limit(MOST)
_STAMP = select(
    func.count(),
    func.coalesce(func.max(CONNECTORS.c.updated_at_ms), 0),
    func.coalesce(func.sum(CONNECTORS.c.updated_at_ms), 0),
).select_from(CONNECTORS)
_decode = msgspec.json.Decoder(Connector).decode


def put(tenant_id: str, connector: Connector, sealed: str | None, now_ms: int) -> Operation[None]:
    """In place of the one of this name; with None for its secret it keeps the one it had."""
    key = {"of_tenant": tenant_id, "of_name": connector.name}
    if sealed is None:
        rows = yield _FIND, key
        sealed = rows[0]["secret"] if rows else ""
    yield _DELETE, key
    body = msgspec.json.encode(connector).decode()
    values = {"tenant_id": tenant_id, "name": connector.name, "body": body, "secret": sealed, "updated_at_ms": now_ms}
    yield _ADD, values


def remove(tenant_id: str, name: str) -> Operation[bool]:
    """Whether there was one."""
    return bool((yield _DELETE, {"of_tenant": tenant_id, "of_name": name}))


async def stamp(db: Database) -> tuple[int, ...]:
    """What differs whenever a connector was written."""
    rows = await db.read(_STAMP)
    return tuple(int(value) for value in rows[0])


async def list_all(db: Database) -> list[tuple[str, Connector, str]]:
    """Tenant, connector, and its secret, sealed."""
    return [(row["tenant_id"], _decode(row["body"]), row["secret"]) for row in await db.read(_ALL)]

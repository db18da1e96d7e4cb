"""Rows of grants."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import bindparam, func, insert, select, update

from miaohui.kit.database import Database, Operation
from miaohui.tools.tables import tool_grants

_CHANGE = (
    update(tool_grants)
    .where(tool_grants.c.tenant_id == bindparam("its_tenant_id"))
    .values(names=bindparam("its_names"), updated_at_ms=bindparam("its_updated_at_ms"))
    .returning(tool_grants.c.tenant_id)
)
_ADD = insert(tool_grants)
_ALL = select(tool_grants.c.tenant_id, tool_grants.c.names)
_STAMP = select(func.count(), func.coalesce(func.max(tool_grants.c.updated_at_ms), 0)).select_from(tool_grants)


def put_grant(tenant_id: str, names: Sequence[str], now_ms: int) -> Operation[None]:
    """From now on the tenant's assistant may use these."""
    text = msgspec.json.encode(list(names)).decode()
    row = {"its_tenant_id": tenant_id, "its_names": text, "its_updated_at_ms": now_ms}
    if not (yield _CHANGE, row):
        yield _ADD, {"tenant_id": tenant_id, "names": text, "updated_at_ms": now_ms}


class GrantsRepository:
    """What is kept of grants."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def stamp(self) -> tuple[int, int]:
        """What differs whenever a grant was written."""
        rows = await self._database.read(_STAMP)
        return int(rows[0][0]), int(rows[0][1])

    async def list_grants(self) -> dict[str, tuple[str, ...]]:
        """Names by tenant."""
        rows = await self._database.read(_ALL)
        return {row[0]: tuple(msgspec.json.decode(row[1])) for row in rows}

    async def put(self, tenant_id: str, names: Sequence[str], now_ms: int) -> None:
        """Keep a grant, durably."""
        await self._database.write(lambda: put_grant(tenant_id, names, now_ms), key="tool_grants")

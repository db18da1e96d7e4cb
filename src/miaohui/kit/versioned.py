"""One thing for each tenant, changed only by whoever saw the one before: tables of `tenant_id, body, version`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import msgspec
from sqlalchemy import BigInteger, Integer, Text, bindparam, func, insert, select, update

if TYPE_CHECKING:
    from sqlalchemy import Table

    from miaohui.kit.database import Database, Operation

_NEEDED = frozenset({"tenant_id", "body", "version", "updated_at_ms"})


class Thing(Protocol):
    """A msgspec Struct that counts its changes."""

    @property
    def version(self) -> int:
        """1 is the first."""
        ...


T = TypeVar("T", bound=Thing)


class Versioned(Generic[T]):
    """The rows of one such table, each a `kind` in JSON."""

    def __init__(self, database: Database, table: Table, kind: type[T]) -> None:
        """`table` has the columns `tenant_id` (its key), `body`, `version`, `updated_at_ms`."""
        if set(table.c.keys()) != _NEEDED:
            msg = f"{table.name} has other columns than {sorted(_NEEDED)}"
            raise ValueError(msg)
        c = table.c
        self._database = database
        self._name = table.name
        self._decoder = msgspec.json.Decoder(kind)
        self._add = insert(table)
        self._change = (
            update(table)
            .where(c.tenant_id == bindparam("its_tenant_id"), c.version == bindparam("its_before", type_=Integer))
            .values(
                body=bindparam("its_body", type_=Text),
                version=bindparam("its_version", type_=Integer),
                updated_at_ms=bindparam("its_updated_at_ms", type_=BigInteger),
            )
            .returning(c.tenant_id)
        )
        self._all = select(c.tenant_id, c.body, c.version)
        self._one = self._all.where(c.tenant_id == bindparam("its_tenant_id"))
        written = (func.count(), func.coalesce(func.max(c.updated_at_ms), 0), func.coalesce(func.sum(c.version), 0))
        self._stamp = select(*written).select_from(table)

    async def stamp(self) -> tuple[int, int, int]:
        """What differs whenever one was written."""
        row = (await self._database.read(self._stamp))[0]
        return int(row[0]), int(row[1]), int(row[2])

    async def list_(self) -> dict[str, T]:
        """All of them, by tenant."""
        return {row["tenant_id"]: self._decoder.decode(row["body"]) for row in await self._database.read(self._all)}

    async def find(self, tenant_id: str) -> T | None:
        """One tenant's."""
        rows = await self._database.read(self._one, {"its_tenant_id": tenant_id})
        return self._decoder.decode(rows[0]["body"]) if rows else None

    async def put(self, tenant_id: str, thing: T, now_ms: int) -> bool:
        """Keep it, durably, in place of the version before; False when another one stands there.

        Raises `Conflict` when the first one came just now.
        """
        key = f"{self._name}:{tenant_id}"
        body = msgspec.json.encode(thing).decode()
        return await self._database.write(lambda: self._put(tenant_id, body, thing.version, now_ms), key=key)

    def _put(self, tenant_id: str, body: str, version: int, now_ms: int) -> Operation[bool]:
        if version == 1:
            yield self._add, {"tenant_id": tenant_id, "body": body, "version": 1, "updated_at_ms": now_ms}
            return True
        changed = yield (
            self._change,
            {
                "its_tenant_id": tenant_id,
                "its_before": version - 1,
                "its_body": body,
                "its_version": version,
                "its_updated_at_ms": now_ms,
            },
        )
        return bool(changed)

"""One thing for each tenant, changed only by whoever saw the one before: tables of `tenant_id, body, version`.

`Versioned` keeps them; `Followed` knows them all, so that finding one costs a look into a dictionary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

import msgspec
from sqlalchemy import BigInteger, Column, Integer, String, Table, Text, bindparam, func, insert, select, update

from miaohui.kit.database import metadata
from miaohui.kit.errors import Conflict
from miaohui.kit.polling import keep_doing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database, Operation

FOLLOWED_S = 2.0
"""So soon a change made by another process holds in this one."""


def versioned_table(name: str) -> Table:
    """What a `Versioned` keeps its things in: of each tenant one, in JSON."""
    return Table(
        name,
        metadata,
        Column("tenant_id", String(40), primary_key=True),
        Column("body", Text, nullable=False),
        Column("version", Integer, nullable=False),
        Column("updated_at_ms", BigInteger, nullable=False),
    )


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
        """`table` is one that `versioned_table` made."""
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


class Records(Protocol[T]):
    """Where they are kept: a `Versioned`."""

    async def stamp(self) -> tuple[int, int, int]:
        """What differs whenever one was written."""
        ...

    async def list_(self) -> Mapping[str, T]:
        """All of them, by tenant."""
        ...

    async def find(self, tenant_id: str, /) -> T | None:
        """One tenant's."""
        ...

    async def put(self, tenant_id: str, thing: T, now_ms: int, /) -> bool:
        """False when another version stands there. Raises `Conflict`."""
        ...


class Followed(Generic[T]):
    """What every tenant wrote. A change holds at once in this process, in others within `FOLLOWED_S`."""

    def __init__(self, records: Records[T], clock: Clock, nothing: T) -> None:
        """`nothing` stands for a tenant that wrote none, and is what one that is the same counts for."""
        self._records = records
        self._clock = clock
        self._nothing = nothing
        self._known: dict[str, T] = {}
        self._seen: tuple[int, int, int] | None = None

    def find(self, tenant_id: str) -> T | None:
        """None for a tenant that wrote nothing."""
        return self._known.get(tenant_id)

    def everybody(self) -> Mapping[str, T]:
        """Of each tenant that wrote something."""
        return self._known

    async def get(self, tenant_id: str) -> T:
        """As it stands in the records."""
        return await self._records.find(tenant_id) or self._nothing

    async def put(self, tenant_id: str, thing: T) -> T | None:
        """In place of the one of `thing.version`, as the next; None when another one stands there now."""
        newer = _at(thing.version + 1, thing)
        try:
            stored = await self._records.put(tenant_id, newer, self._clock.now_ms())
        except Conflict:
            stored = False
        if not stored:
            return None
        await self.refresh()
        return newer

    async def refresh(self) -> None:
        """Read them again when any was written."""
        stamp = await self._records.stamp()
        if stamp != self._seen:
            everybody = await self._records.list_()
            self._known = {tenant: one for tenant, one in everybody.items() if self._says(one)}
            self._seen = stamp

    def _says(self, thing: T) -> bool:
        return _at(self._nothing.version, thing) != self._nothing

    async def run(self, *, failing: str) -> None:
        """Keep reading, until cancelled; what fails is logged under this name."""
        await keep_doing(self.refresh, every_s=FOLLOWED_S, failing=failing)


def _at(version: int, thing: T) -> T:
    return cast("T", msgspec.structs.replace(cast("Any", thing), version=version))

"""The rows of one table that are a company's, found and erased some at a time.

How they are found is read from the tables themselves, so that one that comes later is not forgotten: by the tenant's
id, or where a table has none, by the ids of its inboxes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import LargeBinary, String, and_, bindparam, delete, exists, func, select, tuple_

from miaohui.identity.tables import memberships, people, refresh_tokens
from miaohui.kit.database import metadata

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from sqlalchemy import Column, Table

    from miaohui.kit.database import Database, Operation

PORTION = 200
"""Rows erased in one transaction: milliseconds, so that those who wait for their acks hardly notice."""
HEAVY = 16
"""Of rows that hold files."""
WINDOW = 5_000
"""Rows looked at in one read, where nothing leads to a tenant's own."""


def owner_of(table: Table) -> Column[Any] | None:
    """By which column a row is somebody's; None for tables of the whole installation."""
    for name in ("tenant_id", "inbox_id"):
        if name in table.c:
            return table.c[name]
    return None


class Portions:
    """See the module."""

    def __init__(self, table: Table, owner: Column[Any]) -> None:
        keys = list(table.primary_key.columns)
        self.name = table.name
        self.by_inbox = owner.name == "inbox_id"
        self._led = _leads(table, owner)
        heavy = any(isinstance(column.type, LargeBinary) for column in table.columns)
        self._size = HEAVY if heavy else PORTION
        self._count = len(keys)
        these = keys[0] if len(keys) == 1 else tuple_(*keys)
        self._erase = delete(table).where(these.in_(bindparam("keys", expanding=True)))
        self._find = select(*keys).where(owner.in_(bindparam("owners", expanding=True))).limit(self._size)
        self._first = select(*keys, owner.label("its_owner")).order_by(*keys).limit(WINDOW)
        after = [bindparam(f"after_{at}", type_=key.type) for at, key in enumerate(keys)]
        self._next = self._first.where(keys[0] > after[0] if len(keys) == 1 else tuple_(*keys) > tuple_(*after))

    async def find(self, database: Database, owners: Sequence[str]) -> AsyncIterator[list[Any]]:
        """Keys of rows, a portion at a time; each is to be erased before the next is asked for."""
        if self._led:
            while owners and (rows := await database.read(self._find, {"owners": list(owners)})):
                yield [self._key(row) for row in rows]
            return
        rows = await database.read(self._first)
        while rows:
            found = [self._key(row) for row in rows if row[self._count] in owners]
            for start in range(0, len(found), self._size):
                yield found[start : start + self._size]
            last = rows[-1]
            rows = await database.read(self._next, {f"after_{at}": last[at] for at in range(self._count)})

    def erase(self, keys: Sequence[Any]) -> Operation[None]:
        """One portion."""
        yield self._erase, {"keys": list(keys)}

    def _key(self, row: Any) -> Any:
        return row[0] if self._count == 1 else tuple(row[at] for at in range(self._count))


def _leads(table: Table, owner: Column[Any]) -> bool:
    """Whether an index finds an owner's rows. Where none does, the table is read through once, in windows."""
    leading = [next(iter(table.primary_key.columns)), *(next(iter(index.columns), None) for index in table.indexes)]
    return any(one is owner for one in leading)


async def list_inboxes(database: Database, tenant_id: str) -> list[str]:
    """All that are left."""
    inboxes = metadata.tables["inboxes"]
    statement = select(inboxes.c.id).where(inboxes.c.tenant_id == bindparam("its_tenant"))
    return [row[0] for row in await database.read(statement, {"its_tenant": tenant_id})]


_STAFF = (
    select(memberships.c.person_id)
    .where(memberships.c.tenant_id == bindparam("its_tenant", type_=String))
    .limit(PORTION)
)
_LEAVE = delete(memberships).where(
    memberships.c.tenant_id == bindparam("its_tenant"), memberships.c.person_id.in_(bindparam("ids", expanding=True))
)
_NOWHERE = select(people.c.id).where(
    and_(people.c.id.in_(bindparam("ids", expanding=True)), ~exists().where(memberships.c.person_id == people.c.id))
)
_LOGINS = delete(refresh_tokens).where(refresh_tokens.c.person_id.in_(bindparam("ids", expanding=True)))
_PEOPLE = delete(people).where(people.c.id.in_(bindparam("ids", expanding=True)))


async def list_staff(database: Database, tenant_id: str) -> list[str]:
    """Some of those who work there."""
    return [row[0] for row in await database.read(_STAFF, {"its_tenant": tenant_id})]


def dismiss(tenant_id: str, person_ids: Sequence[str]) -> Operation[None]:
    """They work there no longer; who works nowhere else is gone, with every login."""
    yield _LEAVE, {"its_tenant": tenant_id, "ids": list(person_ids)}
    nowhere = [row[0] for row in (yield _NOWHERE, {"ids": list(person_ids)})]
    if nowhere:
        yield _LOGINS, {"ids": nowhere}
        yield _PEOPLE, {"ids": nowhere}


KNOWN_BY_SIGHT = {
    "people": "memberships",
    "inboxes": "inboxes",
    "contacts": "contacts",
    "conversations": "conversations",
    "tickets": "tickets",
    "files": "channel_media",
    "knowledge versions": "knowledge_versions",
}
"""What an operator calls some of the tables; all of them are found by the tenant's id."""


async def weigh(database: Database, tenant_id: str) -> dict[str, int]:
    """How much there is of what an operator knows by sight."""
    whose = {"its_tenant": tenant_id}
    found = {}
    for name, table_name in KNOWN_BY_SIGHT.items():
        table = metadata.tables[table_name]
        counting = select(func.count()).select_from(table).where(table.c.tenant_id == bindparam("its_tenant"))
        found[name] = int((await database.read(counting, whose))[0][0])
    spoken = metadata.tables["conversations"].c
    adding = select(func.coalesce(func.sum(spoken.last_seq), 0)).where(spoken.tenant_id == bindparam("its_tenant"))
    found["messages"] = int((await database.read(adding, whose))[0][0])
    return found

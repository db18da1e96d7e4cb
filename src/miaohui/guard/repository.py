"""Rows of companies' own words."""

from __future__ import annotations

import msgspec
from sqlalchemy import BigInteger, Integer, Text, bindparam, func, insert, select, update

from miaohui.guard.tables import guard_words
from miaohui.guard.types import OwnWords
from miaohui.kit.database import Database, Operation

_w = guard_words.c
_CHANGE = (
    update(guard_words)
    .where(_w.tenant_id == bindparam("its_tenant_id"), _w.version == bindparam("its_before", type_=Integer))
    .values(
        body=bindparam("its_body", type_=Text),
        version=bindparam("its_version", type_=Integer),
        updated_at_ms=bindparam("its_updated_at_ms", type_=BigInteger),
    )
    .returning(_w.tenant_id)
)
_ADD = insert(guard_words)
_ALL = select(_w.tenant_id, _w.body, _w.version)
_ONE = _ALL.where(_w.tenant_id == bindparam("its_tenant_id"))
_STAMP = select(
    func.count(), func.coalesce(func.max(_w.updated_at_ms), 0), func.coalesce(func.sum(_w.version), 0)
).select_from(guard_words)


def put(tenant_id: str, words: OwnWords, now_ms: int) -> Operation[bool]:
    """In place of the version before; False when another one stands there. Raises `Conflict` when it came just now."""
    body = msgspec.json.encode(words).decode()
    if words.version == 1:
        yield _ADD, {"tenant_id": tenant_id, "body": body, "version": 1, "updated_at_ms": now_ms}
        return True
    changed = yield (
        _CHANGE,
        {
            "its_tenant_id": tenant_id,
            "its_before": words.version - 1,
            "its_body": body,
            "its_version": words.version,
            "its_updated_at_ms": now_ms,
        },
    )
    return bool(changed)


class OwnWordsRepository:
    """What is kept of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def stamp(self) -> tuple[int, int, int]:
        """What differs whenever a list was written."""
        row = (await self._database.read(_STAMP))[0]
        return int(row[0]), int(row[1]), int(row[2])

    async def list_(self) -> dict[str, OwnWords]:
        """All of them, by tenant."""
        return {row["tenant_id"]: _words(row["body"], row["version"]) for row in await self._database.read(_ALL)}

    async def find(self, tenant_id: str) -> OwnWords | None:
        """One company's."""
        rows = await self._database.read(_ONE, {"its_tenant_id": tenant_id})
        return _words(rows[0]["body"], rows[0]["version"]) if rows else None

    async def put(self, tenant_id: str, words: OwnWords, now_ms: int) -> bool:
        """Keep a list, durably; see `put`."""
        return await self._database.write(lambda: put(tenant_id, words, now_ms), key=f"guard_words:{tenant_id}")


def _words(body: str, version: int) -> OwnWords:
    return msgspec.structs.replace(msgspec.json.decode(body, type=OwnWords), version=version)

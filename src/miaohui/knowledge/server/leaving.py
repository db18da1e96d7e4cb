"""What the search tables hold of a tenant, erased; they stand outside the migrations, so they are named here."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from miaohui.kit.database import Database, Operation

PORTION = 500

_THERE = text("SELECT count(*) AS there FROM pg_class WHERE oid = to_regclass(CAST(:name AS text))")
_CHUNKS = text("""
DELETE FROM search_chunks WHERE place IN (
    SELECT place FROM search_chunks WHERE tenant_id = :of_tenant LIMIT :most
) RETURNING place
""")
_BODIES = text("DELETE FROM search_bodies WHERE place = ANY(CAST(:places AS bigint[]))")
TABLES = (
    "search_articles",
    "search_terms",
    "search_stats",
    "search_taught",
    "search_meanings",
    "search_meant",
    "search_claims",
)
"""Which name the tenant themselves."""
_SOME = {
    name: text(
        f"DELETE FROM {name} WHERE ctid = ANY(ARRAY("  # noqa: S608  (names of our own)
        f"SELECT ctid FROM {name} WHERE tenant_id = :of_tenant LIMIT :most)) RETURNING 1 AS gone"
    )
    for name in TABLES
}


async def forget(database: Database, tenant_id: str) -> int:
    """A portion at a time; how many rows. Nothing where no search tables are."""
    erased = 0
    if await _is_there(database, "search_chunks"):
        while gone := await database.write(partial(_forget_chunks, tenant_id), patient=True):
            erased += gone
    for name in TABLES:
        if await _is_there(database, name):
            while gone := await database.write(partial(_forget_some, name, tenant_id), patient=True):
                erased += gone
    return erased


async def _is_there(database: Database, name: str) -> bool:
    return bool((await database.read(_THERE, {"name": name}))[0]["there"])


def _forget_chunks(tenant_id: str) -> Operation[int]:
    places = [row["place"] for row in (yield _CHUNKS, {"of_tenant": tenant_id, "most": PORTION})]
    if places:
        yield _BODIES, {"places": places}
    return len(places)


def _forget_some(name: str, tenant_id: str) -> Operation[int]:
    return len((yield _SOME[name], {"of_tenant": tenant_id, "most": PORTION}))

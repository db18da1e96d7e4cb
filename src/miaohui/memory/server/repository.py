"""Vectors of facts as pgvector has them: derived by the server from what is kept, and gone with it.

No second bookkeeping: a fact that is written, forgotten or deleted in the records is so here too. The column stands
outside the migrations because not every server can have it.
"""

from __future__ import annotations

from array import array

from sqlalchemy import text

from miaohui.kit.database import Database, Operation
from miaohui.kit.pgvector import INSTALL, has_vectors
from miaohui.memory.repository import fact_of
from miaohui.memory.types import Fact

_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('contact_facts.near')) IS NULL AS locked")
_KNOWN = text("""
SELECT count(*) AS there FROM pg_attribute
WHERE attrelid = CAST('contact_facts' AS regclass) AND attname = 'near' AND NOT attisdropped
""")
# The records hold 32-bit floats, little-endian, for which PostgreSQL has no cast.
_READ = text("""
CREATE OR REPLACE FUNCTION fact_vector(stored bytea) RETURNS halfvec LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
SELECT CASE WHEN length(stored) = 1024 THEN (
    SELECT CAST(CAST(array_agg(
        CASE WHEN (bits >> 23) & 255 = 0 THEN 0.0
        ELSE (1 - 2 * (bits >> 31)) * (1 + (bits & 8388607) / 8388608.0) * power(2.0, ((bits >> 23) & 255) - 127) END
        ORDER BY n
    ) AS real[]) AS vector)
    FROM (
        SELECT n, get_byte(stored, n * 4) + get_byte(stored, n * 4 + 1) * 256 + get_byte(stored, n * 4 + 2) * 65536
            + CAST(get_byte(stored, n * 4 + 3) AS bigint) * 16777216 AS bits
        FROM generate_series(0, 255) AS parts(n)
    ) AS words
) END
$$
""")
_ADD = text("""
ALTER TABLE contact_facts ADD COLUMN IF NOT EXISTS near halfvec(256) GENERATED ALWAYS AS (fact_vector(vector)) STORED
""")
_NEAREST = text("""
SELECT f.id, f.tenant_id, f.contact_id, f.text, f.state, f.conversation_id, f.said_at_ms FROM contact_facts f
WHERE f.tenant_id = :of_tenant AND f.contact_id = :of_contact AND f.state <> 'forgotten'
ORDER BY f.near <#> CAST(:vector AS halfvec), f.id LIMIT :most
""")


async def prepare(db: Database) -> bool:
    """Add the column where the server can have it; whether it is there."""
    if not await has_vectors(db):
        return False

    def add() -> Operation[None]:
        yield _LOCK, {}
        known = yield _KNOWN, {}
        if not known[0]["there"]:
            for statement in (*INSTALL, _READ, _ADD):
                yield statement, {}

    await db.write(add, key="contact_facts")
    return True


async def list_nearest(db: Database, tenant_id: str, contact_id: str, vector: bytes, most: int) -> list[Fact]:
    """Of one contact, without those forgotten."""
    told = {"of_tenant": tenant_id, "of_contact": contact_id, "vector": _write(vector), "most": most}
    return [fact_of(row) for row in await db.read(_NEAREST, told)]


def _write(vector: bytes) -> str:
    """As pgvector reads one."""
    return "[" + ",".join(f"{part:.6g}" for part in array("f", vector)) + "]"

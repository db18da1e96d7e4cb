"""The SQL of what chunks mean: a vector for each text, of whatever length the model gives, and the texts' places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from sqlalchemy import TextClause, text

from miaohui.kit.database import Database, Operation
from miaohui.knowledge.counting import Floats
from miaohui.knowledge.server.policy import write_vector
from miaohui.knowledge.server.statements import ASKED, GIVEN, NEIGHBOURS, SHOWN

MOST_DIMENSIONS = 4_000
"""pgvector indexes no longer ones; those are all compared."""

_MISSING = text("""
SELECT s.place, b.chunk_id FROM search_chunks s JOIN search_bodies b ON b.place = s.place
LEFT JOIN search_meant t ON t.place = s.place
LEFT JOIN search_meanings v ON v.tenant_id = t.tenant_id AND v.digest = t.digest AND v.model = :model
WHERE s.tenant_id = :of_tenant AND s.born <= :at_version AND (s.ended = 0 OR s.ended > :at_version) AND v.digest IS NULL
ORDER BY s.place LIMIT :most
""")
_KNOWN = text("""
SELECT digest FROM search_meanings
WHERE tenant_id = :of_tenant AND model = :model AND digest = ANY(CAST(:digests AS bytea[]))
""")
_KEEP = text("""
INSERT INTO search_meanings VALUES (:of_tenant, :model, :digest, CAST(:vector AS halfvec)) ON CONFLICT DO NOTHING
""")
_PLACE = text("""
INSERT INTO search_meant VALUES (:place, :of_tenant, :digest) ON CONFLICT (place) DO UPDATE SET digest = excluded.digest
""")
_CLAIM = text("""
INSERT INTO search_claims VALUES (:of_tenant, :owner, :until_ms)
ON CONFLICT (tenant_id) DO UPDATE SET owner = excluded.owner, until_ms = excluded.until_ms
WHERE search_claims.owner = :owner OR search_claims.until_ms < :now_ms
RETURNING owner
""")
_RELEASE = text("DELETE FROM search_claims WHERE tenant_id = :of_tenant AND owner = :owner")
_LENGTHS = text("SELECT count(*) AS there FROM pg_class WHERE relname = :name")
_NEAR = """
SELECT b.chunk_id, -({vector} <#> {asked}) AS cosine
FROM search_meanings v JOIN search_meant t ON t.tenant_id = v.tenant_id AND t.digest = v.digest
JOIN search_chunks s ON s.place = t.place JOIN search_bodies b ON b.place = s.place
WHERE v.tenant_id = {tenant} AND v.model = {model} AND vector_dims(v.vector) = {length} AND {shown}
ORDER BY {order} LIMIT {most}
"""


class Meant(NamedTuple):
    """What a question means to a model."""

    model: str
    vector: Floats


def claim(tenant_id: str, owner: str, times: tuple[int, int]) -> Operation[bool]:
    """Be who embeds a tenant's chunks; False while somebody else is. `times` is now and until when, milliseconds."""
    now_ms, until_ms = times
    rows = yield _CLAIM, {"of_tenant": tenant_id, "owner": owner, "now_ms": now_ms, "until_ms": until_ms}
    return bool(rows)


def release(tenant_id: str, owner: str) -> Operation[None]:
    """Be it no more."""
    yield _RELEASE, {"of_tenant": tenant_id, "owner": owner}


async def list_missing(db: Database, tenant_id: str, version: int, model: str, most: int) -> dict[int, str]:
    """Place and chunk of what a version shows and the model was not asked about."""
    asked = {"of_tenant": tenant_id, "at_version": version, "model": model, "most": most}
    return {row["place"]: row["chunk_id"] for row in await db.read(_MISSING, asked)}


async def list_known(db: Database, tenant_id: str, model: str, digests: Sequence[bytes]) -> set[bytes]:
    """Those of these texts that are paid for."""
    rows = await db.read(_KNOWN, {"of_tenant": tenant_id, "model": model, "digests": list(digests)})
    return {bytes(row["digest"]) for row in rows}


def keep(tenant_id: str, model: str, vectors: Mapping[bytes, Floats], digests: Mapping[int, bytes]) -> Operation[None]:
    """These vectors, and which text stands at which place; the first of a length makes its index."""
    for length in {len(vector) for vector in vectors.values()}:
        name = _index_of(length)
        if length <= MOST_DIMENSIONS and not (yield _LENGTHS, {"name": name})[0]["there"]:
            for statement in _make_index(length):
                yield statement, {}
    for digest, vector in vectors.items():
        values = {"of_tenant": tenant_id, "model": model, "digest": digest, "vector": write_vector(vector)}
        yield _KEEP, values
    for place, digest in digests.items():
        yield _PLACE, {"of_tenant": tenant_id, "place": place, "digest": digest}


async def find_near(db: Database, where: dict[str, object], meant: Meant, *, exactly: bool) -> list[tuple[str, float]]:
    """Chunks and cosines, the nearest first."""
    length = len(meant.vector)
    asked = where | {"model": meant.model, "meant": write_vector(meant.vector), "length": length}
    indexed = not exactly and length <= MOST_DIMENSIONS
    if indexed:
        rows = await db.read(_LENGTHS, {"name": _index_of(length)})
        indexed = bool(rows[0]["there"])
    rows = await db.read(_through_index(length) if indexed else _EXACTLY, asked)
    return [(row["chunk_id"], float(row["cosine"])) for row in rows]


def _index_of(length: int) -> str:
    return f"ix_search_meanings_{length}"


_EXACTLY = text(
    _NEAR.format(
        vector="v.vector",
        asked="CAST(:meant AS halfvec)",
        tenant=":of_tenant",
        model=":model",
        length=":length",
        shown=SHOWN,
        order="cosine DESC",
        most=NEIGHBOURS,
    )
)


@cache
def _make_index(length: int) -> tuple[TextClause, TextClause]:
    """The planner would rather sort everything; so it is told how to go about it."""
    near = _NEAR.format(
        vector=f"(v.vector::halfvec({length}))",
        asked="search_meant_near.asked",
        tenant="search_meant_near.of_tenant",
        model="search_meant_near.model",
        length=length,
        shown=SHOWN.replace(":", "search_meant_near."),
        order=f"(v.vector::halfvec({length})) <#> search_meant_near.asked",
        most=NEIGHBOURS,
    ).replace("search_meant_near", f"search_meant_{length}")
    function = f"""
CREATE OR REPLACE FUNCTION search_meant_{length}(asked halfvec, model text, {ASKED.strip()})
RETURNS TABLE (chunk_id varchar, cosine float8) LANGUAGE sql STABLE ROWS {NEIGHBOURS}
SET hnsw.iterative_scan = 'strict_order' SET hnsw.ef_search = 200
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
AS $$ {near} $$
"""
    index = f"""
CREATE INDEX IF NOT EXISTS {_index_of(length)} ON search_meanings
USING hnsw ((vector::halfvec({length})) halfvec_ip_ops) WHERE vector_dims(vector) = {length}
"""
    return text(index), text(function)


@cache
def _through_index(length: int) -> TextClause:
    return text(f"SELECT * FROM search_meant_{length}(CAST(:meant AS halfvec), :model, {GIVEN})")  # noqa: S608  (a number)

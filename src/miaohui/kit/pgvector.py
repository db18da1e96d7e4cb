"""Whether a PostgreSQL server knows vectors, and how it is made to."""

from __future__ import annotations

from sqlalchemy import text

from miaohui.kit.database import Database

INSTALL = (
    text("CREATE EXTENSION IF NOT EXISTS vector"),
    text("SELECT CAST('[1]' AS vector) IS NULL AS loaded"),  # so that the server knows its settings
)
_THERE = text("""
SELECT count(*) AS there FROM pg_available_extensions
WHERE name = 'vector'
    AND CAST(string_to_array(coalesce(installed_version, default_version), '.') AS int[]) >= CAST('{0,8}' AS int[])
    AND (installed_version IS NOT NULL OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user))
""")


async def has_vectors(db: Database) -> bool:
    """Whether pgvector from 0.8 is installed, or may be by this role."""
    return bool((await db.read(_THERE))[0]["there"])

"""A test finds nothing of the one before it, though both have the same database."""

from __future__ import annotations

import asyncpg
import pytest
from tests.support.records import Postgres, run_postgres

pytestmark = pytest.mark.pg
ROW = "INSERT INTO meta (key, value) VALUES ('left', 'behind')"
FOUND = "SELECT 1 / (CASE WHEN EXISTS (SELECT FROM meta) THEN 0 ELSE 1 END)"
"""Fails where there is a row."""


async def test_rows_are_gone_and_the_database_is_the_same(postgres: Postgres) -> None:
    before = await postgres.take()
    await run_postgres(before, ROW)
    assert await postgres.take() == before
    await run_postgres(before, FOUND)


@pytest.mark.parametrize(
    "change", ["CREATE TABLE mine (n int)", "ALTER TABLE contacts ADD COLUMN mine int", "DROP INDEX ix_{}"]
)
async def test_another_form_is_left_to_who_made_it(postgres: Postgres, change: str) -> None:
    before = await postgres.take()
    index = "SELECT substr(indexname, 4) FROM pg_indexes WHERE indexname LIKE 'ix_%' LIMIT 1"
    await run_postgres(before, change.format(await found(before, index)))
    after = await postgres.take()
    assert after != before
    await run_postgres(after, FOUND)


async def found(url: str, statement: str) -> str:
    """The one value that a statement gives."""
    connection = await asyncpg.connect(url)
    value = str(await connection.fetchval(statement))
    await connection.close()
    return value

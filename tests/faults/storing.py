"""Stores one word after the other in SQLite and says when each was acked.

`python -m tests.faults.storing FILE LOG BYTES`; so long the log of commits may be before it is folded into the file.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from sqlalchemy import Column, MetaData, String, Table, Text
from sqlalchemy.schema import CreateTable

from miaohui.kit import sqlite_file
from miaohui.kit.clock import SystemClock
from miaohui.kit.database import Operation
from miaohui.kit.records import RecordsOptions
from miaohui.kit.sqlite import open_sqlite

WORDS = Table("words", MetaData(), Column("key", String(64), primary_key=True), Column("value", Text, nullable=False))
LIVES, WRITES = 3, 10
LONG = 9_000
"""Bytes of a word: over more than one page."""


def make() -> Operation[None]:
    yield CreateTable(WORDS, if_not_exists=True), {}


def put(key: str) -> Operation[None]:
    yield WORDS.insert(), {"key": key, "value": key * (LONG // len(key))}


async def store(file: Path, log: int, log_bytes: int) -> None:
    """`LIVES` times open, write and close; the close folds the log of commits into the file, if nothing did before."""
    for life in range(LIVES):
        options = RecordsOptions(readers=1, log_bytes=log_bytes)
        database = await open_sqlite(file, clock=SystemClock(), data_dir=file.parent, options=options)
        await database.write(make)
        for number in range(WRITES):
            key = f"w{life}-{number}"
            await database.write(lambda key=key: put(key))  # type: ignore[misc]
            os.write(log, f"A {key} 0 0\n".encode())
        await database.close()


def main() -> None:
    file, log, log_bytes, *trust = sys.argv[1:]
    if trust:  # planted: what is committed is not waited for
        sqlite_file.SYNCHRONOUS = trust[0]
    asyncio.run(store(Path(file), os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), int(log_bytes)))


if __name__ == "__main__":
    main()

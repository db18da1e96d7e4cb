"""The database as it lies there when the server has gone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from miaohui.testing.history.cold import LAST_SEQS, MESSAGES, TURNS, cold_of
from miaohui.testing.history.types import Cold


def read_cold(file: Path) -> Cold:
    """Everything the checker needs; opened for reading, so that nothing is repaired by looking."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        return cold_of(*(database.execute(query) for query in (MESSAGES, TURNS, LAST_SEQS)))


def count_running(file: Path) -> int:
    """Turns that have no end yet."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        (count,) = database.execute("SELECT count(*) FROM turns WHERE state = 'running'").fetchone()
        return int(count)

"""The database as it lies there when the server has gone."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from miaohui.testing.history.types import Cold, Stored, StoredTurn

_MESSAGES = (
    "SELECT id, tenant_id, conversation_id, seq, sender, text, turn_id, final, cmid, principal, body_hash FROM messages"
)
_TURNS = "SELECT id, message_id, state, created_at_ms, ended_at_ms FROM turns"
_LAST = "SELECT id, last_seq FROM conversations WHERE last_seq > 0"


def read_cold(file: Path) -> Cold:
    """Everything the checker needs; opened for reading, so that nothing is repaired by looking."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        return Cold(
            messages=tuple(_message(row) for row in database.execute(_MESSAGES)),
            turns=tuple(_turn(row) for row in database.execute(_TURNS)),
            last_seqs=dict(database.execute(_LAST).fetchall()),
        )


def count_running(file: Path) -> int:
    """Turns that have no end yet."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        (count,) = database.execute("SELECT count(*) FROM turns WHERE state = 'running'").fetchone()
        return int(count)


def _message(row: Sequence[Any]) -> Stored:
    return Stored(
        id=row[0],
        tenant=row[1],
        conversation=row[2],
        seq=row[3],
        sender=row[4],
        text=row[5],
        turn=row[6],
        final=bool(row[7]),
        cmid=row[8] or "",
        principal=row[9],
        body_hash=row[10],
    )


def _turn(row: Sequence[Any]) -> StoredTurn:
    return StoredTurn(id=row[0], message=row[1], state=row[2], created_at_ms=row[3], ended_at_ms=row[4])

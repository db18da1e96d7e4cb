"""The rows that the checker reads when the servers have gone: in SQL that every database understands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from miaohui.testing.history.types import Cold, Stored, StoredTurn

MESSAGES = "SELECT id, tenant_id, conversation_id, seq, sender, text, turn_id, final, cmid, principal FROM messages"
TURNS = "SELECT id, message_id, state, created_at_ms, ended_at_ms FROM turns"
LAST_SEQS = "SELECT id, last_seq FROM conversations WHERE last_seq > 0"

Rows = Iterable[Sequence[Any]]


def cold_of(messages: Rows, turns: Rows, last_seqs: Rows) -> Cold:
    """What the three queries gave."""
    return Cold(
        messages=tuple(_message(row) for row in messages),
        turns=tuple(_turn(row) for row in turns),
        last_seqs={row[0]: row[1] for row in last_seqs},
    )


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
        principal=row[9] or "",
    )


def _turn(row: Sequence[Any]) -> StoredTurn:
    return StoredTurn(id=row[0], message=row[1], state=row[2], created_at_ms=row[3], ended_at_ms=row[4])

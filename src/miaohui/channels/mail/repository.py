"""Rows of letters."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import String, bindparam, insert, select

from miaohui.channels.tables import channel_letters
from miaohui.kit.database import Database, Operation

_l = channel_letters.c


def _given(name: str, kind: Any = String) -> Any:
    return bindparam(f"p_{name}", type_=kind)


_KNOWN = select(_l.letter_id).where(_l.inbox_id == _given("inbox"), _l.letter_id == _given("letter"))
_NOTE = insert(channel_letters)
_ANSWERED = (
    select(_l.letter_id, _l.address)
    .where(_l.inbox_id == _given("inbox"), _l.letter_id.in_(bindparam("p_letters", expanding=True)))
    .limit(20)
)
_LAST = (
    select(_l.letter_id, _l.subject)
    .where(_l.inbox_id == _given("inbox"), _l.address == _given("address"))
    .order_by(_l.at_ms.desc(), _l.letter_id.desc())
    .limit(10)
)


class Noted(msgspec.Struct, frozen=True, kw_only=True):
    """A letter of a thread, in or out."""

    inbox_id: str
    letter_id: str
    address: str
    subject: str
    at_ms: int


def note(letter: Noted) -> Operation[None]:
    """Remember a letter, once."""
    if not (yield _KNOWN, {"p_inbox": letter.inbox_id, "p_letter": letter.letter_id}):
        yield _NOTE, msgspec.structs.asdict(letter)


async def find_addresses(database: Database, inbox_id: str, letters: tuple[str, ...]) -> dict[str, str]:
    """Thread addresses by the letters that belong to them."""
    if not letters:
        return {}
    rows = await database.read(_ANSWERED, {"p_inbox": inbox_id, "p_letters": list(letters)})
    return {row[0]: row[1] for row in rows}


async def list_last(database: Database, inbox_id: str, address: str) -> list[tuple[str, str]]:
    """The last ten letters of a thread with their subjects, the last first."""
    rows = await database.read(_LAST, {"p_inbox": inbox_id, "p_address": address})
    return [(row[0], row[1]) for row in rows]

"""Rows of letters, and how far each mailbox was read."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import BigInteger, String, bindparam, insert, select, update

from miaohui.channels.tables import channel_cursors, channel_letters
from miaohui.kit.database import Database, Operation

_l, _c = channel_letters.c, channel_cursors.c


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
_CURSOR = select(channel_cursors).where(_c.inbox_id == _given("inbox"))
_FIRST = insert(channel_cursors).values(inbox_id=_given("inbox"))
_LEASE = (
    update(channel_cursors)
    .where(
        _c.inbox_id == _given("inbox"), (_c.lease_until_ms <= _given("now", BigInteger)) | (_c.owner == _given("owner"))
    )
    .values(owner=_given("owner"), lease_until_ms=_given("until", BigInteger))
    .returning(_c.position)
)
_MOVE = (
    update(channel_cursors)
    .where(_c.inbox_id == _given("inbox"), _c.owner == _given("owner"))
    .values(position=_given("position"))
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


def lease(inbox_id: str, owner: str, now_ms: int, until_ms: int) -> Operation[str | None]:
    """How far the mailbox was read, when it is ours to read; None when another process reads it."""
    if not (yield _CURSOR, {"p_inbox": inbox_id}):
        yield _FIRST, {"p_inbox": inbox_id}
    rows = yield _LEASE, {"p_inbox": inbox_id, "p_owner": owner, "p_now": now_ms, "p_until": until_ms}
    return str(rows[0][0]) if rows else None


def move(inbox_id: str, owner: str, position: str) -> Operation[None]:
    """Read up to here."""
    yield _MOVE, {"p_inbox": inbox_id, "p_owner": owner, "p_position": position}


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

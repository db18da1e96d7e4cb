"""Rows of letters."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import BigInteger, String, bindparam, delete, exists, insert, select

from miaohui.channels.tables import channel_heard, channel_letters, channel_threads
from miaohui.conversations.tables import conversations
from miaohui.kit.database import Database, Operation

_l, _h, _v = channel_letters.c, channel_heard.c, conversations.c


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


_TOLD = select(_h.key).where(_h.inbox_id == _given("inbox"), _h.key == _given("key"))
_TELL = insert(channel_heard).values(
    inbox_id=_given("inbox"), key=_given("key"), answer="", at_ms=_given("now", BigInteger)
)
_UNTELL = delete(channel_heard).where(_h.inbox_id == _given("inbox"), _h.key == _given("key"))
_UNSEEN = (
    select(_v.id, _v.seen_by_contact)
    .where(
        _v.tenant_id == _given("tenant"),
        _v.updated_at_ms.between(_given("since", BigInteger), _given("until", BigInteger)),
        _v.last_seq > _v.seen_by_contact,
        # Who has a thread at some channel is told there.
        ~exists().where(channel_threads.c.conversation_id == _v.id),
    )
    .order_by(_v.updated_at_ms)
    .limit(_given("limit", BigInteger))
)


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """When something happened last, both ends included."""

    since_ms: int
    until_ms: int


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


def claim(inbox_id: str, key: str, now_ms: int) -> Operation[bool]:
    """Whether nobody has told this yet; from now on somebody has. Remembered for a day."""
    if (yield _TOLD, {"p_inbox": inbox_id, "p_key": key}):
        return False
    yield _TELL, {"p_inbox": inbox_id, "p_key": key, "p_now": now_ms}
    return True


def give_back(inbox_id: str, key: str) -> Operation[None]:
    """It was not told after all."""
    yield _UNTELL, {"p_inbox": inbox_id, "p_key": key}


async def list_unseen(database: Database, tenant_id: str, span: Span, limit: int) -> list[tuple[str, int]]:
    """Conversations whose visitor has not seen everything, and how far they have; the longest quiet first."""
    params = {"p_tenant": tenant_id, "p_since": span.since_ms, "p_until": span.until_ms, "p_limit": limit}
    return [(str(row[0]), int(row[1])) for row in await database.read(_UNSEEN, params)]


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

"""Rows of files, and their bytes in parts: no write is long, and of a film only what is watched is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Integer, String, bindparam, delete, exists, func, insert, select, update

from miaohui.channels.media.types import Media, named_in
from miaohui.channels.tables import channel_media, channel_media_parts
from miaohui.conversations.tables import messages
from miaohui.kit.database import Database, Operation, Row

_m, _p = channel_media.c, channel_media_parts.c
_FIELDS = tuple(name for name in Media.__struct_fields__ if name != "body")


def _given(name: str, kind: Any = String) -> Any:
    return bindparam(f"p_{name}", type_=kind)


_THIS = _m.id == _given("media")
_KNOWN = select(_m.id).where(_THIS)
_FIND = select(channel_media).where(_THIS)
_INSERT = insert(channel_media)
_POINT = update(channel_media).where(_THIS).values(digest=_given("digest"))
_KEEP = (
    update(channel_media)
    .where(_THIS)
    .values(
        state="kept",
        type=_given("type"),
        name=_given("name"),
        size_bytes=_given("size", BigInteger),
        source="",
    )
)
_MISS = (
    update(channel_media).where(_THIS, _m.state == "pending").values(state=_given("state"), attempts=_m.attempts + 1)
)
_PENDING = (
    select(channel_media)
    .where(_m.state == "pending", _m.created_at_ms < _given("before", BigInteger))
    .order_by(_m.created_at_ms)
    .limit(50)
)
_OF_TENANT = _m.tenant_id == _given("tenant")
_THESE = _m.id.in_(bindparam("p_ids", expanding=True))
_SENT_BY = (_OF_TENANT, _m.sender_id == _given("sender"), _m.sender_id != "")
_NAMED = select(_m.id, _m.tenant_id, _m.digest).where(_OF_TENANT, _THESE)
_SENT = select(_m.id, _m.tenant_id, _m.digest).where(*_SENT_BY).limit(500)
_LIST_SENT = select(channel_media).where(*_SENT_BY, _m.state == "kept").order_by(_m.created_at_ms, _m.id).limit(500)
_OLD = (
    select(_m.id, _m.tenant_id, _m.digest)
    .where(_m.created_at_ms < _given("before", BigInteger))
    .order_by(_m.created_at_ms)
    .limit(500)
)
_TELLING = select(messages.c.text).where(
    messages.c.tenant_id == _given("tenant"),
    messages.c.conversation_id == _given("conversation"),
    messages.c.text.contains("](/v1/media/", autoescape=True),
)
_DROP = delete(channel_media).where(_THESE)
_SUM = select(func.sum(_m.size_bytes)).where(*_SENT_BY)
_CONTENT = (_p.tenant_id == _given("tenant"), _p.digest == _given("digest"))
_PART_IS = (*_CONTENT, _p.at_bytes == _given("at", Integer))
_HAS_PART = select(_p.at_bytes).where(*_PART_IS)
_INSERT_PART = insert(channel_media_parts)
_OFFSETS = select(_p.at_bytes).where(*_CONTENT).order_by(_p.at_bytes)
_PART = select(_p.body).where(*_PART_IS)
_LOOSE = delete(channel_media_parts).where(
    _p.tenant_id == _given("tenant"),
    _p.digest.in_(bindparam("p_digests", expanding=True)),
    ~exists().where(_m.tenant_id == _p.tenant_id, _m.digest == _p.digest),
)


def expect(media: Media) -> Operation[bool]:
    """Note a file that is to come; False when it was noted before."""
    if (yield _KNOWN, {"p_media": media.id}):
        return False
    yield _INSERT, {name: getattr(media, name) for name in _FIELDS}
    return True


def point(media: Media) -> Operation[None]:
    """Say which bytes are its, before they are written: nobody takes away what somebody points at."""
    yield _POINT, {"p_media": media.id, "p_digest": media.digest}


def put_part(media: Media, at_bytes: int, body: bytes) -> Operation[None]:
    """Some of its bytes, unless they are here already."""
    key = {"tenant_id": media.tenant_id, "digest": media.digest, "at_bytes": at_bytes}
    asked = {"p_tenant": media.tenant_id, "p_digest": media.digest, "p_at": at_bytes}
    if not (yield _HAS_PART, asked):
        yield _INSERT_PART, {**key, "body": body}


def keep(media: Media) -> Operation[None]:
    """It is here, whole."""
    facts = {"p_type": media.type, "p_name": media.name, "p_size": media.size_bytes}
    yield _KEEP, {"p_media": media.id, **facts}


def miss(media: Media, *, for_good: bool) -> Operation[None]:
    """It could not be had."""
    yield _MISS, {"p_media": media.id, "p_state": "lost" if for_good else "pending"}


def forget(before_ms: int) -> Operation[None]:
    """Drop old files of every tenant, by the hundred."""
    yield from _take_away((yield _OLD, {"p_before": before_ms}))


def drop(tenant_id: str, ids: Sequence[str]) -> Operation[None]:
    """These, of this tenant."""
    yield from _take_away((yield _NAMED, {"p_tenant": tenant_id, "p_ids": list(ids)}))


def forget_conversation(tenant_id: str, conversation_id: str) -> Operation[None]:
    """What its messages name, before they are gone themselves."""
    rows = yield _TELLING, {"p_tenant": tenant_id, "p_conversation": conversation_id}
    ids = sorted({media_id for row in rows for media_id in named_in(row["text"])})
    if ids:
        yield from drop(tenant_id, ids)


def drop_sent_by(tenant_id: str, contact_id: str) -> Operation[int]:
    """What a visitor sent, up to five hundred; how many there were."""
    rows = yield _SENT, {"p_tenant": tenant_id, "p_sender": contact_id}
    yield from _take_away(rows)
    return len(rows)


def _take_away(rows: Sequence[Row]) -> Operation[None]:
    if not rows:
        return
    yield _DROP, {"p_ids": [row["id"] for row in rows]}
    for tenant_id in {row["tenant_id"] for row in rows}:
        digests = sorted({row["digest"] for row in rows if row["tenant_id"] == tenant_id and row["digest"]})
        if digests:
            yield _LOOSE, {"p_tenant": tenant_id, "p_digests": digests}


async def find(database: Database, media_id: str) -> Media | None:
    """Of any tenant, without its bytes: who has the id may see it."""
    rows = await database.read(_FIND, {"p_media": media_id})
    return _media(rows[0]) if rows else None


async def list_pending(database: Database, before_ms: int) -> list[Media]:
    """Those that were to be fetched before this moment and are not here, of every tenant."""
    return [_media(row) for row in await database.read(_PENDING, {"p_before": before_ms})]


async def list_sent_by(database: Database, tenant_id: str, contact_id: str) -> list[Media]:
    """What a visitor uploaded, oldest first."""
    asked = {"p_tenant": tenant_id, "p_sender": contact_id}
    return [_media(row) for row in await database.read(_LIST_SENT, asked)]


async def bytes_of(database: Database, tenant_id: str, contact_id: str) -> int:
    """Everything together that a visitor has here."""
    rows = await database.read(_SUM, {"p_tenant": tenant_id, "p_sender": contact_id})
    return int(rows[0][0] or 0)


async def offsets_of(database: Database, media: Media) -> list[int]:
    """Where its parts begin, in order."""
    asked = {"p_tenant": media.tenant_id, "p_digest": media.digest}
    return [int(row["at_bytes"]) for row in await database.read(_OFFSETS, asked)]


async def read_part(database: Database, media: Media, at_bytes: int) -> bytes:
    """One of them; empty when it was taken away meanwhile."""
    asked = {"p_tenant": media.tenant_id, "p_digest": media.digest, "p_at": at_bytes}
    rows = await database.read(_PART, asked)
    return bytes(rows[0]["body"]) if rows else b""


def _media(row: Row) -> Media:
    return msgspec.structs.replace(Media(id="", tenant_id="", inbox_id="", channel="", source=""), **_facts(row))


def _facts(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in _FIELDS}

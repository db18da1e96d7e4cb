"""Rows of files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, LargeBinary, String, bindparam, delete, insert, select, update

from miaohui.channels.media.types import Media
from miaohui.channels.tables import channel_media
from miaohui.kit.database import Database, Operation, Row

_m = channel_media.c


def _given(name: str, kind: Any = String) -> Any:
    return bindparam(f"p_{name}", type_=kind)


_THIS = _m.id == _given("media")
_KNOWN = select(_m.id).where(_THIS)
_FIND = select(channel_media).where(_THIS)
_INSERT = insert(channel_media)
_KEEP = (
    update(channel_media)
    .where(_THIS)
    .values(state="kept", type=_given("type"), body=_given("body", LargeBinary), source="")
)
_MISS = update(channel_media).where(_THIS).values(state=_given("state"), attempts=_m.attempts + 1)
_PENDING = (
    select(channel_media)
    .where(_m.state == "pending", _m.created_at_ms < _given("before", BigInteger))
    .order_by(_m.created_at_ms)
    .limit(50)
)
_DROP = delete(channel_media).where(_m.tenant_id == _given("tenant"), _m.id.in_(bindparam("p_ids", expanding=True)))
_FORGET = delete(channel_media).where(
    _m.id.in_(
        select(_m.id)
        .where(_m.created_at_ms < _given("before", BigInteger))
        .order_by(_m.created_at_ms)
        .limit(500)
        .scalar_subquery()
    )
)


def expect(media: Media) -> Operation[bool]:
    """Note a file that is to be fetched, or one that is here; False when it was noted before."""
    if (yield _KNOWN, {"p_media": media.id}):
        return False
    yield (
        _INSERT,
        {
            "id": media.id,
            "tenant_id": media.tenant_id,
            "inbox_id": media.inbox_id,
            "channel": media.channel,
            "source": media.source,
            "state": media.state,
            "type": media.type,
            "body": media.body or None,
            "created_at_ms": media.created_at_ms,
        },
    )
    return True


def keep(media: Media, kind: str, body: bytes) -> Operation[None]:
    """It is here."""
    yield _KEEP, {"p_media": media.id, "p_type": kind, "p_body": body}


def miss(media: Media, *, for_good: bool) -> Operation[None]:
    """It could not be had."""
    yield _MISS, {"p_media": media.id, "p_state": "lost" if for_good else "pending"}


def forget(before_ms: int) -> Operation[None]:
    """Drop old files of every tenant, by the hundred."""
    yield _FORGET, {"p_before": before_ms}


def drop(tenant_id: str, ids: Sequence[str]) -> Operation[None]:
    """These, of this tenant."""
    yield _DROP, {"p_tenant": tenant_id, "p_ids": list(ids)}


async def find(database: Database, media_id: str) -> Media | None:
    """Of any tenant: who has the id may see it."""
    rows = await database.read(_FIND, {"p_media": media_id})
    return _media(rows[0]) if rows else None


async def list_pending(database: Database, before_ms: int) -> list[Media]:
    """Those that were to be fetched before this moment and are not here, of every tenant."""
    return [_media(row) for row in await database.read(_PENDING, {"p_before": before_ms})]


def _media(row: Row) -> Media:
    facts = {name: row[name] for name in Media.__struct_fields__}
    return Media(**{**facts, "body": bytes(facts["body"] or b"")})

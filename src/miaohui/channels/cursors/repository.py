"""Rows of cursors. A lease says who reads; what was read is told by the position alone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, String, bindparam, insert, select, update

from miaohui.channels.tables import channel_cursors
from miaohui.kit.database import Operation

_c = channel_cursors.c


def _given(name: str, kind: Any = String) -> Any:
    return bindparam(f"p_{name}", type_=kind)


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
_OURS = (_c.inbox_id == _given("inbox"), _c.owner == _given("owner"))
_MOVE = update(channel_cursors).where(*_OURS).values(position=_given("position"))
_RELEASE = update(channel_cursors).where(*_OURS).values(lease_until_ms=0)


def lease(inbox_id: str, owner: str, now_ms: int, until_ms: int) -> Operation[str | None]:
    """How far the inbox was read, when it is ours to read; None when another process reads it."""
    if not (yield _CURSOR, {"p_inbox": inbox_id}):
        yield _FIRST, {"p_inbox": inbox_id}
    rows = yield _LEASE, {"p_inbox": inbox_id, "p_owner": owner, "p_now": now_ms, "p_until": until_ms}
    return str(rows[0][0]) if rows else None


def move(inbox_id: str, owner: str, position: str) -> Operation[None]:
    """Read up to here."""
    yield _MOVE, {"p_inbox": inbox_id, "p_owner": owner, "p_position": position}


def release(inbox_id: str, owner: str) -> Operation[None]:
    """Another process may read on at once."""
    yield _RELEASE, {"p_inbox": inbox_id, "p_owner": owner}

"""Rows of tickets that were shown."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, String, bindparam, delete, insert, update

from miaohui.channels.tables import channel_tickets
from miaohui.kit.database import Operation

_t = channel_tickets.c


def _given(name: str, kind: Any = String) -> Any:
    return bindparam(f"p_{name}", type_=kind)


_USE = update(channel_tickets).where(_t.nonce == _given("nonce")).values(uses=_t.uses + 1).returning(_t.uses)
_FIRST = insert(channel_tickets)
_FORGET = delete(channel_tickets).where(_t.until_ms < _given("now", BigInteger))


def use(nonce: str, until_ms: int, now_ms: int) -> Operation[int]:
    """How often the ticket was shown, this time included."""
    yield _FORGET, {"p_now": now_ms}
    if rows := (yield _USE, {"p_nonce": nonce}):
        return int(rows[0][0])
    yield _FIRST, {"nonce": nonce, "uses": 1, "until_ms": until_ms}
    return 1

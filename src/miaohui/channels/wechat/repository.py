"""Rows of access tokens."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import BigInteger, String, Text, bindparam, insert, select, update

from miaohui.channels.tables import channel_tokens
from miaohui.kit.database import Database, Operation, Row

_k = channel_tokens.c


def _given(name: str, kind: Any = String) -> Any:
    return bindparam(f"p_{name}", type_=kind)


_TOKEN = select(channel_tokens).where(_k.inbox_id == _given("inbox"))
_FIRST_TOKEN = insert(channel_tokens).values(inbox_id=_given("inbox"))
_LEASE = (
    update(channel_tokens)
    .where(
        _k.inbox_id == _given("inbox"),
        _k.version == _given("version", BigInteger),
        _k.lease_until_ms <= _given("now", BigInteger),
    )
    .values(
        lease_until_ms=_given("until", BigInteger),
        forced_at_ms=_given("forced_at", BigInteger),
        forced_day=_given("forced_day", BigInteger),
        forced_count=_given("forced_count", BigInteger),
    )
    .returning(_k.version)
)
_STORE = (
    update(channel_tokens)
    .where(_k.inbox_id == _given("inbox"), _k.version == _given("version", BigInteger))
    .values(
        sealed=_given("sealed", Text),
        expires_at_ms=_given("expires", BigInteger),
        version=_k.version + 1,
        lease_until_ms=0,
    )
    .returning(_k.version)
)
_UNLEASE = (
    update(channel_tokens)
    .where(_k.inbox_id == _given("inbox"), _k.version == _given("version", BigInteger))
    .values(lease_until_ms=_given("until", BigInteger))
)


class TokenRow(msgspec.Struct, frozen=True, kw_only=True):
    """The access token that all nodes share. `version` goes up with every new one."""

    inbox_id: str
    sealed: str = ""
    version: int = 0
    expires_at_ms: int = 0
    lease_until_ms: int = 0
    forced_at_ms: int = 0
    forced_day: int = 0
    forced_count: int = 0


def token_row(inbox_id: str) -> Operation[TokenRow]:
    """The row of an inbox, made when there is none."""
    rows = yield _TOKEN, {"p_inbox": inbox_id}
    if rows:
        return _token(rows[0])
    yield _FIRST_TOKEN, {"p_inbox": inbox_id}
    return TokenRow(inbox_id=inbox_id)


def lease(row: TokenRow, now_ms: int, until_ms: int) -> Operation[bool]:
    """Whether the caller, and nobody else, fetches what comes after this version. Also notes forced refreshes."""
    facts = {"p_inbox": row.inbox_id, "p_version": row.version, "p_now": now_ms, "p_until": until_ms}
    forced = {"p_forced_at": row.forced_at_ms, "p_forced_day": row.forced_day, "p_forced_count": row.forced_count}
    return bool((yield _LEASE, {**facts, **forced}))


def store_token(row: TokenRow, sealed: str, expires_at_ms: int) -> Operation[bool]:
    """The next version; False when another process was faster."""
    facts = {"p_inbox": row.inbox_id, "p_version": row.version, "p_sealed": sealed, "p_expires": expires_at_ms}
    return bool((yield _STORE, facts))


def give_up_lease(row: TokenRow, until_ms: int) -> Operation[None]:
    """It was not to be had; nobody tries before `until_ms`."""
    yield _UNLEASE, {"p_inbox": row.inbox_id, "p_version": row.version, "p_until": until_ms}


async def find_token(database: Database, inbox_id: str) -> TokenRow | None:
    """What all nodes share now."""
    rows = await database.read(_TOKEN, {"p_inbox": inbox_id})
    return _token(rows[0]) if rows else None


def _token(row: Row) -> TokenRow:
    return TokenRow(**{name: row[name] for name in TokenRow.__struct_fields__})

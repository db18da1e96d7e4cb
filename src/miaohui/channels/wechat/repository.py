"""Rows of accounts and of access tokens."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import BigInteger, String, Text, bindparam, insert, select, update

from miaohui.channels.tables import channel_accounts, channel_tokens
from miaohui.kit.database import Database, Operation, Row

_a, _k = channel_accounts.c, channel_tokens.c


def _given(name: str, kind: Any = String) -> Any:
    return bindparam(f"p_{name}", type_=kind)


_LIST = select(channel_accounts).where(_a.channel == _given("channel")).order_by(_a.created_at_ms).limit(5_000)
_FIND = select(channel_accounts).where(_a.inbox_id == _given("inbox"), _a.channel == _given("channel"))
_CHANGE = (
    update(channel_accounts)
    .where(_a.inbox_id == _given("inbox"), _a.tenant_id == _given("tenant"))
    .values(sealed=_given("sealed", Text), public_id=_given("public"), updated_at_ms=_given("now", BigInteger))
    .returning(_a.inbox_id)
)
_INSERT = insert(channel_accounts)
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


class SealedAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account as it stands in the records."""

    inbox_id: str
    tenant_id: str
    channel: str
    public_id: str
    sealed: str


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


def put_account(account: SealedAccount, now_ms: int) -> Operation[None]:
    """Set up or change. Raises `Conflict` when another inbox has this account."""
    changed = yield (
        _CHANGE,
        {
            "p_inbox": account.inbox_id,
            "p_tenant": account.tenant_id,
            "p_sealed": account.sealed,
            "p_public": account.public_id,
            "p_now": now_ms,
        },
    )
    if not changed:
        row = {**msgspec.structs.asdict(account), "created_at_ms": now_ms, "updated_at_ms": now_ms}
        yield _INSERT, row


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


async def list_accounts(database: Database, channel: str) -> list[SealedAccount]:
    """Of all tenants."""
    return [_account(row) for row in await database.read(_LIST, {"p_channel": channel})]


async def find_account(database: Database, channel: str, inbox_id: str) -> SealedAccount | None:
    """Behind an inbox of any tenant: the call that names it proves itself by its signature."""
    rows = await database.read(_FIND, {"p_inbox": inbox_id, "p_channel": channel})
    return _account(rows[0]) if rows else None


async def find_token(database: Database, inbox_id: str) -> TokenRow | None:
    """What all nodes share now."""
    rows = await database.read(_TOKEN, {"p_inbox": inbox_id})
    return _token(rows[0]) if rows else None


def _account(row: Row) -> SealedAccount:
    return SealedAccount(**{name: row[name] for name in SealedAccount.__struct_fields__})


def _token(row: Row) -> TokenRow:
    return TokenRow(**{name: row[name] for name in TokenRow.__struct_fields__})

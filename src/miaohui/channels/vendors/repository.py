"""Rows of accounts, sealed."""

from __future__ import annotations

import msgspec
from sqlalchemy import BigInteger, Text, bindparam, insert, select, update

from miaohui.channels.tables import channel_accounts
from miaohui.kit.database import Database, Operation, Row

_a = channel_accounts.c
_ACCOUNTS = select(channel_accounts).where(_a.channel == bindparam("p_channel")).order_by(_a.created_at_ms).limit(5_000)
_ACCOUNT = select(channel_accounts).where(_a.inbox_id == bindparam("p_inbox"), _a.channel == bindparam("p_channel"))
_CHANGE_ACCOUNT = (
    update(channel_accounts)
    .where(_a.inbox_id == bindparam("p_inbox"), _a.tenant_id == bindparam("p_tenant"))
    .values(
        sealed=bindparam("p_sealed", type_=Text),
        public_id=bindparam("p_public"),
        updated_at_ms=bindparam("p_now", type_=BigInteger),
    )
    .returning(_a.inbox_id)
)
_ADD_ACCOUNT = insert(channel_accounts)
_HOLDER = select(_a.inbox_id).where(_a.channel == bindparam("p_channel"), _a.public_id == bindparam("p_public"))


class SealedAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account as it stands in the records."""

    inbox_id: str
    tenant_id: str
    channel: str
    public_id: str
    sealed: str


def put_account(account: SealedAccount, now_ms: int) -> Operation[None]:
    """Set up or change. Raises `Conflict` when another inbox has this account."""
    changed = yield (
        _CHANGE_ACCOUNT,
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
        yield _ADD_ACCOUNT, row


async def list_accounts(database: Database, channel: str) -> list[SealedAccount]:
    """Of all tenants."""
    return [_account(row) for row in await database.read(_ACCOUNTS, {"p_channel": channel})]


async def find_account(database: Database, channel: str, inbox_id: str) -> SealedAccount | None:
    """Behind an inbox of any tenant: the call that names it proves itself by its signature."""
    rows = await database.read(_ACCOUNT, {"p_inbox": inbox_id, "p_channel": channel})
    return _account(rows[0]) if rows else None


async def find_holder(database: Database, channel: str, public_id: str) -> str | None:
    """The inbox, of whichever tenant, behind which this account of a vendor's stands."""
    rows = await database.read(_HOLDER, {"p_channel": channel, "p_public": public_id})
    return str(rows[0]["inbox_id"]) if rows else None


def _account(row: Row) -> SealedAccount:
    return SealedAccount(**{name: row[name] for name in SealedAccount.__struct_fields__})

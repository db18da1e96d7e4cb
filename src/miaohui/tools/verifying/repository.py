"""The SQL of identity checks."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, func, insert, select, update

from miaohui.kit.database import Database, Operation, Row
from miaohui.tools.tables import IDENTITY_CHECKS as CHECKS
from miaohui.tools.verifying.types import Check

_ONE = (CHECKS.c.tenant_id == bindparam("of_tenant")) & (CHECKS.c.conversation_id == bindparam("of_conversation"))
_FIND = select(CHECKS).where(_ONE)
_DELETE = delete(CHECKS).where(_ONE)
_INSERT = insert(CHECKS)
_SENT_TO = select(func.coalesce(func.sum(CHECKS.c.sent), 0)).where(
    CHECKS.c.tenant_id == bindparam("of_tenant"),
    CHECKS.c.owner == bindparam("of_owner"),
    CHECKS.c.first_sent_at_ms > bindparam("since_ms"),
)
_MISS = update(CHECKS).where(_ONE).values(tries=CHECKS.c.tries + 1)
_VERIFY = (
    update(CHECKS)
    .where(_ONE, CHECKS.c.code_hash == bindparam("its_hash"), CHECKS.c.code_hash != "")
    .values(code_hash="", verified_owner=CHECKS.c.owner, verified_until_ms=bindparam("until_ms"))
    .returning(CHECKS.c.owner)
)


def forget(tenant_id: str, conversation_id: str) -> Operation[None]:
    """Who somebody said they were in it is gone."""
    yield _DELETE, {"of_tenant": tenant_id, "of_conversation": conversation_id}


def put(check: Check) -> Operation[None]:
    """In place of the conversation's former one."""
    yield _DELETE, {"of_tenant": check.tenant_id, "of_conversation": check.conversation_id}
    yield (
        _INSERT,
        {
            "conversation_id": check.conversation_id,
            "tenant_id": check.tenant_id,
            "owner": check.owner,
            "code_hash": check.code_hash,
            "tries": check.tries,
            "sent": check.sent,
            "first_sent_at_ms": check.first_sent_at_ms,
            "expires_at_ms": check.expires_at_ms,
            "verified_owner": check.verified_owner,
            "verified_until_ms": check.verified_until_ms,
        },
    )


def settle(check: Check, code_hash: str, until_ms: int) -> Operation[bool]:
    """Whether the code was right; it can be used once. A wrong one is counted."""
    key = {"of_tenant": check.tenant_id, "of_conversation": check.conversation_id}
    rows = yield _VERIFY, key | {"its_hash": code_hash, "until_ms": until_ms}
    if not rows:
        yield _MISS, key
    return bool(rows)


async def find(db: Database, tenant_id: str, conversation_id: str) -> Check | None:
    """None where nobody tried."""
    rows = await db.read(_FIND, {"of_tenant": tenant_id, "of_conversation": conversation_id})
    return _check(rows[0]) if rows else None


async def count_sent(db: Database, tenant_id: str, owner: str, since_ms: int) -> int:
    """Codes to one person, from all conversations."""
    rows = await db.read(_SENT_TO, {"of_tenant": tenant_id, "of_owner": owner, "since_ms": since_ms})
    return int(rows[0][0])


def _check(row: Row) -> Check:
    return Check(
        conversation_id=row["conversation_id"],
        tenant_id=row["tenant_id"],
        owner=row["owner"],
        code_hash=row["code_hash"],
        tries=row["tries"],
        sent=row["sent"],
        first_sent_at_ms=row["first_sent_at_ms"],
        expires_at_ms=row["expires_at_ms"],
        verified_owner=row["verified_owner"],
        verified_until_ms=row["verified_until_ms"],
    )

"""One-time codes: sent where the company's own records say, typed by who reads there, good once and for a while.

Whether an account exists is told to nobody: what the visitor hears is the same either way.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from miaohui.kit.errors import MiaohuiError
from miaohui.kit.telemetry import get_log
from miaohui.tools.errors import ToolRefused
from miaohui.tools.toolbox import Tool
from miaohui.tools.verifying import policy, repository
from miaohui.tools.verifying.types import Check

if TYPE_CHECKING:
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database
    from miaohui.tools.types import Order
    from miaohui.tools.verifying.ports import Accounts, Codes

_SENT = (
    "If this account exists, a code of six digits is on its way to the address that is kept with it. Ask the visitor "
    "to type it here; say nothing about whether the account exists, or whose it is."
)
_log = get_log(__name__)


class Verifying:
    """Who proved who they are, by conversation."""

    def __init__(self, db: Database, clock: Clock, accounts: Accounts, codes: Codes | None, secret: bytes) -> None:
        self._db = db
        self._clock = clock
        self._accounts = accounts
        self._codes = codes
        self._secret = secret

    async def find_owner(self, tenant_id: str, conversation_id: str) -> str:
        """Who was verified in this conversation, a while ago at most; else empty."""
        check = await repository.find(self._db, tenant_id, conversation_id)
        if check is None or check.verified_until_ms <= self._clock.now_ms():
            return ""
        return check.verified_owner

    async def send(self, tenant_id: str, conversation_id: str, account: str) -> None:
        """A code to where the company's records say. Raises `ToolRefused` where none can be sent at all."""
        if self._codes is None or not self._accounts.can_identify(tenant_id):
            raise ToolRefused("Nobody can be verified here. Ask the visitor to log in, or hand over to a human.")
        found = await self._accounts.find_identity(tenant_id, account)
        to = self._codes.reaches(found) if found else ""
        if found is None or not to:
            return
        now_ms = self._clock.now_ms()
        known = await repository.find(self._db, tenant_id, conversation_id)
        to_owner = await repository.count_sent(self._db, tenant_id, found.owner, now_ms - policy.HOUR_MS)
        if not policy.may_send(known, to_owner, now_ms):
            return
        code = f"{secrets.randbelow(10**policy.DIGITS):0{policy.DIGITS}}"
        check = Check(
            conversation_id=conversation_id,
            tenant_id=tenant_id,
            owner=found.owner,
            code_hash=policy.hash_code(self._secret, conversation_id, code),
            tries=0,
            sent=0,
            first_sent_at_ms=now_ms,
            expires_at_ms=0,
        )
        begun = policy.begin(known, check, now_ms)
        await self._db.write(lambda: repository.put(begun), key=conversation_id)
        try:
            await self._codes.send(tenant_id, to, code)
        except MiaohuiError as error:
            _log.warning("verifying.not_sent", tenant_id=tenant_id, conversation_id=conversation_id, error=error.code)

    async def confirm(self, tenant_id: str, conversation_id: str, typed: str) -> bool:
        """Whether it is the code that was sent, in time and within the tries; it holds for a while then."""
        now_ms = self._clock.now_ms()
        check = await repository.find(self._db, tenant_id, conversation_id)
        if check is None or not policy.is_awaited(check, now_ms):
            return False
        told = policy.hash_code(self._secret, conversation_id, policy.read_code(typed))
        until_ms = now_ms + policy.VERIFIED_MS
        return await self._db.write(lambda: repository.settle(check, told, until_ms), key=conversation_id)


def build_verifying(verifying: Verifying) -> tuple[Tool, ...]:
    """`send_code` and `confirm_code`."""

    async def send_code(order: Order) -> object:
        await verifying.send(order.tenant_id, order.conversation_id, order.arguments["account"].strip())
        return {"done": _SENT}

    async def confirm_code(order: Order) -> object:
        if not await verifying.confirm(order.tenant_id, order.conversation_id, order.arguments["code"]):
            raise ToolRefused("This code is wrong, too old, or was tried too often. Offer to send another, or a human.")
        return {"done": "The visitor is verified; what is theirs may be read now."}

    word = {"type": "string", "minLength": 1, "maxLength": 128}
    return (
        Tool(
            name="send_code",
            description="Sends a one-time code to verify who the visitor is, before anything private is read. "
            "`account` is what they say their account is: an e-mail address, a phone number, or an order's number.",
            parameters={"type": "object", "properties": {"account": word}, "required": ["account"]},
            risk="low_impact_write",
            work=send_code,
        ),
        Tool(
            name="confirm_code",
            description="Checks the code that the visitor typed.",
            parameters={"type": "object", "properties": {"code": word}, "required": ["code"]},
            risk="low_impact_write",
            work=confirm_code,
        ),
    )

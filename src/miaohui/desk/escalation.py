"""A person is called when the assistant gets nowhere: by rule, after the answer was said, and never on its way."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from miaohui.conversations.errors import NotYours
from miaohui.desk import escalating
from miaohui.desk.escalating import Rules
from miaohui.desk.spoken import SpokenRepository
from miaohui.identity.types import Principal
from miaohui.kit import metrics
from miaohui.kit.aio import spawn
from miaohui.kit.errors import Conflict, Unavailable

if TYPE_CHECKING:
    from miaohui.conversations.service import Conversations
    from miaohui.conversations.types import Conversation, HandoffReason
    from miaohui.journal.types import TurnEntry
    from miaohui.kit.database import Database
    from miaohui.tenants.limits import CompanyLimits

MOST_TURNS = 200
"""Turns that are looked back upon."""
AT_ONCE = 200
"""Conversations that are looked into at a time; those beyond wait for their next turn."""
CALLED = metrics.counter("miaohui_desk_escalated_total", "Conversations given to people by rule.", ("reason",))


class Escalation:
    """Told of every turn that said something."""

    def __init__(self, database: Database, conversations: Conversations, rules: Rules | None = None) -> None:
        self._conversations = conversations
        self._repository = SpokenRepository(database)
        self.rules = rules or Rules()
        self.companies: CompanyLimits | None = None
        """What companies set for themselves instead."""
        self._tasks: set[asyncio.Task[None]] = set()

    def turn_ended(self, conversation: Conversation, question: str, page: TurnEntry) -> None:
        """Nearly always nothing is to be done."""
        rules = self.rules_for(conversation.tenant_id)
        reasons = escalating.suspicions(rules, question, page, conversation.last_seq)
        if reasons and len(self._tasks) < AT_ONCE:
            task = spawn(self._look(conversation, reasons, rules), name="desk:escalate")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def rules_for(self, tenant_id: str) -> Rules:
        """That hold for a company."""
        own = None if self.companies is None else self.companies.find(tenant_id)
        return self.rules if own is None else self.rules.changed_by(own)

    async def _look(self, conversation: Conversation, reasons: tuple[HandoffReason, ...], rules: Rules) -> None:
        with suppress(Unavailable):  # the next turn is looked at again
            for reason in reasons:
                if await self._holds(conversation, reason, rules):
                    await self._call(conversation, reason)
                    return

    async def _holds(self, conversation: Conversation, reason: HandoffReason, rules: Rules) -> bool:
        tenant_id, here = conversation.tenant_id, conversation.id
        match reason:
            case "sentiment":
                return escalating.is_upset(
                    rules, await self._repository.last_words(tenant_id, here, escalating.LOOKED_AT)
                )
            case "missing_knowledge":
                most = min(rules.unanswered, MOST_TURNS)
                turns = await self._repository.last_reasons(tenant_id, here, conversation.ownership_epoch, most)
                return escalating.is_unanswered(rules, turns)
            case "usage_limit":
                epoch = conversation.ownership_epoch
                turns = await self._repository.last_reasons(tenant_id, here, epoch, rules.turns)
                return escalating.is_spent(rules, len(turns))
            case _:
                return True

    async def _call(self, conversation: Conversation, reason: HandoffReason) -> None:
        now = await self._conversations.find(conversation.tenant_id, conversation.id)
        if now is None or now.status != "pending" or now.ownership_epoch != conversation.ownership_epoch:
            return  # somebody was faster
        rule = Principal(tenant_id=now.tenant_id, kind="agent", id="desk", name="")
        with suppress(NotYours, Conflict):
            await self._conversations.request_human(now, rule, reason)
            CALLED.labels(reason).inc()

    async def settle(self) -> None:
        """Return when nothing is being looked into, so that the records may be closed."""
        while self._tasks:
            await asyncio.wait(self._tasks, timeout=5)

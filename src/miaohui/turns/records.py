"""The two short transactions of a turn, composed from the rooms that have something to write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from miaohui.conversations import operations
from miaohui.conversations.repository import ConversationsRepository
from miaohui.conversations.types import Claim
from miaohui.journal.repository import record_turn
from miaohui.memory.types import Exchange

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from miaohui.conversations.types import Accepted, Draft, Ended, Ending, Turn
    from miaohui.journal.types import TurnEntry
    from miaohui.kit.database import Database, Operation
    from miaohui.turns.ports import Memory, Webhooks
    from miaohui.turns.types import Work


_AT_ONCE = 1_000


class TurnRecords:
    """Writes turns. `owner` names this start of this process; `alone` says that no other process shares the records."""

    def __init__(self, database: Database, webhooks: Webhooks, *, owner: str, lease_ms: int, alone: bool) -> None:
        self._database = database
        repository = ConversationsRepository(database)
        self.find_conversation = repository.find
        self.find_turn = repository.find_turn
        self.find_final = repository.find_final
        self.was_sent = repository.was_sent
        self._webhooks = webhooks
        self._claim = Claim(owner=owner, lease_ms=lease_ms)
        self.alone = alone

    async def accept(self, draft: Draft, announce: Callable[[Accepted], None]) -> Accepted:
        """Message, turn and outbox in one commit."""

        def operation() -> Operation[Accepted]:
            accepted = yield from operations.accept(draft, draft.turn_id, self._claim)
            if not accepted.dup and self._webhooks.has_endpoints(draft.tenant_id):
                yield from self._webhooks.message_created(draft.tenant_id, accepted.message)
            return accepted

        return await self._database.write(operation, key=draft.conversation_id, announce=announce)

    async def conclude(self, ending: Ending, page: TurnEntry, announce: Callable[[Ended], None]) -> Ended:
        """Answer, end, journal page and outbox in one commit."""

        def operation() -> Operation[Ended]:
            ended = yield from operations.conclude(ending)
            if ended.reason == "fenced" or ended.again:
                return ended
            yield from record_turn(page)
            if self._webhooks.has_endpoints(ending.turn.tenant_id):
                yield from self._tell_outside(ending.turn.tenant_id, ended)
            return ended

        key = ending.turn.conversation_id
        return await self._database.write(operation, key=key, announce=announce, patient=True)

    async def remember(self, memory: Memory, work: Work, reply: str) -> None:
        """Keep the exchange in mind."""
        turn = work.turn
        await memory.remember(turn.conversation_id, Exchange(turn.question, reply))

    async def keep(self, turn_ids: Sequence[str]) -> None:
        """Another lease for these turns of this process."""
        for start in range(0, len(turn_ids), _AT_ONCE):
            some = turn_ids[start : start + _AT_ONCE]
            await self._database.write(lambda some=some: operations.keep(self._claim, some))  # type: ignore[misc]

    async def release(self) -> None:
        """Let others adopt what this process leaves behind, at once."""
        void = Claim(owner=self._claim.owner, lease_ms=-1)
        await self._database.write(lambda: operations.renew(void))

    async def adopt(self, *, limit: int, running: Collection[str]) -> list[Turn]:
        """Turns that nobody runs, now ours; `running` are at work here."""

        def operation() -> Operation[list[Turn]]:
            return operations.adopt(self._claim, dead_at_once=self.alone, limit=limit, running=running)

        return await self._database.write(operation)

    def _tell_outside(self, tenant_id: str, ended: Ended) -> Operation[None]:
        if ended.message is not None:
            yield from self._webhooks.message_created(tenant_id, ended.message)
        if ended.activity is not None and ended.conversation is not None:
            yield from self._webhooks.conversation_changed("handoff.requested", ended.conversation)
            yield from self._webhooks.conversation_changed("conversation.updated", ended.conversation)

"""Passes sessions on to the company's people in WeCom, where a company wants it so."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING

from miaohui.channels.threads.errors import Unanswered
from miaohui.channels.wecom.types import ENDED, QUEUED, SERVED
from miaohui.kit.aio import launch
from miaohui.kit.errors import Unavailable
from miaohui.kit.ids import new_id
from miaohui.kit.telemetry import get_log

if TYPE_CHECKING:
    from miaohui.channels.accounts import Accounts
    from miaohui.channels.threads.service import Threads
    from miaohui.channels.threads.types import Thread
    from miaohui.channels.wecom.sending import Sending
    from miaohui.channels.wecom.service import Listener
    from miaohui.channels.wecom.types import Account
    from miaohui.conversations.types import Conversation

TELLING_S = 10.0
"""So long what the assistant said last has to go out: afterwards only WeCom's people may speak."""
_LOOK_S = 0.2

_log = get_log(__name__)


class Transfers:
    """Every node hears of a change; one of them acts on it."""

    def __init__(self, accounts: Accounts[Account], threads: Threads, sending: Sending, listener: Listener) -> None:
        self._accounts = accounts
        self._threads = threads
        self._sending = sending
        self._listener = listener
        self._inboxes: frozenset[str] = frozenset()

    async def refresh(self) -> list[Account]:
        """Look anew which inboxes are concerned; all accounts."""
        accounts = await self._accounts.list_()
        self._inboxes = frozenset(one.inbox_id for one in accounts if one.handoff == "wecom")
        return accounts

    def conversation_changed(self, conversation: Conversation) -> None:
        """Told of every change of owner or status."""
        if conversation.inbox_id in self._inboxes:
            launch(self.follow(conversation), name="wecom:transfer")

    async def follow(self, conversation: Conversation) -> None:
        """Pass a conversation on that waits for a person; end a session whose conversation is over."""
        waits = conversation.status == "open" and not conversation.assignee_id
        if not waits and conversation.status != "resolved":
            return
        account = await self._accounts.find(conversation.inbox_id)
        thread = await self._threads.repository.find_by_conversation(conversation.tenant_id, conversation.id)
        if account is None or thread is None or not await self._is_ours(thread, conversation):
            return
        try:
            await (self._pass_on(account, thread) if waits else self._end(account, thread))
        except (Unanswered, Unavailable) as error:
            # It stays with us: agents in the console see it wait.
            _log.warning("wecom.not_transferred", inbox=account.inbox_id, reason=error.code)

    async def _is_ours(self, thread: Thread, conversation: Conversation) -> bool:
        change = f"{conversation.id}\0{conversation.status}\0{conversation.updated_at_ms}"
        key = "tr_" + hashlib.sha256(change.encode()).hexdigest()[:40]
        mine = new_id("tr")
        return await self._threads.answer_plainly(thread, key, mine) == mine

    async def _pass_on(self, account: Account, thread: Thread) -> None:
        await self._told(thread)
        person, servicer = thread.address, account.servicer
        passed = bool(servicer) and await self._sending.transfer(account, person, SERVED, servicer)
        if not passed:
            servicer = ""
            passed = await self._sending.transfer(account, person, QUEUED)
        if passed:
            await self._listener.give_to_wecom(thread, servicer)

    async def _told(self, thread: Thread) -> None:
        """Until everything that was said has gone out, or long enough."""
        for _ in range(round(TELLING_S / _LOOK_S)):
            if await self._threads.next_portion(thread, self._sending.split) is None:
                return
            await asyncio.sleep(_LOOK_S)

    async def _end(self, account: Account, thread: Thread) -> None:
        if await self._sending.state_of(account, thread.address) in {QUEUED, SERVED}:
            await self._sending.transfer(account, thread.address, ENDED)

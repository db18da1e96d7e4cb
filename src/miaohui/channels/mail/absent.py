"""What was said to somebody who had left goes after them as a letter; their answer comes back into the conversation."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from miaohui.channels.mail import repository
from miaohui.channels.mail.service import is_address
from miaohui.kit.errors import Conflict, NotFound
from miaohui.kit.telemetry import get_log

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miaohui.channels.mail.service import Mail
    from miaohui.channels.mail.types import Account
    from miaohui.contacts.service import Contacts
    from miaohui.conversations.service import Conversations
    from miaohui.conversations.types import Conversation, Message
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database

WITHIN_MS = 86_400_000
"""Older words are nobody's news; and what was told is remembered for as long."""
AT_ONCE = 100
_MOST_WORDS = 50
_LONGEST = 200
EMAIL = "email"
"""The attribute of a contact that holds the address."""

_log = get_log(__name__)


class Absences:
    """Looks for what nobody has seen."""

    def __init__(
        self, database: Database, clock: Clock, conversations: Conversations, contacts: Contacts, mail: Mail
    ) -> None:
        self._database = database
        self._clock = clock
        self._conversations = conversations
        self._contacts = contacts
        self._mail = mail

    async def look_around(self, accounts: Sequence[Account], quiet_ms: int) -> None:
        """Once through all companies with a mailbox; conversations in which nothing happened for `quiet_ms`."""
        mailboxes = {one.tenant_id: one for one in reversed(accounts)}
        now_ms = self._clock.now_ms()
        span = repository.Span(since_ms=now_ms - WITHIN_MS + quiet_ms, until_ms=now_ms - quiet_ms)
        for account in mailboxes.values():
            for found, seen in await repository.list_unseen(self._database, account.tenant_id, span, AT_ONCE):
                await self._tell(account, found, seen)

    async def _tell(self, account: Account, conversation_id: str, seen: int) -> None:
        conversation = await self._conversations.find(account.tenant_id, conversation_id)
        if conversation is None or not (to := await self._address_of(conversation)):
            return
        following = await self._conversations.messages_after(conversation, seen, _MOST_WORDS)
        said = [one for one in following if one.kind == "text" and one.sender in {"agent", "assistant"}]
        owed = [one for one in said if await self._claim(account, one)]
        if not owed:
            return
        sent = await self._mail.write_after(account, to, conversation.id, owed)
        if sent.state == "waiting":  # certainly not sent: once more, the next time round
            for one in owed:
                await self._give_back(account, one)
        if sent.state != "sent":
            _log.warning("mail.not_sent_after", inbox=account.inbox_id, state=sent.state, detail=sent.detail)

    async def _address_of(self, conversation: Conversation) -> str:
        """Where letters reach who left; empty when nobody knows."""
        try:
            contact = await self._contacts.access(conversation.tenant_id, conversation.contact_id)
        except NotFound:
            return ""
        address = contact.attributes.get(EMAIL, "").strip().lower()
        fits = is_address(address) and len(address) <= _LONGEST and not contact.blocked_at_ms
        return address if fits else ""

    async def _claim(self, account: Account, message: Message) -> bool:
        """Whether these words are ours to tell: no node has told them."""
        now_ms = self._clock.now_ms()
        try:
            return await self._database.write(lambda: repository.claim(account.inbox_id, _key(message), now_ms))
        except Conflict:
            return False

    async def _give_back(self, account: Account, message: Message) -> None:
        await self._database.write(lambda: repository.give_back(account.inbox_id, _key(message)))


def _key(message: Message) -> str:
    return "ab_" + hashlib.sha256(message.id.encode()).hexdigest()[:40]

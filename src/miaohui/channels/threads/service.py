"""Meeting who comes from outside, and what is still to be told to them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from miaohui.channels.policy import first_conversation_id
from miaohui.channels.threads import repository
from miaohui.channels.threads.policy import Split, next_portion
from miaohui.channels.threads.types import Place, Portion, Thread, Window, Word
from miaohui.identity.types import Principal
from miaohui.kit.errors import Conflict

if TYPE_CHECKING:
    from miaohui.contacts.service import Contacts
    from miaohui.conversations.service import Conversations
    from miaohui.conversations.types import Conversation
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database

_PAGE = 50


class Threads:
    """One thread for each address of an inbox; its conversation never changes, so neither do its numbers."""

    def __init__(self, database: Database, clock: Clock, contacts: Contacts, conversations: Conversations) -> None:
        self._database = database
        self._clock = clock
        self._contacts = contacts
        self._conversations = conversations
        self.repository = repository.ThreadsRepository(database)

    async def meet(self, tenant_id: str, inbox_id: str, address: str) -> Thread:
        """The thread of an address, begun when this is its first word."""
        return await self.meet_at(Word(tenant_id=tenant_id, inbox_id=inbox_id, address=address, key="", text=""))

    async def meet_at(self, word: Word) -> Thread:
        """The thread that a word belongs to, begun when it is the first."""
        tenant_id, inbox_id, address = word.tenant_id, word.inbox_id, word.address
        found = await self.repository.find(inbox_id, address)
        if found is not None:
            return found
        contact = await self._contacts.find_or_create(tenant_id, inbox_id, word.person or address, word.name)
        visitor = Principal(tenant_id=tenant_id, kind="visitor", id=contact.id, inbox_id=inbox_id)
        # Named after the address: of two nodes that meet the same person at once, both begin the same conversation.
        conversation_id = first_conversation_id(visitor, f"thread:{inbox_id}{f':{address}' if word.person else ''}")
        with suppress(Conflict):
            await self._conversations.start(contact, conversation_id=conversation_id)
        fresh = Thread(
            inbox_id=inbox_id,
            address=address,
            tenant_id=tenant_id,
            contact_id=contact.id,
            conversation_id=conversation_id,
        )
        try:
            return await self._database.write(lambda: repository.meet(fresh), key=conversation_id)
        except Conflict:
            return await self._database.write(lambda: repository.meet(fresh), key=conversation_id)

    async def conversation_of(self, thread: Thread) -> tuple[Principal, Conversation]:
        """Who speaks in it, and the conversation."""
        visitor = Principal(tenant_id=thread.tenant_id, kind="visitor", id=thread.contact_id, inbox_id=thread.inbox_id)
        return visitor, await self._conversations.access(visitor, thread.conversation_id)

    async def visitor_in(self, tenant_id: str, conversation_id: str) -> tuple[Principal, Conversation] | None:
        """The same of any conversation, or None."""
        conversation = await self._conversations.find(tenant_id, conversation_id)
        if conversation is None:
            return None
        visitor = Principal(
            tenant_id=tenant_id, kind="visitor", id=conversation.contact_id, inbox_id=conversation.inbox_id
        )
        return visitor, conversation

    async def heard_from(self, thread: Thread, window: Window | None, *, busy_ms: int) -> Thread:
        """They spoke; nobody but the caller answers within `busy_ms`."""
        now_ms = self._clock.now_ms()
        return await self._database.write(
            lambda: repository.heard_from(thread, window, busy_ms, now_ms), key=thread.conversation_id
        )

    async def release(self, thread: Thread) -> None:
        """The caller has answered, or leaves it to the courier."""
        now_ms = self._clock.now_ms()
        await self._database.write(lambda: repository.release(thread, now_ms), key=thread.conversation_id)

    async def note_failure(self, thread: Thread, place: tuple[int, int], detail: str) -> None:
        """Part `place` (message and part) was taken by the vendor, and then not delivered."""
        await self._database.write(lambda: repository.note_failure(thread, place, detail), key=thread.conversation_id)

    async def next_portion(self, thread: Thread, split: Split) -> Portion | None:
        """The next words that were not told; walks past what is not for the outside."""
        current = await self.repository.find(thread.inbox_id, thread.address)
        told = current.told if current else thread.told
        _, conversation = await self.conversation_of(thread)
        while True:
            following = await self._conversations.messages_after(conversation, told.seq, _PAGE)
            portion, here = next_portion(told, following, split)
            if portion is not None:
                return portion
            if here != told:
                await self._pass_over(thread, told, here)
            if len(following) < _PAGE:
                return None
            told = here

    async def _pass_over(self, thread: Thread, told: Place, here: Place) -> None:
        await self._database.write(lambda: repository.pass_over(thread, told, here), key=thread.conversation_id)

    async def answer(self, thread: Thread, key: str, portion: Portion) -> str | None:
        """Tell a portion in answer to what was heard under `key`; see `repository.answer`."""
        now_ms = self._clock.now_ms()

        async def once() -> str | None:
            return await self._database.write(
                lambda: repository.answer(thread, key, portion, now_ms), key=thread.conversation_id
            )

        try:
            return await once()
        except Conflict:  # another node answered the same delivery in this moment
            return await once()

    async def answer_plainly(self, thread: Thread, key: str, text: str) -> str:
        """Words that are no message of the conversation; the first answer under `key` stays the answer."""
        now_ms = self._clock.now_ms()

        async def once() -> str:
            return await self._database.write(
                lambda: repository.answer_plainly(thread, key, text, now_ms), key=thread.conversation_id
            )

        try:
            return await once()
        except Conflict:
            return await once()

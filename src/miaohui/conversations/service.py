"""The verbs of a conversation, but for the assistant's turn (see `turns`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from miaohui.conversations import operations
from miaohui.conversations.errors import NotYours
from miaohui.conversations.policy import body_hash, check_cmid, check_text
from miaohui.conversations.repository import ConversationsRepository
from miaohui.conversations.types import Change, Conversation, Draft, HandoffReason, Message, Status
from miaohui.kit.errors import FieldError, Invalid, NotFound
from miaohui.kit.ids import new_id
from miaohui.kit.paging import Cursor, Page, page, parse_cursor

if TYPE_CHECKING:
    from miaohui.contacts.types import Contact
    from miaohui.conversations.ports import Facts, Publish
    from miaohui.identity.types import Principal
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database, Operation

TOP = 2**62
"""A `seq` past every message."""


class Conversations:
    """Start, read, hand over, speak in and close conversations."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        publish: Publish,
        facts: Facts | None = None,
        *,
        message_bytes: int = 16_384,
    ) -> None:
        self._database = database
        self._repository = ConversationsRepository(database)
        self._clock = clock
        self._publish = publish
        self._facts: Facts = facts or _NobodyOutside()
        self._message_bytes = message_bytes

    async def start(self, contact: Contact, *, conversation_id: str = "") -> Conversation:
        """A new conversation that the assistant owns."""
        now_ms = self._clock.now_ms()
        fresh = Conversation(
            id=conversation_id or new_id("conv"),
            tenant_id=contact.tenant_id,
            inbox_id=contact.inbox_id,
            contact_id=contact.id,
            contact_name=contact.name,
            created_at_ms=now_ms,
            updated_at_ms=now_ms,
        )
        return await self._database.write(
            lambda: self._starting(fresh), key=fresh.id, announce=self._publish.conversation_changed
        )

    def _starting(self, fresh: Conversation) -> Operation[Conversation]:
        started = yield from operations.start(fresh)
        yield from self._facts.conversation_changed("conversation.created", started)
        return started

    async def latest_for(self, tenant_id: str, contact_id: str) -> Conversation | None:
        """The contact's newest conversation that is not resolved."""
        return await self._repository.find_latest(tenant_id, contact_id)

    async def access(self, principal: Principal, conversation_id: str) -> Conversation:
        """The only door to a conversation. Raises `NotFound` for what this principal may not know of."""
        found = await self._repository.find(principal.tenant_id, conversation_id)
        if found is None or (principal.kind == "visitor" and found.contact_id != principal.id):
            msg = "There is no conversation of that id."
            raise NotFound(msg)
        return found

    async def list_(
        self, principal: Principal, *, status: Status | None = None, cursor: str = "", limit: int = 50
    ) -> Page[Conversation]:
        """Newest change first: a visitor's own, or the tenant's."""
        after = parse_cursor(cursor)
        rows = await self._repository.list_page(
            principal.tenant_id,
            status=status,
            contact_id=principal.id if principal.kind == "visitor" else "",
            before=(after.at, after.id) if after else None,
            limit=limit + 1,
        )
        return page(rows, limit, lambda row: Cursor(row.updated_at_ms, row.id))

    async def messages(
        self, conversation: Conversation, *, after: int = 0, before: int = 0, limit: int = 50
    ) -> list[Message]:
        """Ascending by `seq`: those after `after`, or the last ones before `before`, or simply the last ones."""
        if after:
            return await self.messages_after(conversation, after, limit)
        return await self._repository.messages_before(conversation.tenant_id, conversation.id, before or TOP, limit)

    async def messages_after(self, conversation: Conversation, seq: int, limit: int) -> list[Message]:
        """Ascending, strictly after `seq`, which may be 0."""
        return await self._repository.messages_after(conversation.tenant_id, conversation.id, seq, limit)

    async def find_message(self, tenant_id: str, message_id: str) -> Message | None:
        """One message, or None."""
        return await self._repository.find_message(tenant_id, message_id)

    async def find_final(self, tenant_id: str, turn_id: str) -> Message | None:
        """A turn's one answer, or None."""
        return await self._repository.find_final(tenant_id, turn_id)

    async def last_exchanges(self, tenant_id: str, conversation_id: str, turns: int) -> list[tuple[str, str]]:
        """The last answered questions with their answers, oldest first."""
        recent = await self._repository.messages_before(tenant_id, conversation_id, TOP, turns * 2 + 10)
        questions = {m.turn_id: m.text for m in recent if m.sender == "visitor"}
        return [(questions[m.turn_id], m.text) for m in recent if m.final and m.turn_id in questions][-turns:]

    async def request_human(
        self, conversation: Conversation, by: Principal, reason: HandoffReason = "customer_request"
    ) -> Conversation:
        """From the assistant to the queue for a human; already there, it stays as it is."""
        if conversation.status == "open":
            return conversation
        change = Change(status="open", handoff_reason=reason, waiting=True, activity=f"handed_off:{reason}")
        return await self._change(conversation, change, by, "handoff.requested")

    async def take_over(self, conversation: Conversation, agent: Principal) -> Conversation:
        """The agent owns it from here on: nothing the assistant was about to say lands any more."""
        if conversation.status == "open" and conversation.assignee_id == agent.id:
            return conversation
        change = Change(
            status="open",
            assignee_id=agent.id,
            handoff_reason=conversation.handoff_reason,
            waiting=bool(conversation.waiting_since_ms),
            activity=f"taken_over:{agent.name}",
        )
        return await self._change(conversation, change, agent, "conversation.taken_over")

    async def hand_back(self, conversation: Conversation, agent: Principal) -> Conversation:
        """The assistant answers again. Raises `NotYours` unless a human owns it."""
        if conversation.status not in {"open", "snoozed"}:
            msg = "Only a conversation that a human serves can be handed back."
            raise NotYours(msg)
        return await self._change(conversation, Change(status="pending", activity=f"handed_back:{agent.name}"), agent)

    async def resolve(self, conversation: Conversation, by: Principal) -> Conversation:
        """Done; the visitor's next word opens it again, with the assistant."""
        if conversation.status == "resolved":
            return conversation
        change = Change(status="resolved", assignee_id=conversation.assignee_id, activity=f"resolved:{by.name}")
        return await self._change(conversation, change, by, "conversation.resolved")

    async def say(
        self, conversation: Conversation, agent: Principal, text: str, cmid: str, *, note: bool = False
    ) -> tuple[Message, bool]:
        """A human's words, or a note that only humans see; True when this send was already stored.

        Words take the conversation over while the assistant owns it. Raises `CmidConflict`, `Invalid`, `NotYours`.
        """
        draft = Draft(
            id=new_id("msg"),
            tenant_id=conversation.tenant_id,
            conversation_id=conversation.id,
            sender="agent",
            sender_id=agent.id,
            sender_name=agent.name,
            kind="note" if note else "text",
            text=check_text(text, self._message_bytes),
            principal=agent.key,
            cmid=check_cmid(cmid),
            body_hash=body_hash(text),
            now_ms=self._clock.now_ms(),
        )
        if not note and conversation.status != "open":
            conversation = await self.take_over(conversation, agent)
        current = conversation
        message, _, dup = await self._database.write(
            lambda: self._speaking(draft, current), key=current.id, announce=self._announce_words
        )
        return message, dup

    def _speaking(self, draft: Draft, conversation: Conversation) -> Operation[tuple[Message, Conversation, bool]]:
        said = yield from operations.speak(draft, conversation, waiting=draft.kind == "note")
        message, _, dup = said
        if not dup:
            yield from self._facts.message_created(draft.tenant_id, message)
        return said

    async def rate(self, principal: Principal, message_id: str, rating: int) -> Message:
        """1 good, -1 bad, 0 takes it back. Raises `Invalid`, `NotFound`."""
        if rating not in {-1, 0, 1}:
            msg = "A rating is 1, -1 or 0."
            raise Invalid(msg, errors=(FieldError("$.rating", "1, -1 or 0"),))
        found = await self._repository.find_message(principal.tenant_id, message_id)
        if found is None:
            msg = "There is no message of that id."
            raise NotFound(msg)
        conversation = await self.access(principal, found.conversation_id)
        return await self._database.write(lambda: self._rating(conversation, message_id, rating), key=conversation.id)

    def _rating(self, conversation: Conversation, message_id: str, rating: int) -> Operation[Message]:
        rated = yield from operations.rate(conversation, message_id, rating)
        yield from self._facts.message_rated(conversation.tenant_id, rated)
        return rated

    async def mark_seen(self, conversation: Conversation, principal: Principal, seq: int) -> None:
        """Remember how far the visitor, or the agents, have read."""
        by_contact = principal.kind == "visitor"
        await self._database.write(
            lambda: operations.mark_seen(conversation, seq, by_contact=by_contact), key=conversation.id
        )

    async def _change(self, conversation: Conversation, change: Change, by: Principal, event: str = "") -> Conversation:
        activity = Draft(
            id=new_id("msg"),
            tenant_id=conversation.tenant_id,
            conversation_id=conversation.id,
            sender="system",
            sender_id=by.id,
            sender_name=by.name,
            kind="activity",
            text=change.activity,
            now_ms=self._clock.now_ms(),
        )
        after, _ = await self._database.write(
            lambda: self._changing(conversation, change, activity, event),
            key=conversation.id,
            announce=self._announce_change,
        )
        return after

    def _changing(
        self, conversation: Conversation, change: Change, activity: Draft, event: str
    ) -> Operation[tuple[Conversation, Message]]:
        changed = yield from operations.change_owner(conversation, change, activity)
        for name in filter(None, (event, "conversation.updated")):
            yield from self._facts.conversation_changed(name, changed[0])
        return changed

    def _announce_change(self, changed: tuple[Conversation, Message]) -> None:
        conversation, activity = changed
        self._publish.message_posted(conversation.tenant_id, activity)
        self._publish.conversation_changed(conversation)

    def _announce_words(self, said: tuple[Message, Conversation, bool]) -> None:
        message, conversation, dup = said
        if not dup:
            self._publish.message_posted(conversation.tenant_id, message)
            self._publish.conversation_changed(conversation)


class _NobodyOutside:
    """Facts stay in the house."""

    def message_created(self, tenant_id: str, message: Message) -> Operation[None]:
        yield from ()

    def conversation_changed(self, event: str, conversation: Conversation) -> Operation[None]:
        yield from ()

    def message_rated(self, tenant_id: str, message: Message) -> Operation[None]:
        yield from ()

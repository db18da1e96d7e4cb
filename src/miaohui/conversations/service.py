"""The verbs of a conversation, but for the assistant's turn (see `turns`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import msgspec

from miaohui.conversations import changes, operations
from miaohui.conversations.errors import Blocked, NotYours
from miaohui.conversations.ownership import step
from miaohui.conversations.policy import body_hash, check_cmid, check_text, checked_labels, ownership_of
from miaohui.conversations.repository import ConversationsRepository
from miaohui.conversations.types import Change, Conversation, Deed, Draft, Filter, Message
from miaohui.kit.errors import FieldError, Invalid, NotFound
from miaohui.kit.ids import new_id
from miaohui.kit.paging import Cursor, Page, page, parse_cursor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from miaohui.contacts.types import Contact
    from miaohui.conversations.ports import Actor, Facts, Leaving, Publish
    from miaohui.conversations.types import HandoffReason, Priority, SenderKind, Turn
    from miaohui.identity.types import Principal
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database, Operation

TOP = 2**62
"""A `seq` past every message."""
MOST_TOLD = 50
"""Conversations of one contact that open lists are told of at once."""

Changed: TypeAlias = tuple[Conversation, Message]
"""A conversation after a deed, and the line about it."""
Within: TypeAlias = "Callable[[Operation[Changed]], Operation[Changed]]"
"""Runs a deed's operation among others, in one transaction."""
Given: TypeAlias = "Callable[[], Operation[bool]]"
"""Decides, in the transaction itself, whether something is said."""
Also: TypeAlias = "Callable[[Message], Operation[None]]"
"""What is written together with a message."""


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
        self.leaving: Sequence[Leaving] = ()
        """Other rooms that keep something of what was said, told in the transaction that erases it."""

    async def start(self, contact: Contact, *, conversation_id: str = "") -> Conversation:
        """A new conversation that the assistant owns. Raises `Blocked`."""
        if contact.blocked_at_ms:
            msg = "Messages from here are not taken any more."
            raise Blocked(msg)
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
        self, principal: Principal, wanted: Filter | None = None, *, cursor: str = "", limit: int = 50
    ) -> Page[Conversation]:
        """Newest change first: a visitor's own, or the tenant's."""
        after = parse_cursor(cursor)
        wanted = wanted or Filter()
        if principal.kind == "visitor":
            wanted = Filter(status=wanted.status, contact_ids=(principal.id,))
        rows = await self._repository.list_page(
            principal.tenant_id,
            wanted,
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

    async def find(self, tenant_id: str, conversation_id: str) -> Conversation | None:
        """One conversation of a tenant, or None; for rooms that act by themselves."""
        return await self._repository.find(tenant_id, conversation_id)

    async def list_due(self, limit: int = 100) -> list[Conversation]:
        """Snoozed conversations, of every tenant, that should have woken by now."""
        return await self._repository.list_due(self._clock.now_ms(), limit)

    async def find_message(self, tenant_id: str, message_id: str) -> Message | None:
        """One message, or None."""
        return await self._repository.find_message(tenant_id, message_id)

    async def find_turn(self, tenant_id: str, turn_id: str) -> Turn | None:
        """One turn, without its question, or None."""
        return await self._repository.find_turn(tenant_id, turn_id)

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
        deed = Deed(act="request", reason=reason, activity=f"handed_off:{reason}", event="handoff.requested")
        try:
            return await self.do(conversation, deed, by)
        except NotYours:
            # It came to a human in this very moment, by a rule or by the turn that was running: then all is well.
            return await self.do(await self.access(by, conversation.id), deed, by)

    async def take_over(self, conversation: Conversation, agent: Principal) -> Conversation:
        """The agent owns it from here on: nothing the assistant was about to say lands any more."""
        activity = f"taken_over:{agent.name}"
        deed = Deed(act="take_over", agent_id=agent.id, activity=activity, event="conversation.taken_over")
        return await self.do(conversation, deed, agent)

    async def hand_back(self, conversation: Conversation, agent: Principal) -> Conversation:
        """The assistant answers again, first what no agent answered. Raises `NotYours` unless a human owns it."""
        deed = Deed(act="hand_back", activity=f"handed_back:{agent.name}")
        return await self.do(conversation, deed, agent)

    async def resolve(self, conversation: Conversation, by: Principal) -> Conversation:
        """Done; the visitor's next word opens it again, with the assistant.

        Raises `NotYours` when something was said since `conversation` was read.
        """
        deed = Deed(act="resolve", activity=f"resolved:{by.name}", event="conversation.resolved")
        return await self.do(conversation, deed, by)

    async def do(
        self, conversation: Conversation, deed: Deed, by: Actor, *, within: Within | None = None
    ) -> Conversation:
        """Any deed. What changes nothing is not noted. `within` adds to the transaction. Raises `NotYours`."""
        now = ownership_of(conversation)
        if step(now, deed.act, deed.agent_id) == now and deed.team_id in {None, conversation.team_id}:
            return conversation
        change = changes.decide(conversation, deed)
        return await self._change(conversation, change, by, deed, within)

    async def mark(
        self, conversation: Conversation, *, labels: Iterable[str] | None = None, priority: Priority | None = None
    ) -> Conversation:
        """Other labels, another priority; None leaves them. Raises `Invalid`."""
        tidy = None if labels is None else checked_labels(labels)
        now_ms = self._clock.now_ms()
        return await self._database.write(
            lambda: self._marking(conversation, tidy, priority, now_ms),
            key=conversation.id,
            announce=self._publish.conversation_changed,
        )

    def _marking(
        self, conversation: Conversation, labels: tuple[str, ...] | None, priority: Priority | None, now_ms: int
    ) -> Operation[Conversation]:
        marked = yield from changes.mark(conversation, labels=labels, priority=priority, now_ms=now_ms)
        yield from self._facts.conversation_changed("conversation.updated", marked)
        return marked

    async def block(self, tenant_id: str, contact_ids: Sequence[str], *, blocked: bool) -> None:
        """Take no more words of these contacts, or take them again."""
        await self._database.write(lambda: changes.block(tenant_id, contact_ids, blocked=blocked))

    async def rename(self, tenant_id: str, contact_id: str, name: str) -> None:
        """Show the contact's conversations under this name; lists that are open are told."""
        renamed = await self._database.write(lambda: changes.rename(tenant_id, contact_id, name))
        for conversation in renamed[-MOST_TOLD:]:
            self._publish.list_changed(conversation)

    async def erase(self, tenant_id: str, contact_ids: Sequence[str]) -> tuple[int, int]:
        """Their words and what was said to them, for good: how many conversations, how many messages."""
        return await self._database.write(lambda: changes.erase(tenant_id, contact_ids, self.leaving))

    async def tell(self, conversation: Conversation, text: str, given: Given) -> bool:
        """Words of the house itself, if `given` says so in the same transaction; whoever owns the thread keeps it."""
        return await self._tell(self._draft(conversation, text, sender="system", sender_id="system"), given)

    async def note_fact(self, conversation: Conversation, activity: str, by: Actor, given: Given) -> bool:
        """A line about something that happened, as `Change.activity`, if `given` says so in the same transaction."""
        draft = self._draft(conversation, activity, sender="system", sender_id=by.id)
        return await self._tell(msgspec.structs.replace(draft, sender_name=by.name, kind="activity"), given)

    async def _tell(self, draft: Draft, given: Given) -> bool:
        def operation() -> Operation[tuple[Message, Conversation] | None]:
            return (yield from changes.announce_words(draft)) if (yield from given()) else None

        told = await self._database.write(operation, key=draft.conversation_id, announce=self._announce_telling)
        return told is not None

    async def say(
        self, conversation: Conversation, agent: Principal, text: str, cmid: str, *, note: bool = False
    ) -> tuple[Message, bool]:
        """A human's words, or a note that only humans see; True when this send was already stored.

        Words take the conversation over while the assistant owns it. Raises `CmidConflict`, `Invalid`, `NotYours`.
        """
        if note:
            return await self.note(conversation, agent, text, cmid)
        return await self._say_first(conversation, agent, self._of_agent(conversation, agent, text, cmid))

    async def say_translated(
        self, conversation: Conversation, agent: Principal, text: str, original: str, cmid: str
    ) -> tuple[Message, bool]:
        """As `say`, where `text` is a translation of what the agent wrote, which is kept beside it."""
        draft = self._of_agent(conversation, agent, text, cmid)
        draft = msgspec.structs.replace(draft, original=check_text(original, self._message_bytes))
        return await self._say_first(conversation, agent, draft)

    async def _say_first(self, conversation: Conversation, agent: Principal, draft: Draft) -> tuple[Message, bool]:
        if conversation.status != "open":
            conversation = await self.take_over(conversation, agent)
        return await self._say(conversation, draft, None)

    async def note(
        self, conversation: Conversation, agent: Principal, text: str, cmid: str, also: Also | None = None
    ) -> tuple[Message, bool]:
        """Words that only humans see. `also` adds to the transaction. Raises as `say`."""
        draft = self._of_agent(conversation, agent, text, cmid)
        return await self._say(conversation, msgspec.structs.replace(draft, kind="note"), also)

    async def remark(self, conversation: Conversation, agent: Principal, text: str, cmid: str) -> tuple[Message, bool]:
        """A human's words that change no owner, such as a follow-up. Raises as `say`."""
        return await self._say(conversation, self._of_agent(conversation, agent, text, cmid), None)

    def _of_agent(self, conversation: Conversation, agent: Principal, text: str, cmid: str) -> Draft:
        return msgspec.structs.replace(
            self._draft(conversation, text, sender="agent", sender_id=agent.id),
            sender_name=agent.name,
            principal=agent.key,
            cmid=check_cmid(cmid),
            body_hash=body_hash(text),
        )

    async def _say(self, conversation: Conversation, draft: Draft, also: Also | None) -> tuple[Message, bool]:
        message, _, dup = await self._database.write(
            lambda: self._speaking(draft, conversation, also), key=conversation.id, announce=self._announce_words
        )
        return message, dup

    def _speaking(
        self, draft: Draft, conversation: Conversation, also: Also | None
    ) -> Operation[tuple[Message, Conversation, bool]]:
        said = yield from operations.speak(draft, conversation, waiting=draft.kind == "note")
        message, _, dup = said
        if not dup:
            yield from self._facts.message_created(draft.tenant_id, message)
            if also is not None:
                yield from also(message)
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

    async def seen(self, conversation: Conversation) -> tuple[int, int]:
        """Up to which message the visitor has looked, and the agents."""
        return await self._repository.find_seen(conversation.tenant_id, conversation.id)

    async def _change(
        self, conversation: Conversation, change: Change, by: Actor, deed: Deed, within: Within | None
    ) -> Conversation:
        activity = msgspec.structs.replace(
            self._draft(conversation, change.activity, sender="system", sender_id=by.id),
            sender_name=by.name,
            kind="activity",
        )

        def operation() -> Operation[Changed]:
            changing = self._changing(conversation, change, activity, deed)
            return within(changing) if within else changing

        after, _ = await self._database.write(operation, key=conversation.id, announce=self._announce_change)
        return after

    def _changing(self, conversation: Conversation, change: Change, activity: Draft, deed: Deed) -> Operation[Changed]:
        changed = yield from changes.change_owner(conversation, change, activity)
        if deed.act == "hand_back":
            yield from changes.take_up(changed[0], new_id("turn"), activity.now_ms)
        for name in filter(None, (deed.event, "conversation.updated")):
            yield from self._facts.conversation_changed(name, changed[0])
        return changed

    def _draft(self, conversation: Conversation, text: str, *, sender: SenderKind, sender_id: str) -> Draft:
        return Draft(
            id=new_id("msg"),
            tenant_id=conversation.tenant_id,
            conversation_id=conversation.id,
            sender=sender,
            sender_id=sender_id,
            text=check_text(text, self._message_bytes),
            now_ms=self._clock.now_ms(),
        )

    def _announce_telling(self, told: tuple[Message, Conversation] | None) -> None:
        if told is not None:
            message, conversation = told
            self._publish.message_posted(conversation.tenant_id, message)
            self._publish.conversation_changed(conversation)

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

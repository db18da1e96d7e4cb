"""What agents do with a conversation by hand: claim it, pass it on, put it aside, note something about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from miaohui.conversations.errors import NotYours
from miaohui.conversations.types import Deed
from miaohui.desk import notebook
from miaohui.desk.errors import AgentAway, AlreadyClaimed
from miaohui.desk.policy import mentioned
from miaohui.desk.summary import summarise
from miaohui.desk.types import Mention
from miaohui.kit.errors import FieldError, Invalid
from miaohui.realtime.events import Looking, MentionCreated

if TYPE_CHECKING:
    from miaohui.conversations.service import Conversations
    from miaohui.conversations.types import Conversation, Message
    from miaohui.desk.dispatch import Dispatch
    from miaohui.desk.ports import People, Told
    from miaohui.desk.service import Desk
    from miaohui.desk.summary import Summary
    from miaohui.identity.types import Principal
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Operation

LONGEST_SNOOZE_MS = 366 * 24 * 3_600_000
SUMMARISED = 60
"""Messages that a summary is made from."""


class Handing:
    """Verbs of agents."""

    def __init__(self, clock: Clock, conversations: Conversations, desk: Desk, dispatch: Dispatch, told: Told) -> None:
        self._clock = clock
        self._conversations = conversations
        self._desk = desk
        self._dispatch = dispatch
        self._told = told
        self._people: People = desk.people

    async def claim(self, conversation: Conversation, agent: Principal) -> Conversation:
        """Out of the queue: of two at once exactly one gets it. Raises `AlreadyClaimed`, `NotYours`."""
        deed = Deed(act="claim", agent_id=agent.id, activity=f"claimed:{agent.name}", event="conversation.assigned")
        try:
            return await self._dispatch.serve(conversation, deed, "claimed", agent)
        except NotYours:
            now = await self._conversations.find(conversation.tenant_id, conversation.id)
            if now is None or not now.assignee_id:
                raise
            if now.assignee_id == agent.id and now.status == "open":
                return now
            holder = await self._people.get_person(now.tenant_id, now.assignee_id)
            raise AlreadyClaimed(f"{holder.name} has this conversation.") from None

    async def take_over(self, conversation: Conversation, agent: Principal) -> Conversation:
        """From whoever has it: nothing that they were about to say lands any more. Raises `NotYours`."""
        activity = f"taken_over:{agent.name}"
        deed = Deed(act="take_over", agent_id=agent.id, activity=activity, event="conversation.taken_over")
        return await self._dispatch.serve(conversation, deed, "taken_over", agent)

    async def say(
        self, conversation: Conversation, agent: Principal, text: str, cmid: str, original: str = ""
    ) -> tuple[Message, bool]:
        """Words to the visitor; they take over what is with no agent. Raises as `Conversations.say`."""
        if conversation.status != "open":
            conversation = await self.take_over(conversation, agent)
        if original:
            return await self._conversations.say_translated(conversation, agent, text, original, cmid)
        return await self._conversations.say(conversation, agent, text, cmid)

    async def give(self, conversation: Conversation, person_id: str, by: Principal) -> Conversation:
        """To another agent, who is there. Raises `AgentAway`, `NotFound`, `NotYours`."""
        agent = await self._desk.get_agent(conversation.tenant_id, person_id)
        if agent.presence == "offline" and person_id != by.id:
            raise AgentAway(f"{agent.name} is offline. Choose somebody who is there, or a team.")
        deed = Deed(
            act="transfer", agent_id=person_id, activity=f"transferred:{agent.name}", event="conversation.assigned"
        )
        return await self._dispatch.serve(conversation, deed, "transferred", by)

    async def give_team(self, conversation: Conversation, team_id: str, by: Principal) -> Conversation:
        """Back into the queue, for a team; empty: for everybody. Raises `NotFound`, `NotYours`."""
        name = (await self._desk.get_team(conversation.tenant_id, team_id)).name if team_id else ""
        deed = Deed(act="transfer", team_id=team_id, activity=f"transferred:{name}", event="conversation.assigned")
        return await self._conversations.do(conversation, deed, by)

    async def snooze(self, conversation: Conversation, until_ms: int, by: Principal) -> Conversation:
        """Put aside until then, or until the visitor speaks. Raises `Invalid`, `NotYours`."""
        if not 0 < until_ms - self._clock.now_ms() <= LONGEST_SNOOZE_MS:
            wanted = "a moment in the coming year"
            raise Invalid("This is no moment to wake at.", errors=[FieldError("$.until", wanted)])
        deed = Deed(act="snooze", until_ms=until_ms, activity=f"snoozed:{by.name}", event="conversation.snoozed")
        return await self._conversations.do(conversation, deed, by)

    async def wake(self, conversation: Conversation, by: Principal) -> Conversation:
        """Before its time. Raises `NotYours` when it is not snoozed."""
        deed = Deed(act="wake", activity=f"woken:{by.name}", event="conversation.opened")
        return await self._conversations.do(conversation, deed, by)

    async def note(self, conversation: Conversation, agent: Principal, text: str, cmid: str) -> tuple[Message, bool]:
        """Words for agents only; who is named by `@name` is told. Raises as `Conversations.note`."""
        here = await self._people.list_people(agent.tenant_id) if "@" in text else []
        named = mentioned(text, {person.id: person.name for person in here if person.active})

        def also(message: Message) -> Operation[None]:
            for person_id in named:
                mention = Mention(
                    message_id=message.id,
                    conversation_id=message.conversation_id,
                    person_id=person_id,
                    by_id=agent.id,
                    by_name=agent.name,
                    at_ms=message.created_at_ms,
                )
                yield from notebook.insert_mention(agent.tenant_id, mention)

        message, dup = await self._conversations.note(conversation, agent, text, cmid, also)
        if named and not dup:
            event = MentionCreated(conversation.id, message.id, named, agent.id, agent.name)
            self._told.tell_tenant(agent.tenant_id, event)
        return message, dup

    def look(self, conversation: Conversation, agent: Principal, *, on: bool) -> None:
        """Colleagues see that the agent is here too, or no longer; nothing is stored."""
        self._told.tell_tenant(agent.tenant_id, Looking(conversation.id, agent.id, agent.name, on))

    async def summary_of(self, conversation: Conversation) -> Summary:
        """What an agent should know before the first word."""
        said = await self._conversations.messages(conversation, limit=SUMMARISED)
        return summarise(said, conversation.handoff_reason)

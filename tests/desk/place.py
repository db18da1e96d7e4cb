"""A desk on a real database: a company with people, an inbox, and visitors who ask for a human."""

from __future__ import annotations

import msgspec

from miaohui.contacts.service import Contacts
from miaohui.contacts.types import Contact
from miaohui.conversations import operations
from miaohui.conversations.repository import ConversationsRepository
from miaohui.conversations.service import Conversations
from miaohui.conversations.types import Accepted, Claim, Conversation, Draft, Message
from miaohui.desk.front import FrontDesk, Neighbours
from miaohui.identity.repository import insert_person
from miaohui.identity.types import Person, Principal
from miaohui.inboxes.service import Inboxes
from miaohui.inboxes.types import Inbox
from miaohui.kit.clock import Clock
from miaohui.kit.database import Database
from miaohui.kit.errors import NotFound
from miaohui.kit.ids import new_id
from miaohui.realtime.events import AnyEvent, QueueUpdated
from miaohui.realtime.fanout_memory import MemoryFanout
from miaohui.realtime.service import Realtime

TENANT = "ten_1"


class People:
    """Those who were hired."""

    def __init__(self) -> None:
        self.here: list[Person] = []

    async def get_person(self, tenant_id: str, person_id: str) -> Person:
        found = next((one for one in self.here if (one.tenant_id, one.id) == (tenant_id, person_id)), None)
        if found is None:
            raise NotFound("There is no such person.")
        return found

    async def list_people(self, tenant_id: str) -> list[Person]:
        return [one for one in self.here if one.tenant_id == tenant_id]


class Screen:
    """What somebody is shown."""

    def __init__(self, principal: Principal) -> None:
        self.principal = principal
        self.frames: list[dict[str, object]] = []

    def deliver(self, frame: bytes, event: AnyEvent | None) -> None:
        self.frames.append(msgspec.json.decode(frame))

    async def room(self) -> None:
        return None

    def of(self, kind: str) -> list[dict[str, object]]:
        return [frame for frame in self.frames if frame["t"] == kind]


class Place:
    """One node."""

    def __init__(self, database: Database, clock: Clock, people: People | None = None) -> None:
        self.database = database
        self.clock = clock
        self.people = people or People()
        self.realtime = Realtime(ConversationsRepository(database), MemoryFanout(), database.epoch)
        self.conversations = Conversations(database, clock, self.realtime)
        self.inboxes = Inboxes(database, clock)
        self.contacts = Contacts(database, clock)
        around = Neighbours(self.conversations, self.realtime, self.people, self.inboxes)
        self.front = FrontDesk(database, clock, around)
        self.desk, self.dispatch = self.front.desk, self.front.dispatch
        self.handing, self.notebook = self.front.handing, self.front.notebook
        self.inbox: Inbox | None = None

    async def hire(self, name: str, *, online: bool = True, capacity: int = 5, tenant_id: str = TENANT) -> Principal:
        """Somebody new, at the desk."""
        person = Person(
            id=new_id("per"), tenant_id=tenant_id, email=f"{new_id('x')}@x.cn", name=name, role="agent", created_at_ms=1
        )
        await self.database.write(lambda: insert_person(person, "-"))
        self.people.here.append(person)
        await self.desk.set_abilities(tenant_id, person.id, capacity, [], [])
        if online:
            await self.desk.set_presence(tenant_id, person.id, "online")
            await self.dispatch.settle()
        return Principal(tenant_id=tenant_id, kind="agent", id=person.id, name=name, role="agent")

    async def visitor(self, *, vip: bool = False) -> Contact:
        """Somebody new at the door."""
        self.inbox = self.inbox or await self.inboxes.create(TENANT, "web")
        contact = await self.contacts.create_visitor(self.inbox)
        if vip:
            contact = await self.contacts.update_attributes(TENANT, contact.id, {"vip": "yes"})
        return contact

    async def queued(self, words: str = "我的订单 20261121000001 没到", *, vip: bool = False) -> Conversation:
        """A visitor who spoke and asked for a human."""
        contact = await self.visitor(vip=vip)
        conversation = await self.conversations.start(contact)
        await self.say(conversation, words)
        return await self.conversations.request_human(await self.now(conversation), self.as_visitor(conversation))

    async def say(self, conversation: Conversation, words: str) -> Accepted:
        """The visitor speaks; no turn runs here."""
        draft = Draft(
            id=new_id("msg"),
            tenant_id=TENANT,
            conversation_id=conversation.id,
            sender="visitor",
            sender_id=conversation.contact_id,
            text=words,
            turn_id=new_id("turn"),
            principal=f"visitor:{conversation.contact_id}",
            cmid=new_id("c"),
            now_ms=self.clock.now_ms(),
        )
        claim = Claim(owner="boot", lease_ms=60_000)
        return await self.database.write(lambda: operations.accept(draft, draft.turn_id, claim), key=conversation.id)

    async def now(self, conversation: Conversation) -> Conversation:
        """As it stands in the records."""
        found = await self.conversations.find(TENANT, conversation.id)
        assert found is not None
        return found

    async def thread(self, conversation: Conversation) -> list[Message]:
        return await self.conversations.messages_after(conversation, 0, 500)

    async def watch(self, conversation: Conversation) -> Screen:
        """The visitor's screen."""
        screen = Screen(self.as_visitor(conversation))
        await self.realtime.watch(conversation, screen)
        return screen

    def as_visitor(self, conversation: Conversation) -> Principal:
        return Principal(tenant_id=TENANT, kind="visitor", id=conversation.contact_id)


def places_of(screen: Screen) -> list[tuple[object, object]]:
    """Position and reason of everything that was told of the queue."""
    return [(frame["position"], frame.get("reason", "")) for frame in screen.of("queue.updated")]


__all__ = ["TENANT", "People", "Place", "QueueUpdated", "Screen", "places_of"]

"""A house with one fake: the engine. Everything else is the real room over a real database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest

from miaohui.contacts.types import Contact
from miaohui.conversations.repository import ConversationsRepository
from miaohui.conversations.service import Conversations
from miaohui.conversations.types import Accepted, Conversation, Message
from miaohui.guard.limits_memory import LimitsMemory
from miaohui.guard.service import Guard, GuardOptions
from miaohui.guard.words import Words
from miaohui.identity.types import Principal
from miaohui.inboxes.types import Assistant
from miaohui.journal.service import Journal
from miaohui.kit.aio import spawn, stop
from miaohui.kit.clock import SystemClock
from miaohui.kit.database import Database
from miaohui.kit.ids import new_id
from miaohui.knowledge.types import Chunk, Passage, Retrieval, Scope
from miaohui.memory.service import Memory
from miaohui.memory.short_term_memory import ShortTermMemory
from miaohui.memory.types import Exchange
from miaohui.realtime.events import AnyEvent
from miaohui.realtime.fanout_memory import MemoryFanout
from miaohui.realtime.service import Realtime
from miaohui.testing.engine import FakeEngine
from miaohui.turns.bounds import TurnBounds
from miaohui.turns.records import TurnRecords
from miaohui.turns.service import Turns
from miaohui.turns.stages import Stages
from miaohui.turns.types import Profile, Send, TurnResult
from miaohui.webhooks.service import Webhooks

TENANT = "ten_1"
VISITOR = Principal(tenant_id=TENANT, kind="visitor", id="cont_1", inbox_id="inb_1")
AGENT = Principal(tenant_id=TENANT, kind="agent", id="pers_1", name="小李", role="agent")
CONTACT = Contact(id="cont_1", tenant_id=TENANT, inbox_id="inb_1", name="王先生")
CHUNK = Chunk(
    id="chk_1", article_id="art_1", ordinal=1, title="退货", heading="退货", text="七天内可以退货。", start=0, end=8
)
RETRIEVAL = Retrieval(
    passages=(Passage(chunk=CHUNK, score=1.0, bm25=5.0, cosine=0.8),), answerability=0.9, answerable=True, version=7
)


class OneArticle:
    """A knowledge base that always finds the same passage; `wait` delays it."""

    local = True

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def retrieve(
        self, tenant_id: str, question: str, *, locale: str, limit: int, scope: Scope, before: str
    ) -> Retrieval:
        self.asked.append(f"{before} → {question}" if before else question)
        return RETRIEVAL


class OneProfile:
    async def profile_of(self, conversation: Conversation) -> Profile:
        return Profile(company="云杉商城", assistant=Assistant(), locale="zh-CN")


class History:
    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations

    async def last_exchanges(self, tenant_id: str, conversation_id: str, turns: int) -> list[Exchange]:
        pairs = await self._conversations.last_exchanges(tenant_id, conversation_id, turns)
        return [Exchange(question, answer) for question, answer in pairs]


class Screen:
    """What a visitor's screen shows."""

    def __init__(self, principal: Principal = VISITOR) -> None:
        self.principal = principal
        self.frames: list[dict[str, object]] = []
        self.on: Callable[[dict[str, object]], None] = lambda _: None

    def deliver(self, frame: bytes, event: AnyEvent | None) -> None:
        shown = msgspec.json.decode(frame)
        self.frames.append(shown)
        self.on(shown)

    async def room(self) -> None:
        return None

    def streamed(self) -> str:
        text = ""
        for frame in self.frames:
            text = "" if frame["t"] == "stream.reset" else text + str(frame.get("text", ""))
        return text

    def only(self, kind: str) -> dict[str, object]:
        found = [frame for frame in self.frames if frame["t"] == kind]
        assert len(found) == 1, [frame["t"] for frame in self.frames]
        return found[0]


class Place:
    """One process: its rooms over the shared database."""

    def __init__(self, database: Database, engine: FakeEngine, **options: object) -> None:
        clock = SystemClock()
        self.database = database
        self.engine = engine
        self.repository = ConversationsRepository(database)
        self.realtime = Realtime(self.repository, MemoryFanout(), database.epoch)
        self.conversations = Conversations(database, clock, self.realtime)
        self.journal = Journal(database, clock)
        self.knowledge = OneArticle()
        memory = Memory(ShortTermMemory(clock), History(self.conversations))
        listed: dict[str, list[str]] = {"abuse": ["坏词语"]}
        bounds = TurnBounds(turn_s=float(options.get("turn_s", 5)), backlog=3)  # type: ignore[arg-type]
        burst = int(options.get("burst", 100))  # type: ignore[call-overload]
        guard = Guard(LimitsMemory(clock), Words(listed), GuardOptions(visitor_burst=burst))
        lag_s = float(options.get("lag_s", 0.0))  # type: ignore[arg-type]
        stages = Stages(
            lag_s=lambda: lag_s,
            small_route="extractive",
            guard=guard,
            memory=memory,
            knowledge=self.knowledge,
            engine=engine,
            profiles=OneProfile(),
        )
        webhooks = Webhooks(database, clock)
        records = TurnRecords(database, webhooks, owner=new_id("boot"), lease_ms=15_000, alone=True)
        self.turns = Turns(records, self.realtime, stages, clock, bounds)
        self.realtime.on_change(self.turns.conversation_changed)

    async def begin(self) -> Conversation:
        return await self.conversations.start(CONTACT)

    async def send(self, conversation: Conversation, text: str, cmid: str = "") -> Accepted:
        return await self.turns.accept(VISITOR, conversation, Send(cmid=cmid or new_id("c"), text=text))

    async def ask(self, conversation: Conversation, text: str) -> TurnResult:
        accepted = await self.send(conversation, text)
        return await self.turns.follow(TENANT, accepted.turn.id)

    async def thread(self, conversation: Conversation) -> list[Message]:
        return await self.repository.messages_after(TENANT, conversation.id, 0, 100)

    async def watch(self, conversation: Conversation) -> Screen:
        screen = Screen()
        await self.realtime.watch(conversation, screen)
        return screen


@pytest.fixture
async def run_recovery() -> AsyncIterator[Callable[[Place], None]]:
    """Start a place's background work; it ends with the test."""
    tasks: list[asyncio.Task[None]] = []
    yield lambda place: tasks.append(spawn(place.turns.run(), name="turns"))
    await stop(*tasks)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path

"""A whole house in which one memory does not answer: the turn begins in time, and its page says what was missing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from miaohui.identity.types import Principal
from miaohui.kit.ids import new_id
from miaohui.memory.service import Memory
from miaohui.memory.short_term_memory import ShortTermMemory
from miaohui.memory.types import Exchange, Fact
from miaohui.settings.types import Settings
from miaohui.testing.upstream import Upstream, UpstreamOptions
from miaohui.turns.types import Send
from miaohui.wiring import House, open_house

DEADLINE_MS = 200


class Answers:
    """A memory of each kind, that answers or stalls."""

    def __init__(self, told: object, *, stalls: bool) -> None:
        self._told = told
        self._stalls = stalls

    def at_hand(self, tenant_id: str, contact_id: str, question: str) -> None:
        return None

    async def refresh(self) -> None:
        await asyncio.sleep(0)

    async def recall(self, tenant_id: str, contact_id: str, question: str) -> Sequence[object]:
        await asyncio.sleep(3600 if self._stalls else 0)
        return (self._told,)

    async def last_exchanges(self, tenant_id: str, conversation_id: str, turns: int) -> Sequence[object]:
        await asyncio.sleep(3600 if self._stalls else 0)
        return [self._told]


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    opened = await Upstream(UpstreamOptions(chunks=2, gap_ms=1, first_ms=1, text="您好，请稍等。")).start()
    yield opened
    await opened.close()


@pytest.fixture
async def house(data_folder: Path, upstream: Upstream) -> AsyncIterator[House]:
    settings = Settings(data=data_folder, engine_url=upstream.url, engine_model="sim", recall_deadline_ms=DEADLINE_MS)
    async with open_house(settings) as opened:
        yield opened


@pytest.mark.parametrize("stalled", ["short_term", "long_term", "business", ""])
async def test_a_turn_begins_in_time_without_the_memory_that_stalls(
    house: House, upstream: Upstream, stalled: str
) -> None:
    memory: Memory = house.memory
    fact = Fact(id="fact_1", tenant_id="ten", contact_id="cont", text="我家有一只橘猫。")
    memory.__init__(  # type: ignore[misc]
        ShortTermMemory(house.clock),
        Answers(Exchange("在吗", "在的，您请说。"), stalls=stalled == "short_term"),
        long_term=Answers(fact, stalls=stalled == "long_term"),
        business=Answers("订单 MH-1：已发货", stalls=stalled == "business"),
        deadline_s=DEADLINE_MS * 0.9 / 1000,
    )
    tenant = await house.tenants.create("Shop", "shop")
    contact = await house.contacts.create_visitor(await house.inboxes.create(tenant.id, "web"))
    conversation = await house.conversations.start(contact)
    visitor = Principal(tenant_id=tenant.id, kind="visitor", id=contact.id, inbox_id=contact.inbox_id)
    accepted = await house.turns.accept(visitor, conversation, Send(cmid=new_id("cmid"), text="我的订单呢？"))
    told = await house.turns.follow(tenant.id, accepted.turn.id)
    assert told.state == "answered"

    page = await house.journal.find_turn(tenant.id, accepted.turn.id)
    assert page is not None
    stages = {stage.name: stage for stage in page.stages}
    assert stages["recall_and_retrieve"].facts["missing"] == ([stalled] if stalled else [])
    assert stages["ask"].at_ms <= DEADLINE_MS
    prompt = "\n".join(message["content"] for message in upstream.bodies[-1]["messages"])
    there = {"short_term": "在的，您请说。", "long_term": "一只橘猫", "business": "MH-1：已发货"}
    assert {name for name, words in there.items() if words in prompt} == there.keys() - {stalled}

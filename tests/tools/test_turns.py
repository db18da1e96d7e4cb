"""A visitor's turn in a whole house, whose provider calls tools over a real socket."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.support import records

from miaohui.cli import main
from miaohui.conversations.types import Conversation
from miaohui.identity.types import Principal
from miaohui.journal.types import Stage
from miaohui.kit.errors import Invalid
from miaohui.kit.ids import new_id
from miaohui.settings.types import Settings
from miaohui.testing.upstream import Upstream, UpstreamOptions
from miaohui.turns.types import Send, TurnResult
from miaohui.wiring import House, open_house

TEXT = "您的订单已经发货，预计明天送达。"
ORDERS = {
    "orders": [
        {"id": "MH-1", "owner": "mei", "made_at": "2026-11-01", "state": "已发货"},
        {"id": "MH-9", "owner": "bob", "made_at": "2026-11-02", "state": "已退款"},
    ]
}


class Shop:
    """A house with a tenant, and a visitor who may be logged in."""

    def __init__(self, house: House, upstream: Upstream, conversation: Conversation) -> None:
        self.house = house
        self.upstream = upstream
        self.conversation = conversation

    async def say(self, text: str) -> TurnResult:
        conversation = self.conversation
        visitor = Principal(
            tenant_id=conversation.tenant_id,
            kind="visitor",
            id=conversation.contact_id,
            inbox_id=conversation.inbox_id,
        )
        accepted = await self.house.turns.accept(visitor, conversation, Send(cmid=new_id("cmid"), text=text))
        return await self.house.turns.follow(conversation.tenant_id, accepted.turn.id)

    async def stages(self, turn_id: str) -> list[Stage]:
        page = await self.house.journal.find_turn(self.conversation.tenant_id, turn_id)
        assert page is not None
        return list(page.stages)

    def results(self) -> list[Any]:
        return [json.loads(one["content"]) for one in self.upstream.bodies[-1]["messages"] if one["role"] == "tool"]


Opened = Callable[..., AbstractAsyncContextManager[Shop]]


@pytest.fixture
async def opened(data_folder: Path, tmp_path: Path) -> AsyncIterator[Opened]:
    upstream = await Upstream(UpstreamOptions(chunks=4, gap_ms=1, first_ms=1, text=TEXT)).start()
    file = tmp_path / "orders.json"
    file.write_text(json.dumps(ORDERS), encoding="utf-8")

    @asynccontextmanager
    async def open_(owner: str = "mei", **settings: Any) -> AsyncIterator[Shop]:
        given = {"engine_url": upstream.url, "engine_model": "sim", "engine_coalesce_ms": 1, "orders_file": file}
        async with open_house(Settings(data=data_folder, **{**given, **settings})) as house:
            tenant = await house.tenants.create("Shop", "shop")
            inbox = await house.inboxes.create(tenant.id, "web")
            name = owner.removeprefix("claimed:")
            contact = (
                await house.contacts.find_or_create(tenant.id, inbox.id, name, verified=name == owner)
                if owner
                else await house.contacts.create_visitor(inbox)
            )
            yield Shop(house, upstream, await house.conversations.start(contact))

    yield open_
    await upstream.close()


async def test_a_turn_uses_a_tool_and_the_journal_shows_it(opened: Opened) -> None:
    async with opened(tools="get_order,calculate") as shop:
        shop.upstream.faults.append('call:get_order:{"order_id": "MH-1"}')
        told = await shop.say("我的订单到哪了?")
        assert told.state == "answered"
        assert told.message is not None
        assert told.message.text == TEXT
        assert shop.results() == [{"id": "MH-1", "made_at": "2026-11-01", "state": "已发货"}]
        offered = [tool["function"]["name"] for tool in shop.upstream.bodies[0]["tools"]]
        assert offered == ["calculate", "get_order"]
        (used,) = [stage.facts for stage in await shop.stages(told.turn_id) if stage.name == "tool"]
        assert (used["tool"], used["outcome"]) == ("get_order", "done")


@pytest.mark.parametrize(
    ("owner", "words"), [("mei", "no such order"), ("", "Nobody is logged in"), ("claimed:bob", "Nobody is logged in")]
)
async def test_another_ones_order_is_refused_whatever_the_engine_asks_for(
    opened: Opened, owner: str, words: str
) -> None:
    async with opened(owner, tools="get_order") as shop:
        shop.upstream.faults.append('call:get_order:{"order_id": "MH-9"}')
        await shop.say("查一下 MH-9")
        (result,) = shop.results()
        assert result["error"]["code"] == "refused"
        assert words in result["error"]["message"]
        assert "已退款" not in json.dumps(shop.upstream.bodies[-1], ensure_ascii=False)


async def test_an_answer_that_may_have_used_tools_is_told_to_nobody_else(opened: Opened) -> None:
    async with opened(tools="get_order") as shop:
        for _ in range(2):
            await shop.say("怎么退货?")
        assert shop.upstream.requests == 2
    assert shop.upstream.requests == 2


async def test_asking_for_a_human_hands_the_conversation_over_in_the_engines_own_words(opened: Opened) -> None:
    async with opened(tools="request_human") as shop:
        shop.upstream.faults.append('call:request_human:{"reason": "sentiment"}')
        told = await shop.say("你们太过分了")
        assert (told.state, told.reason) == ("handed_off", "sentiment")
        assert told.message is not None
        assert told.message.text == TEXT


async def test_without_tools_a_provider_hears_of_none(opened: Opened) -> None:
    async with opened() as shop:
        told = await shop.say("怎么退货?")
        assert told.state == "answered"
        assert "tools" not in shop.upstream.bodies[0]
        assert "工具" not in shop.upstream.bodies[0]["messages"][0]["content"]
        assert not [stage for stage in await shop.stages(told.turn_id) if stage.name == "tool"]


async def test_the_house_without_a_provider_answers_as_ever(opened: Opened) -> None:
    async with opened(engine_url="", tools="calculate") as shop:
        told = await shop.say("怎么退货?")
        assert told.state == "answered"
        assert shop.upstream.requests == 0


async def test_a_tool_that_is_not_known_stops_the_start_with_a_sentence(opened: Opened) -> None:
    with pytest.raises(Invalid, match="fly"):
        async with opened(tools="fly"):
            pass


async def test_orders_are_no_tool_where_there_is_nowhere_to_ask(opened: Opened) -> None:
    with pytest.raises(Invalid, match="get_order"):
        async with opened(tools="get_order", orders_file=None):
            pass


async def test_where_no_route_with_tools_answers_one_without_them_does(opened: Opened, tmp_path: Path) -> None:
    spare = await Upstream(UpstreamOptions(chunks=4, gap_ms=1, first_ms=1, text="备用线路的回答。")).start()
    async with opened(tools="calculate", engine_url="", engines_file=_two(tmp_path, spare)) as shop:
        told = await shop.say("怎么退货?")
        assert told.message is not None
        assert told.message.text == "备用线路的回答。" * 1 + "备用线路的回答。"[:8]
        assert "tools" not in spare.bodies[0]
        assert "工具" not in spare.bodies[0]["messages"][0]["content"]
        asked = [stage.facts["route"] for stage in await shop.stages(told.turn_id) if stage.name == "ask"]
        assert asked[-1] == "spare"
        assert "extractive" not in asked
    await spare.close()


def _two(folder: Path, spare: Upstream) -> Path:
    """A route with tools that nobody answers at, and a sound one without."""
    file = folder / "engines.toml"
    file.write_text(
        '[[route]]\nname = "able"\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "m"\ncapabilities = ["tools"]\n'
        f'[[route]]\nname = "spare"\ntier = "fallback"\nbase_url = "{spare.url}"\nmodel = "m"\n'
    )
    return file


def test_tools_are_granted_from_the_terminal(migrated: Path, tmp_path: Path) -> None:
    records.copy_sqlite(migrated, tmp_path / "miaohui.db")

    def call(*words: str) -> Result:
        return CliRunner().invoke(main, [*words, "--data", str(tmp_path), "--json"])

    call("tenant", "create", "acme")
    granted = {
        one["tool"]: one["granted"] for one in json.loads(call("engines", "tools", "--grant", "calculate").stdout)
    }
    assert (granted["calculate"], granted["now"]) == ("yes", "no")
    assert call("engines", "tools", "--grant", "fly").exit_code == 1
    left = [one["granted"] for one in json.loads(call("engines", "tools", "--grant", "none").stdout)]
    assert set(left) == {"no"}

"""What needs a person's approval is not done by an engine; a person does it with the same tool."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from miaohui.conversations.types import Conversation
from miaohui.engines.types import CalledFunction, EngineRequest, ToolCall
from miaohui.testing.clock import FakeClock
from miaohui.tools.grants import Grants
from miaohui.tools.running import Breakers, Running, ToolOptions
from miaohui.tools.ticketing import LateDesk, build_ticket_tool
from miaohui.tools.toolbox import Tool, ToolBox
from miaohui.tools.types import Order

CONVERSATION = Conversation(id="conv", tenant_id="ten", inbox_id="inb", contact_id="cont")


class Till:
    """Pays money back."""

    def __init__(self) -> None:
        self.paid: list[Order] = []

    async def work(self, order: Order) -> object:
        await asyncio.sleep(0)
        self.paid.append(order)
        return {"paid": True}

    def tool(self) -> Tool:
        return Tool(name="refund", description="", parameters={}, risk="approval_required", work=self.work)


def running(tool: Tool) -> Running:
    request = EngineRequest(turn_id="turn", tenant_id="ten", conversation_id="conv", question="", messages=())
    return Running(ToolBox([tool]), Breakers(FakeClock()), ToolOptions(), request)


def call(name: str, arguments: str = "{}") -> ToolCall:
    return ToolCall(id="c", function=CalledFunction(name, arguments))


async def test_an_engine_gets_a_person_instead() -> None:
    till = Till()
    turn = running(till.tool())
    (result,) = await turn.run([call("refund")])
    (note,) = turn.take_notes()
    assert (till.paid, note.outcome, note.handoff) == ([], "approval", "policy_restriction")
    assert "approval_required" in result


async def test_a_person_does_it_for_the_conversation() -> None:
    till = Till()
    grants = Grants((), FakeClock(), None)  # type: ignore[arg-type]
    outcome, result = await grants.run_for(till.tool(), CONVERSATION, {})
    assert (outcome, result) == ("done", '{"paid":true}')
    assert [(one.tenant_id, one.conversation_id) for one in till.paid] == [("ten", "conv")]


class Desk:
    """Notes tickets."""

    def __init__(self) -> None:
        self.opened: list[tuple[Any, ...]] = []

    async def open_ticket(self, order: Order, subject: str, description: str, urgency: str) -> str:
        self.opened.append((order.conversation_id, subject, description, urgency))
        return "tick_1"


async def test_a_ticket_is_noted_for_the_conversation() -> None:
    late = LateDesk()
    turn = running(build_ticket_tool(late))
    asked = [call("create_ticket", '{"subject": "椅子扶手松了", "priority": "high"}')]
    (refused,) = await turn.run(asked)
    assert "no desk" in refused
    late.desk = desk = Desk()
    (told,) = await running(build_ticket_tool(late)).run(asked)
    assert "tick_1" in told
    assert desk.opened == [("conv", "椅子扶手松了", "", "high")]


@pytest.mark.parametrize("arguments", ["{}", '{"subject": "x"}', '{"subject": "ok?", "priority": "now"}'])
async def test_a_ticket_without_a_subject_is_not_noted(arguments: str) -> None:
    late = LateDesk()
    late.desk = desk = Desk()
    await running(build_ticket_tool(late)).run([call("create_ticket", arguments)])
    assert desk.opened == []

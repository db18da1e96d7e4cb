"""A page costs so many statements, however much is on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

import pytest
from tests.desk.test_rest import agent_of, queued
from tests.doors.building import Building

from miaohui.channels.rest.app_parts import build_api
from miaohui.kit.ids import new_id

pytestmark = pytest.mark.asyncio(loop_scope="session")

MOST = 8
PAGES = (
    "/v1/conversations?limit=100",
    "/v1/conversations?limit=100&status=open&label=a&assignee_id=none",
    "/v1/conversations/{conversation}/messages?limit=100",
    "/v1/conversations/{conversation}",
    "/v1/conversations/{conversation}/queue",
    "/v1/conversations/{conversation}/summary",
    "/v1/conversations?contact_id={contact}",
    "/v1/contacts?q=",
    "/v1/contacts/{contact}",
    "/v1/search/conversations?q=%E8%AE%A2%E5%8D%95",
    "/v1/labels",
    "/v1/desk/agents",
    "/v1/desk/teams",
    "/v1/desk/queue",
    "/v1/desk/replies",
    "/v1/tickets?limit=100",
    "/v1/tickets/{ticket}",
    "/v1/tickets.csv",
    "/v1/insight/now",
)


ASKING: ContextVar[bool] = ContextVar("ASKING", default=False)
"""Whether this is the request, or something that it started; what goes on beside it is not."""


class Counted:
    """A database that counts what a request asks of it."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.count = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def read(self, *args: Any) -> Any:
        self.count += ASKING.get()
        return await self._inner.read(*args)

    async def write(self, *args: Any, **kwargs: Any) -> Any:
        self.count += ASKING.get()
        return await self._inner.write(*args, **kwargs)


@contextmanager
def counting(building: Building) -> Iterator[Counted]:
    """Every room of the house asks through the counter meanwhile."""
    counted = Counted(building.house.database)
    held: list[tuple[Any, str]] = []
    seen: set[int] = set()

    def swap(thing: Any, depth: int) -> None:
        if id(thing) in seen or depth > 4:
            return
        seen.add(id(thing))
        for name, value in list(vars(thing).items()) if hasattr(thing, "__dict__") else ():
            if value is building.house.database:
                setattr(thing, name, counted)
                held.append((thing, name))
            elif type(value).__module__.startswith("miaohui."):
                swap(value, depth + 1)

    house = building.house
    around = (house.around.search, house.around.desk, house.around.tickets, house.around.insight)
    for room in (*around, house.conversations, house.contacts, house.inboxes, house.identity, house.tenants):
        swap(room, 0)
    assert len(held) > 10
    try:
        yield counted
    finally:
        for thing, name in held:
            setattr(thing, name, building.house.database)


async def test_pages_cost_the_same_number_of_statements_with_one_row_and_with_forty(building: Building) -> None:
    _, agent = await agent_of(building, "数")
    _, conversation = await queued(building)
    await building.house.conversations.mark(
        await building.house.conversations.access(
            await building.house.identity.verify(building.ours.key), conversation.id
        ),
        labels=["a"],
    )
    ticket = (await building.ask("POST", "/v1/tickets", token=agent, json={"subject": "x"})).json()["id"]
    names = {"conversation": conversation.id, "contact": conversation.contact_id, "ticket": ticket}

    async def costs() -> dict[str, int]:
        await building.house.around.desk.dispatch.settle()
        found = {}
        with counting(building) as counted:
            app = build_api(replace(building.services, database=building.house.database))
            there = replace(building, app=app)
            for page in PAGES:
                await cost(counted, there, page)
                found[page] = await cost(counted, there, page)
        return found

    async def cost(counted: Counted, there: Building, page: str) -> int:
        """The first time fills what is remembered, the second is counted."""
        counted.count = 0
        asking = ASKING.set(True)
        answer = await there.ask("GET", page.format(**names), token=building.ours.agent)
        ASKING.reset(asking)
        assert answer.status == 200, (page, answer.body)
        return counted.count

    few = await costs()
    for number in range(40):
        _, more = await queued(building, f"订单 {number}") if number % 10 == 0 else await building.visitor()
        await building.ask(
            "POST", "/v1/tickets", token=agent, json={"subject": f"{number}", "conversation_id": more.id}
        )
        await building.ask("POST", "/v1/desk/teams", token=building.ours.agent, json={"name": new_id("t")})
        reply = {"short_code": new_id("r"), "text": "x"}
        await building.ask("POST", "/v1/desk/replies", token=agent, json=reply)
        await building.ask("POST", f"/v1/tickets/{ticket}/comments", token=agent, json={"text": "x"})
    many = await costs()
    assert {page: count for page, count in many.items() if count > few[page]} == {}
    assert {page: count for page, count in many.items() if count > MOST} == {}
    assert all(count >= 1 for page, count in few.items() if "insight" not in page), few

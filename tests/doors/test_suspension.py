"""A company that is suspended is shown out of every door and let in again by all of them afterwards (G11)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.doors.building import PASSWORD, Answer, Building, Company, open_company
from tests.doors.test_routes import check_problem
from tests.media.samples import PDF

from miaohui.kit.errors import Unauthenticated
from miaohui.kit.ids import new_id
from miaohui.tenants.errors import TenantSuspended
from miaohui.wiring.erasing import build_erasing

pytestmark = pytest.mark.asyncio(loop_scope="session")


@asynccontextmanager
async def suspended(building: Building, company: Company) -> AsyncIterator[None]:
    """For a block."""
    await building.house.tenants.standings.change(company.tenant.id, "suspended")
    try:
        yield
    finally:
        await building.house.tenants.standings.change(company.tenant.id, "active")


async def newcomer(building: Building) -> Company:
    """A company of the test's own."""
    return await open_company(building.house, new_id("pausing").lower().replace("_", "-"))


def check_refused(answer: Answer) -> None:
    """The one error of all doors."""
    check_problem(answer, 403)
    assert answer.json()["code"] == "tenant_suspended"


async def test_live_sockets_of_every_kind_are_closed_at_once_and_a_neighbours_are_not(building: Building) -> None:
    company = await newcomer(building)
    path = f"/v1/conversations/{company.conversation.id}/stream"
    async with (
        building.socket() as agent,
        building.socket() as key,
        building.socket() as visitor,
        building.socket() as neighbour,
        building.stream("GET", path, token=company.visitor) as stream,
    ):
        for socket, token in ((agent, company.agent), (key, company.key), (visitor, company.visitor)):
            await socket.greet(token)
        await neighbour.greet(building.ours.agent)
        await stream.until(lambda: '"resumed"' in stream.text)
        async with asyncio.timeout(5), suspended(building, company):
            assert [await one.closed() for one in (agent, key, visitor)] == [4507, 4507, 4507]
            assert (await visitor.next("error"))["code"] == "tenant_suspended"
            await stream.until(lambda: '"goaway"' in stream.text)
        assert neighbour.code is None


async def test_a_socket_that_nobody_told_is_shown_out_by_the_next_sweep(building: Building) -> None:
    company = await newcomer(building)
    async with building.socket() as agent, building.socket() as neighbour:
        await agent.greet(company.agent)
        await neighbour.greet(building.ours.agent)
        standings = building.house.tenants.standings
        listeners, standings._listeners = standings._listeners, []
        try:
            async with suspended(building, company):
                building.app.state.sockets.sweep()
                assert await agent.closed() == 4507
        finally:
            standings._listeners = listeners
        assert neighbour.code is None


async def test_who_greets_while_suspended_is_told_why_and_not_to_come_back(building: Building) -> None:
    company = await newcomer(building)
    async with suspended(building, company):
        for token in company.credentials.values():
            async with building.socket() as socket:
                socket.say(t="hello", v=1, token=token)
                assert (await socket.next("error"))["code"] == "tenant_suspended"
                assert await socket.closed() == 4507
    for token in company.credentials.values():
        async with building.socket() as socket:
            assert (await socket.greet(token))["t"] == "welcome"


@pytest.mark.parametrize(
    ("method", "path", "form", "who"),
    [
        ("GET", "/v1/me", None, "agent"),
        ("GET", "/v1/conversations", None, "agent"),
        ("GET", "/v1/conversations", None, "key"),
        ("GET", "/v1/conversations", None, "visitor"),
        ("POST", "/v1/chat", {"visitor_id": "1", "question": "在吗"}, "key"),
        ("POST", "/v1/chat", {"visitor_id": "1", "question": "在吗"}, "visitor"),
        ("GET", "/v1/keys", None, "key"),
    ],
)
async def test_every_credential_is_refused_with_one_code_and_holds_again_afterwards(
    building: Building, method: str, path: str, form: object, who: str
) -> None:
    company = await newcomer(building)
    token = company.credentials[who]
    before = await building.ask(method, path, token=token, json=form)
    assert before.status == 200
    async with suspended(building, company):
        refused = await building.ask(method, path, token=token, json=form)
        check_refused(refused)
        neighbour = await building.ask(method, path, token=building.ours.credentials[who], json=form)
        assert neighbour.status == 200
    assert (await building.ask(method, path, token=token, json=form)).status == 200


async def test_a_program_that_speaks_openais_protocol_is_refused_in_its_words(building: Building) -> None:
    company = await newcomer(building)
    _, key = await building.house.identity.create_key(company.tenant.id, "till", ["completions"])
    form = {"model": "miaohui", "messages": [{"role": "user", "content": "在吗"}]}
    async with suspended(building, company):
        answer = await building.ask("POST", "/v1/chat/completions", token=key, json=form)
    assert (answer.status, answer.json()["error"]["code"]) == (403, "tenant_suspended")


async def test_the_widget_the_link_and_a_file_are_shut_too(building: Building) -> None:
    company = await newcomer(building)
    form = {"site_key": company.inbox.site_key}
    page = f"/c/{company.inbox.site_key}"
    file = await building.ask(
        "POST",
        "/v1/files?name=a.pdf",
        token=company.agent,
        body=PDF,
        headers={"content-type": "application/octet-stream"},
    )
    url = file.json()["url"]
    assert (await building.ask("GET", url)).status == 200
    assert (await building.ask("POST", "/v1/widget/session", json=form)).status == 200
    assert "widget.js" in (await building.ask("GET", page)).body.decode()
    async with suspended(building, company):
        check_refused(await building.ask("POST", "/v1/widget/session", json=form))
        check_refused(await building.ask("GET", url))
        closed = await building.ask("GET", page)
        assert closed.status == 403
        assert "本服务已暂停" in closed.body.decode()
        assert "widget.js" not in closed.body.decode()
    assert (await building.ask("POST", "/v1/widget/session", json=form)).status == 200
    assert (await building.ask("GET", url)).body == PDF


async def test_nobody_logs_in_and_a_login_from_before_is_not_used_up(building: Building) -> None:
    company, identity = await newcomer(building), building.house.identity
    email = company.person.email
    tokens = await identity.login(email, PASSWORD, "127.0.0.9")
    async with suspended(building, company):
        with pytest.raises(TenantSuspended):
            await identity.login(email, PASSWORD, "127.0.0.9")
        with pytest.raises(Unauthenticated):
            await identity.login(email, "not the password", "127.0.0.9")
        for _ in range(2):
            with pytest.raises(TenantSuspended):
                await identity.refresh(tokens.refresh)
    renewed = await identity.refresh(tokens.refresh)
    assert (await identity.verify(renewed.access)).id == company.person.id


async def test_what_is_gone_stays_shut_for_whoever_still_holds_a_token(building: Building) -> None:
    company = await newcomer(building)
    async with building.socket() as visitor:
        await visitor.greet(company.visitor)
        await build_erasing(building.house).erase(company.tenant.id)
        assert await visitor.closed() == 4507
    for token in company.credentials.values():
        assert (await building.ask("GET", "/v1/conversations", token=token)).status in {401, 403}
    assert (await building.ask("GET", "/v1/conversations", token=building.ours.key)).status == 200

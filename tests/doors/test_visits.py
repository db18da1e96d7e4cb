"""A visitor's page is told by their own token alone, where the inbox wants to know; agents of the company see it."""

from __future__ import annotations

import pytest
from tests.doors.building import Building

pytestmark = pytest.mark.asyncio(loop_scope="session")

PATH = "/v1/widget/page"
PAGE = {
    "url": "https://shop.example.com/p/42?size=L&token=x#y",
    "title": "鞋 <b>",
    "referrer": "https://search.example/",
}
AGENT = {"user-agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/130.0.0.0 Safari/537.36", "accept-language": "zh-CN,zh"}


async def test_a_page_is_seen_by_agents_of_the_company_given_out_and_erased(building: Building) -> None:
    token, conversation = await building.visitor()
    path = f"/v1/contacts/{conversation.contact_id}/visit"
    assert (await building.ask("GET", path, token=building.ours.agent)).json()["url"] == ""
    told = await building.ask("POST", PATH, token=token, json=PAGE, headers=AGENT)
    assert told.status == 204, told.body
    seen = (await building.ask("GET", path, token=building.ours.agent)).json()
    assert {name: seen[name] for name in ("url", "title", "referrer", "browser", "language")} == {
        "url": "https://shop.example.com/p/42?size=L",
        "title": "鞋 <b>",
        "referrer": "https://search.example/",
        "browser": "Chrome 130 · Windows",
        "language": "zh-CN",
    }
    assert (await building.ask("GET", path, token=building.theirs.agent)).status == 404
    assert (await building.ask("GET", path, token=token)).status == 403
    contact = f"/v1/contacts/{conversation.contact_id}"
    given = (await building.ask("GET", f"{contact}/export", token=building.ours.agent)).json()
    assert [one["url"] for one in given["visits"]] == ["https://shop.example.com/p/42?size=L"]
    await building.ask("POST", f"{contact}/erase", token=building.ours.agent, json={})
    assert (await building.ask("GET", path, token=building.ours.agent)).json()["url"] == ""


async def test_an_inbox_that_does_not_want_to_know_is_told_nothing(building: Building) -> None:
    token, _ = await building.visitor()
    path = f"/v1/inboxes/{building.ours.inbox.id}"
    try:
        off = await building.ask("PATCH", path, token=building.ours.agent, json={"pages": False})
        assert off.json()["pages"] is False
        told = await building.ask("POST", PATH, token=token, json=PAGE)
        assert (told.status, told.json()["code"]) == (403, "pages_off")
        body = {"site_key": building.ours.inbox.site_key}
        session = await building.ask("POST", "/v1/widget/session", json=body)
        assert session.json()["inbox"]["pages"] is False
    finally:
        await building.ask("PATCH", path, token=building.ours.agent, json={"pages": True})


async def test_who_is_no_visitor_is_on_no_page(building: Building) -> None:
    told = await building.ask("POST", PATH, token=building.ours.agent, json=PAGE)
    assert (told.status, told.json()["code"]) == (403, "visitors_only")
    assert (await building.ask("POST", PATH, json=PAGE)).status == 401


async def test_a_page_that_moves_without_end_is_asked_to_wait(building: Building) -> None:
    token, _ = await building.visitor()
    statuses = [(await building.ask("POST", PATH, token=token, json=PAGE)).status for _ in range(11)]
    assert (statuses[:10], statuses[10]) == ([204] * 10, 429)


@pytest.mark.parametrize("body", [{}, {"url": "x" * 4_001}, {"url": 1}, {"url": "https://a.example/", "more": 1}])
async def test_a_page_in_no_form_is_refused(building: Building, body: dict[str, object]) -> None:
    token, _ = await building.visitor()
    assert (await building.ask("POST", PATH, token=token, json=body)).status == 422

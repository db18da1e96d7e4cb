"""Who is served sooner is marked and found in the list of conversations."""

from __future__ import annotations

import pytest
from tests.doors.building import Building

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_agents_find_them_over_rest_and_visitors_do_not(building: Building) -> None:
    token, conversation = await building.visitor()
    agent, contact = building.ours.agent, f"/v1/contacts/{conversation.contact_id}"
    await building.ask("PATCH", contact, token=agent, json={"attributes": {"vip": "gold"}})
    assert conversation.contact_id in (await building.ask("GET", "/v1/desk/vips", token=agent)).json()["ids"]
    assert (await building.ask("GET", "/v1/desk/vips", token=building.theirs.agent)).json() == {"ids": []}
    assert (await building.ask("GET", "/v1/desk/vips", token=token)).status == 403
    listed = (await building.ask("GET", "/v1/conversations?vip=true", token=agent)).json()["data"]
    assert [one["id"] for one in listed] == [conversation.id]
    await building.ask("PATCH", contact, token=agent, json={"attributes": {"vip": ""}})
    assert (await building.ask("GET", "/v1/conversations?vip=true", token=agent)).json()["data"] == []
    view = {"name": "贵宾", "status": "open", "vip": True}
    kept = await building.ask("PATCH", "/v1/me/preferences", token=agent, json={"views": [view]})
    assert kept.json()["views"][0]["vip"] is True
    await building.ask("PATCH", "/v1/me/preferences", token=agent, json={"views": []})

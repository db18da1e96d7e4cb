"""What a contact may ask a company for: everything that is kept of them, and that it be gone."""

from __future__ import annotations

from typing import Any

import pytest
from tests.doors.building import Building

from miaohui.channels.media.kinds import KINDS
from miaohui.channels.media.types import Sender
from miaohui.identity.types import Principal

session_loop = pytest.mark.asyncio(loop_scope="session")


async def somebody(building: Building, name: str, number: str) -> tuple[str, str, str]:
    """A contact with a name, words of theirs, and a ticket: ids of contact, conversation and ticket."""
    house, ours = building.house, building.ours
    contact = await house.contacts.create_visitor(ours.inbox)
    await house.contacts.update_attributes(ours.tenant.id, contact.id, {"city": number}, name=name)
    conversation = await house.conversations.start(await house.contacts.access(ours.tenant.id, contact.id))
    agent = Principal(tenant_id=ours.tenant.id, kind="agent", id=ours.person.id, name="a", role="owner")
    taken = await house.conversations.take_over(conversation, agent)
    await house.conversations.say(taken, agent, f"{name}您好, 您的手机号是 {number} 吗", "cmid-privacy")
    ticket: dict[str, Any] = {"subject": f"{name}退款", "conversation_id": conversation.id, "description": number}
    opened = await building.ask("POST", "/v1/tickets", token=ours.agent, json=ticket)
    return contact.id, conversation.id, opened.json()["id"]


@session_loop
async def test_everything_of_a_contact_is_given_out(building: Building) -> None:
    contact_id, conversation_id, ticket_id = await somebody(building, "李女士", "13800000000")
    path = f"/v1/contacts/{contact_id}/export"
    answer = await building.ask("GET", path, token=building.ours.agent)
    assert answer.status == 200, answer.body
    assert "attachment" in answer.headers["content-disposition"]
    told = answer.json()
    assert (told["contact"]["name"], told["contact"]["attributes"], told["complete"]) == (
        "李女士",
        {"city": "13800000000"},
        True,
    )
    assert [one["conversation"]["id"] for one in told["conversations"]] == [conversation_id]
    assert any("13800000000" in one["text"] for one in told["conversations"][0]["messages"])
    assert [one["id"] for one in told["tickets"]] == [ticket_id]


@session_loop
async def test_nothing_that_was_erased_is_found_anywhere(building: Building) -> None:
    contact_id, conversation_id, ticket_id = await somebody(building, "孙女士", "13900000000")
    token = building.ours.agent
    erased = await building.ask("POST", f"/v1/contacts/{contact_id}/erase", token=token, json={})
    assert erased.status == 200, erased.body
    assert (erased.json()["contacts"], erased.json()["conversations"], erased.json()["tickets"]) == (1, 1, 1)
    assert erased.json()["messages"] >= 1
    for path in (
        f"/v1/contacts/{contact_id}/export",
        f"/v1/conversations/{conversation_id}",
        f"/v1/conversations/{conversation_id}/messages",
        f"/v1/tickets/{ticket_id}",
        "/v1/search/conversations?q=13900000000",
        "/v1/contacts?q=13900000000",
    ):
        told = await building.ask("GET", path, token=token)
        assert told.status == 200, path
        for word in ("孙女士", "13900000000"):
            assert word.encode() not in told.body, (path, word)


@session_loop
async def test_another_contacts_words_stay_when_one_is_erased(building: Building) -> None:
    first, _, _ = await somebody(building, "周女士", "13700000000")
    other, _, _ = await somebody(building, "吴女士", "13600000000")
    await building.ask("POST", f"/v1/contacts/{first}/erase", token=building.ours.agent, json={})
    told = (await building.ask("GET", f"/v1/contacts/{other}/export", token=building.ours.agent)).json()
    assert told["contact"]["name"] == "吴女士"


@session_loop
async def test_contacts_of_another_company_are_neither_given_out_nor_erased(building: Building) -> None:
    path = f"/v1/contacts/{building.theirs.contact.id}"
    assert (await building.ask("GET", f"{path}/export", token=building.ours.agent)).status == 404
    assert (await building.ask("POST", f"{path}/erase", token=building.ours.agent, json={})).status == 404


@session_loop
async def test_pictures_in_the_words_of_who_is_erased_are_gone_and_no_others(building: Building) -> None:
    house, store = building.house, building.services.media.store  # type: ignore[union-attr]
    png = b"\x89PNG\r\n\x1a\n" + bytes(32)
    ours, theirs = building.ours.tenant.id, building.theirs.tenant.id
    sent, others, foreign = [
        (await store.put(Sender(tenant_id=one), KINDS["png"], png)).id for one in (ours, ours, theirs)
    ]
    token, conversation = await building.visitor()
    for media_id in (sent, foreign):
        body = {"text": f"看这里\n![图](/v1/media/{media_id})"}
        path = f"/v1/conversations/{conversation.id}/messages"
        assert (await building.ask("POST", path, token=token, json=body)).status == 201
    assert (await building.ask("GET", f"/v1/media/{sent}")).status == 200
    contact = (await house.conversations.find(ours, conversation.id)).contact_id  # type: ignore[union-attr]
    erased = await building.ask("POST", f"/v1/contacts/{contact}/erase", token=building.ours.agent, json={})
    assert erased.status == 200, erased.body
    assert (await building.ask("GET", f"/v1/media/{sent}")).status == 404
    for media_id in (others, foreign):
        assert (await building.ask("GET", f"/v1/media/{media_id}")).status == 200

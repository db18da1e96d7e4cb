"""Prices, connectors, tools for agents, and answers put right, over REST."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from tests.doors.building import Building

session_loop = pytest.mark.asyncio(loop_scope="session")

PRICES = msgspec.json.decode((Path(__file__).parents[2] / "demo" / "prices.json").read_bytes())
CRM = {
    "url": "https://crm.example.com/api",
    "secret": "s3cret-of-ours",
    "auth": {"kind": "bearer"},
    "operations": [{"name": "get_profile", "path": "/customers/{owner}", "owner_field": "id"}],
}


@session_loop
async def test_prices_are_put_asked_and_shown(building: Building) -> None:
    token = building.ours.agent
    put = await building.ask("PUT", "/v1/prices", token=token, json=PRICES)
    assert put.status == 200, put.body
    asked = await building.ask("POST", "/v1/prices/ask", token=token, json={"question": "双11买650元实付多少？"})
    assert asked.json()["text"].startswith("实付 570 元")
    shown = await building.ask("GET", "/v1/prices", token=token)
    assert len(shown.json()["products"]) == len(PRICES["products"])
    twice = {**PRICES, "products": [PRICES["products"][0]] * 2}
    assert (await building.ask("PUT", "/v1/prices", token=token, json=twice)).status == 422
    assert (await building.ask("GET", "/v1/prices", token=building.theirs.agent)).json()["products"] == []


@session_loop
async def test_a_connector_is_put_listed_without_its_secret_and_removed(building: Building) -> None:
    token = building.ours.agent
    put = await building.ask("PUT", "/v1/admin/connectors/crm", token=token, json=CRM)
    assert put.status == 200, put.body
    listed = await building.ask("GET", "/v1/admin/connectors", token=token)
    assert [one["name"] for one in listed.json()["data"]] == ["crm"]
    assert b"s3cret" not in put.body + listed.body
    tools = (await building.ask("GET", "/v1/admin/tools", token=token)).json()["data"]
    assert {one["name"]: one["granted"] for one in tools}["get_profile"]
    theirs = (await building.ask("GET", "/v1/admin/tools", token=building.theirs.agent)).json()["data"]
    assert "get_profile" not in {one["name"] for one in theirs}
    loose = {**CRM, "operations": [{"name": "get_profile", "path": "/customers/{owner}"}]}
    refused = await building.ask("PUT", "/v1/admin/connectors/crm", token=token, json=loose)
    assert (refused.status, refused.json()["errors"][0]["field"]) == (422, "$.operations[0].owner_field")
    inside = {**CRM, "url": "http://127.0.0.1/x"}
    assert (await building.ask("PUT", "/v1/admin/connectors/crm", token=token, json=inside)).status == 422
    assert (await building.ask("DELETE", "/v1/admin/connectors/crm", token=token)).status == 204
    assert (await building.ask("DELETE", "/v1/admin/connectors/crm", token=token)).status == 404


@session_loop
async def test_an_agent_uses_the_assistants_tools(building: Building) -> None:
    token, conversation = building.ours.agent, building.ours.conversation.id
    path = f"/v1/conversations/{conversation}/tools"
    done = await building.ask("POST", f"{path}/calculate", token=token, json={"arguments": {"expression": "0.1 + 0.2"}})
    assert done.json() == {"outcome": "done", "result": '{"result":"0.3"}'}
    wrong = await building.ask("POST", f"{path}/calculate", token=token, json={"arguments": {"sum": 1}})
    assert wrong.json()["outcome"] == "invalid"
    assert (await building.ask("POST", f"{path}/request_human", token=token, json={})).status == 404
    listed = (await building.ask("GET", path, token=token)).json()["data"]
    risks = [one["risk"] for one in listed]
    assert "calculate" in [one["name"] for one in listed]
    assert "request_human" not in [one["name"] for one in listed]
    assert risks == sorted(risks, key=lambda risk: risk != "read")
    assert (await building.ask("GET", path, token=building.ours.visitor)).status == 403
    assert (await building.ask("GET", path, token=building.theirs.agent)).status == 404
    elsewhere = await building.ask("POST", f"{path}/calculate", token=building.theirs.agent, json={"arguments": {}})
    assert elsewhere.status == 404


@session_loop
async def test_the_picture_of_certainty_falls_as_the_threshold_rises(building: Building) -> None:
    shown = await building.ask("GET", "/v1/knowledge/certainty", token=building.ours.agent)
    assert shown.status == 200
    points = shown.json()["data"]
    assert [one["answered"] for one in points] == sorted((one["answered"] for one in points), reverse=True)


@session_loop
async def test_what_is_no_answer_cannot_be_put_right(building: Building) -> None:
    path = "/v1/messages/msg_00000000000000000000000000/correction"
    assert (await building.ask("POST", path, token=building.ours.agent, json={"text": "三年。"})).status == 404

"""Routes, what they cost, and tools, over REST: write-only keys, nobody else's routes, no restart."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.doors.building import Answer, Building
from tests.doors.test_routes import check_problem

session_loop = pytest.mark.asyncio(loop_scope="session")
ROUTES = "/v1/admin/engines/routes"
SECRET = "sk-tenant-very-secret-7777"
MINE: dict[str, Any] = {
    "base_url": "https://own.example.com/v1",
    "model": "example-large",
    "enabled": False,
    "price_in": 150_000,
    "keys": [{"id": "a", "secret": SECRET, "account": "main"}],
}


async def ask(building: Building, method: str, path: str, body: Any = None) -> Answer:
    return await building.ask(method, path, token=building.ours.agent, json=body)


async def routes_of(building: Building, token: str) -> dict[str, Any]:
    answer = await building.ask("GET", ROUTES, token=token)
    return {one["name"]: one for one in answer.json()["data"]}


@session_loop
async def test_a_route_is_put_listed_and_removed_and_its_key_is_never_told(building: Building) -> None:
    answer = await ask(building, "PUT", f"{ROUTES}/mine", MINE)
    assert answer.status == 200, answer.body
    told = answer.json()
    assert told["keys"] == [{"id": "a", "account": "main", "state": "active", "hint": "7777"}]
    assert (told["origin"], told["enabled"], told["key_version"]) == ("own", False, 1)
    rotated = {**MINE, "keys": [{"id": "a", "state": "draining"}, {"id": "b", "secret": "short"}]}
    told = (await ask(building, "PUT", f"{ROUTES}/mine", rotated)).json()
    assert [(key["id"], key["state"], key["hint"]) for key in told["keys"]] == [
        ("a", "draining", "7777"),
        ("b", "active", ""),
    ]
    assert told["key_version"] == 2
    assert "mine" in await routes_of(building, building.ours.agent)
    assert "mine" not in await routes_of(building, building.theirs.agent)
    seen = [await ask(building, "GET", path) for path in (ROUTES, "/v1/admin/engines/board", "/v1/audit")]
    assert all(SECRET not in answer.body.decode() for answer in seen)
    assert "engine_route.put" in seen[-1].body.decode()
    assert (await ask(building, "DELETE", f"{ROUTES}/mine")).status == 204
    check_problem(await ask(building, "DELETE", f"{ROUTES}/mine"), 404)
    assert "mine" not in await routes_of(building, building.ours.agent)


@session_loop
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"base_url": "http://10.0.0.1/v1"}, "url"),
        ({"provider": "nobody"}, "provider"),
        ({"base_url": ""}, ""),
        ({"weight": "heavy"}, "weight"),
        ({"colour": "red"}, "colour"),
        ({"keys": [{"id": "a", "secret_file": "/etc/passwd"}]}, "secret_file"),
        ({"keys": [{"id": "a", "secret": "not printable \u0000"}]}, "secret"),
    ],
)
async def test_what_cannot_be_used_is_refused_with_the_field(building: Building, change: Any, field: str) -> None:
    answer = await ask(building, "PUT", f"{ROUTES}/wrong", {**MINE, **change})
    check_problem(answer, 422)
    assert field in json.dumps(answer.json()["errors"])
    assert SECRET not in answer.body.decode()
    assert "wrong" not in await routes_of(building, building.ours.agent)


@session_loop
async def test_the_board_and_the_days_are_there_when_nothing_happened_yet(building: Building) -> None:
    assert (await ask(building, "GET", "/v1/admin/engines/board")).json() == {"data": []}
    assert (await ask(building, "GET", "/v1/admin/engines/days?days=7")).json() == {"data": []}
    check_problem(await ask(building, "GET", "/v1/admin/engines/days?days=0"), 422)


@session_loop
async def test_tools_are_granted_and_taken_away(building: Building) -> None:
    told = (await ask(building, "PUT", "/v1/admin/tools", {"tools": ["calculate", "request_human"]})).json()
    granted = {one["name"]: one["granted"] for one in told["data"]}
    assert {name for name, may in granted.items() if may} == {"calculate", "request_human"}
    assert {"search_knowledge", "now"} < granted.keys()
    theirs = (await building.ask("GET", "/v1/admin/tools", token=building.theirs.agent)).json()
    assert not any(one["granted"] for one in theirs["data"])
    check_problem(await ask(building, "PUT", "/v1/admin/tools", {"tools": ["fly"]}), 422)
    assert (await ask(building, "GET", "/v1/admin/tools")).json() == told
    assert not any(
        one["granted"] for one in (await ask(building, "PUT", "/v1/admin/tools", {"tools": []})).json()["data"]
    )


@session_loop
async def test_one_name_in_two_companies_is_two_routes(building: Building) -> None:
    await ask(building, "PUT", f"{ROUTES}/same", MINE)
    check_problem(await building.ask("DELETE", f"{ROUTES}/same", token=building.theirs.agent), 404)
    other = {**MINE, "model": "other", "keys": [{"id": "a"}]}
    told = (await building.ask("PUT", f"{ROUTES}/same", token=building.theirs.agent, json=other)).json()
    assert (told["model"], told["keys"][0]["hint"]) == ("other", "")
    assert (await building.ask("DELETE", f"{ROUTES}/same", token=building.theirs.agent)).status == 204
    assert (await routes_of(building, building.ours.agent))["same"]["keys"][0]["hint"] == "7777"
    await ask(building, "DELETE", f"{ROUTES}/same")


@session_loop
async def test_only_an_admin_of_the_company_may(building: Building) -> None:
    _, reader = await building.house.identity.create_key(building.ours.tenant.id, "r", ["conversations:read"])
    for token in (reader, building.ours.visitor):
        check_problem(await building.ask("GET", ROUTES, token=token), 403)
        check_problem(await building.ask("PUT", f"{ROUTES}/x", token=token, json=MINE), 403)
        check_problem(await building.ask("PUT", "/v1/admin/tools", token=token, json={"tools": []}), 403)

"""What agents keep of their own: how they like their desk, and their password."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.desk.test_rest import agent_of
from tests.doors.building import Building
from tests.doors.test_routes import check_problem

from miaohui.kit.ids import new_id

pytestmark = pytest.mark.asyncio(loop_scope="session")

PATH = "/v1/me/preferences"
USUAL = {
    "translate_incoming": False,
    "sounds": ["queue", "given", "reply", "mention"],
    "notices": ["queue", "given", "reply", "mention"],
    "sound_when_looking": True,
    "away_after_minutes": 0,
    "views": [],
}
VIEW = {"name": "急的", "status": "waiting", "priority": "urgent", "vip": False}


async def test_what_one_prefers_stays_beside_what_is_not_named(building: Building) -> None:
    _, token = await agent_of(building, "小周")
    assert (await building.ask("GET", PATH, token=token)).json() == USUAL
    first = await building.ask("PATCH", PATH, token=token, json={"translate_incoming": True})
    assert first.json() == USUAL | {"translate_incoming": True}
    await building.ask("PATCH", PATH, token=token, json={"views": [VIEW], "sounds": ["reply", "reply"]})
    told = (await building.ask("GET", PATH, token=token)).json()
    assert (told["translate_incoming"], told["sounds"]) == (True, ["reply"])
    assert told["views"] == [{"assignee_id": "", "inbox_id": "", "team_id": "", "label": ""} | VIEW]
    gone = await building.ask("PATCH", PATH, token=token, json={"views": [], "sounds": []})
    assert (gone.json()["views"], gone.json()["sounds"]) == ([], [])


async def test_the_preferences_of_one_agent_are_not_those_of_another(building: Building) -> None:
    (_, mine), (_, other) = await agent_of(building, "小吴"), await agent_of(building, "小郑")
    await building.ask("PATCH", PATH, token=mine, json={"away_after_minutes": 10})
    assert (await building.ask("GET", PATH, token=other)).json() == USUAL
    check_problem(await building.ask("GET", PATH, token=building.ours.visitor), 403)


async def test_two_windows_that_choose_at_once_both_keep_their_choice(building: Building) -> None:
    _, token = await agent_of(building, "小冯")
    chosen: list[dict[str, Any]] = [{"translate_incoming": True}, {"away_after_minutes": 5}, {"sounds": []}]
    answers = await asyncio.gather(*(building.ask("PATCH", PATH, token=token, json=one) for one in chosen))
    assert [one.status for one in answers] == [200, 200, 200]
    told = (await building.ask("GET", PATH, token=token)).json()
    assert told == USUAL | {"translate_incoming": True, "away_after_minutes": 5, "sounds": []}


@pytest.mark.parametrize(
    "wrong",
    [
        {"away_after_minutes": 241},
        {"sounds": ["thunder"]},
        {"views": [VIEW] * 21},
        {"views": [{"name": " ", "status": "mine"}]},
        {"views": [{"name": "x", "status": "lost"}]},
        {"theme": "dark"},
    ],
)
async def test_a_preference_that_does_not_exist_is_refused(building: Building, wrong: dict[str, Any]) -> None:
    check_problem(await building.ask("PATCH", PATH, token=building.ours.agent, json=wrong), 422)


async def test_an_agent_changes_their_own_password_and_only_by_the_one_they_have(building: Building) -> None:
    email, old, new = f"{new_id('a').lower()}@example.com", "correct horse battery", "another horse battery"
    identity = building.house.identity
    person = await identity.create_person(email, "小陈", old, building.ours.tenant.id, "agent")
    token = (await identity.login(email, old, "127.0.0.1")).access
    guess = await building.ask("POST", "/v1/me/password", token=token, json={"password": new, "current": "a guess"})
    check_problem(guess, 409)
    assert guess.json()["code"] == "wrong_password"
    done = await building.ask("POST", "/v1/me/password", token=token, json={"password": new, "current": old})
    assert done.status == 204, done.body
    assert (await identity.login(email, new, "127.0.0.1")).person.id == person.id
    assert (await building.ask("GET", "/v1/me", token=token)).status == 401

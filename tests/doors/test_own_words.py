"""A company names itself and lists words of its own over REST; a visitor meets them with the next message."""

from __future__ import annotations

import pytest
from tests.doors.building import Building

pytestmark = pytest.mark.asyncio(loop_scope="session")

PATH = "/v1/admin/guard/words"


async def test_words_are_listed_tried_and_taken_back(building: Building) -> None:
    token = building.ours.agent
    before = (await building.ask("GET", PATH, token=token)).json()
    words = {"blocked": ["竞品甲"], "replaced": [{"word": "亲", "by": "您"}], "version": before["version"]}
    told = await building.ask("PUT", PATH, token=token, json=words)
    assert told.status == 200, told.body
    assert told.json() == {**words, "version": before["version"] + 1}
    tried = await building.ask("POST", "/v1/admin/guard/try", token=token, json={"text": "亲, 竞品甲便宜吗"})
    assert {name: tried.json()[name] for name in ("allowed", "category", "said")} == {
        "allowed": False, "category": "company", "said": "您, ＊＊便宜吗",
    }  # fmt: skip
    theirs = await building.ask(
        "POST", "/v1/admin/guard/try", token=building.theirs.agent, json={"text": "亲, 竞品甲便宜吗"}
    )
    assert (theirs.json()["allowed"], theirs.json()["said"]) == (True, "亲, 竞品甲便宜吗")
    late = await building.ask("PUT", PATH, token=token, json=words)
    assert (late.status, late.json()["code"]) == (409, "words_changed")
    none = {"blocked": [], "replaced": [], "version": before["version"] + 1}
    assert (await building.ask("PUT", PATH, token=token, json=none)).status == 200
    again = await building.ask("POST", "/v1/admin/guard/try", token=token, json={"text": "亲, 竞品甲便宜吗"})
    assert again.json()["allowed"]


@pytest.mark.parametrize(
    "body",
    [
        {"blocked": ["竞品甲"]},
        {"blocked": ["甲"], "version": 0},
        {"blocked": ["--"], "version": 0},
        {"blocked": [" "], "version": 0},
        {"replaced": [{"word": "亲", "by": "a\nb"}], "version": 0},
        {"replaced": ["亲"], "version": 0},
        {"blocked": ["x" * 65], "version": 0},
    ],
)
async def test_words_in_no_form_are_refused(building: Building, body: dict[str, object]) -> None:
    assert (await building.ask("PUT", PATH, token=building.ours.agent, json=body)).status == 422


async def test_a_company_is_renamed_and_keeps_its_short_name(building: Building) -> None:
    token, before = building.ours.agent, (await building.ask("GET", "/v1/company", token=building.ours.agent)).json()
    told = (await building.ask("PATCH", "/v1/company", token=token, json={"name": " 云杉家居 "})).json()
    assert told == {**before, "name": "云杉家居"}
    assert await building.house.tenants.name_of(building.ours.tenant.id) == "云杉家居"
    assert (await building.ask("PATCH", "/v1/company", token=token, json={"name": " "})).status == 422
    back = await building.ask("PATCH", "/v1/company", token=token, json={"name": before["name"]})
    assert back.json() == before


async def test_an_assistants_pace_reaches_the_widget(building: Building) -> None:
    path, token = f"/v1/inboxes/{building.ours.inbox.id}", building.ours.agent
    before = (await building.ask("GET", path, token=token)).json()["assistant"]
    told = await building.ask("PATCH", path, token=token, json={"assistant": {**before, "pace": "calm"}})
    assert told.json()["assistant"]["pace"] == "calm"
    session = await building.ask("POST", "/v1/widget/session", json={"site_key": building.ours.inbox.site_key})
    assert session.json()["inbox"]["assistant"]["pace"] == "calm"
    hasty = {"assistant": {**before, "pace": "hasty"}}
    assert (await building.ask("PATCH", path, token=token, json=hasty)).status == 422
    await building.ask("PATCH", path, token=token, json={"assistant": before})

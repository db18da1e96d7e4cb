"""A company narrows its limits over REST; its visitors meet them with the next message, others do not."""

from __future__ import annotations

import pytest
from tests.doors.building import Building

pytestmark = pytest.mark.asyncio(loop_scope="session")

PATH = "/v1/admin/limits"


async def test_limits_are_set_met_audited_and_taken_back(building: Building) -> None:
    token = building.ours.agent
    before = (await building.ask("GET", PATH, token=token)).json()
    assert (before["own"]["message_bytes"], before["installation"]["message_bytes"]) == (None, 16_384)
    assert before["most"]["message_bytes"] == 16_384
    wanted = {"message_bytes": 100, "handoff_turns": 7, "version": before["own"]["version"]}
    told = await building.ask("PUT", PATH, token=token, json=wanted)
    assert told.status == 200, told.body
    now = told.json()["own"]
    assert (now["message_bytes"], now["handoff_turns"], now["visitor_burst"]) == (100, 7, None)
    judged = {
        who: (await building.ask("POST", "/v1/admin/guard/try", token=who, json={"text": "字" * 34})).json()["reason"]
        for who in (token, building.theirs.agent)
    }
    assert list(judged.values()) == ["too_long", ""]
    assert building.house.around.desk.escalation.rules_for(building.ours.tenant.id).turns == 7
    assert building.house.around.desk.escalation.rules_for(building.theirs.tenant.id).turns == 0
    acts = (await building.ask("GET", "/v1/audit?limit=1", token=token)).json()["data"]
    assert (acts[0]["act"], acts[0]["detail"]) == ("limits.put", {"message_bytes": 100, "handoff_turns": 7})
    back = await building.ask("PUT", PATH, token=token, json={"version": now["version"]})
    assert back.json()["own"]["message_bytes"] is None
    again = await building.ask("POST", "/v1/admin/guard/try", token=token, json={"text": "字" * 34})
    assert again.json()["allowed"]


async def test_more_than_the_installation_bears_is_refused_and_so_is_a_late_change(building: Building) -> None:
    token = building.ours.agent
    version = (await building.ask("GET", PATH, token=token)).json()["own"]["version"]
    wide = await building.ask("PUT", PATH, token=token, json={"message_bytes": 16_385, "version": version})
    assert (wide.status, wide.json()["code"]) == (409, "limit_above_installation")
    late = await building.ask("PUT", PATH, token=token, json={"version": version + 5})
    assert (late.status, late.json()["code"]) == (409, "limits_changed")


@pytest.mark.parametrize("budget", [-1, 10**15 + 1, 0.5, "1"])
async def test_a_budget_in_no_form_is_refused(building: Building, budget: object) -> None:
    version = (await building.ask("GET", PATH, token=building.ours.agent)).json()["own"]["version"]
    body = {"cost_day_micro": budget, "version": version}
    assert (await building.ask("PUT", PATH, token=building.ours.agent, json=body)).status == 422


@pytest.mark.parametrize("body", [{}, {"version": 0, "message_bytes": 99}, {"version": 0, "handoff_upset": 4}])
async def test_limits_in_no_form_are_refused(building: Building, body: dict[str, object]) -> None:
    assert (await building.ask("PUT", PATH, token=building.ours.agent, json=body)).status == 422

"""A company narrows its limits over REST; its visitors meet them with the next message, others do not."""

from __future__ import annotations

import msgspec
import pytest
from tests.doors.building import Building
from tests.engines.attempts import ENTRY

from miaohui.engines.ledger import AttemptEntry
from miaohui.kit.ids import new_id

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


def attempt(building: Building, cost_micro: int) -> AttemptEntry:
    now_ms = building.house.clock.now_ms()
    ours = building.ours.tenant.id
    return msgspec.structs.replace(ENTRY, id=new_id("att"), tenant_id=ours, cost_micro=cost_micro, started_at_ms=now_ms)


async def test_a_budget_is_set_shown_and_audited_and_is_the_companys_own(building: Building) -> None:
    token, spending = building.ours.agent, building.house.answering.room.spending
    before = (await building.ask("GET", PATH, token=token)).json()
    assert before["spending"]["day"]["budget_micro"] == before["installation"]["cost_day_micro"] == 0
    assert before["most"]["cost_day_micro"] == 10**15
    wanted = {"cost_day_micro": 1_000, "cost_month_micro": 5_000, "version": before["own"]["version"]}
    told = await building.ask("PUT", PATH, token=token, json=wanted)
    assert told.status == 200, told.body
    spending.add(attempt(building, 900))
    now = (await building.ask("GET", PATH, token=token)).json()
    spent = before["spending"]["day"]["spent_micro"] + 900
    day, month = now["spending"]["day"], now["spending"]["month"]
    assert (day["spent_micro"], day["budget_micro"], month["budget_micro"]) == (spent, 1_000, 5_000)
    assert day["ends_at"] <= month["ends_at"]
    assert building.ours.tenant.id in spending.shares()
    theirs = (await building.ask("GET", PATH, token=building.theirs.agent)).json()
    assert (theirs["spending"]["day"]["budget_micro"], theirs["own"]["cost_day_micro"]) == (0, None)
    assert spending.find(building.theirs.tenant.id) is None
    acts = (await building.ask("GET", "/v1/audit?limit=1", token=token)).json()["data"]
    assert (acts[0]["act"], acts[0]["detail"]) == ("limits.put", {"cost_day_micro": 1_000, "cost_month_micro": 5_000})
    await building.ask("PUT", PATH, token=token, json={"version": now["own"]["version"]})
    assert spending.find(building.ours.tenant.id) is None, "it holds at once"


@pytest.mark.parametrize("budget", [-1, 10**15 + 1, 0.5, "1"])
async def test_a_budget_in_no_form_is_refused(building: Building, budget: object) -> None:
    version = (await building.ask("GET", PATH, token=building.ours.agent)).json()["own"]["version"]
    body = {"cost_day_micro": budget, "version": version}
    assert (await building.ask("PUT", PATH, token=building.ours.agent, json=body)).status == 422


@pytest.mark.parametrize("body", [{}, {"version": 0, "message_bytes": 99}, {"version": 0, "handoff_upset": 4}])
async def test_limits_in_no_form_are_refused(building: Building, body: dict[str, object]) -> None:
    assert (await building.ask("PUT", PATH, token=building.ours.agent, json=body)).status == 422

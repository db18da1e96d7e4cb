"""A visitor whose company's budget is spent gets an answer, and the journal says why it is not the provider's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from tests.doors.building import Building, open_building
from tests.engines.attempts import ENTRY
from tests.engines.routing import PAID_ROUTE

from miaohui.engines.ledger import AttemptEntry
from miaohui.kit.ids import new_id
from miaohui.testing.upstream import Upstream, UpstreamOptions

PATH = "/v1/admin/limits"


async def asked(building: Building, token: str) -> tuple[dict[str, object], list[dict[str, object]]]:
    """What a visitor is told, and which routes the journal names."""
    told = await building.ask("POST", "/v1/chat", token=token, json={"visitor_id": "vip", "question": "如何退货?"})
    assert told.status == 200, told.body
    answer = told.json()
    page = await building.ask("GET", f"/v1/turns/{answer['turn_id']}", token=building.ours.agent)
    stages = page.json()["stages"]
    return answer, [stage["facts"] for stage in stages if stage["name"] == "ask"]


async def test_the_visitor_is_answered_and_the_journal_says_why(migrated: Path, tmp_path: Path) -> None:
    upstream = await Upstream(UpstreamOptions(chunks=4, gap_ms=1, first_ms=1)).start()
    file = tmp_path / "engines.toml"
    file.write_text(PAID_ROUTE.format(url=upstream.url), encoding="utf-8")
    settings = {"engines_file": file, "answer_cache": False, "tenant_cost_a_month": 0.000_001}
    try:
        async with open_building(migrated, tmp_path, **settings) as building:
            first, asked_first = await asked(building, building.ours.key)
            second, asked_second = await asked(building, building.ours.key)
    finally:
        await upstream.close()
    assert asked_first == [{"route": "paid", "attempt": 1}]
    assert asked_second == [{"route": "extractive", "attempt": 1, "passed_over": "budget_reached"}]
    assert [answer["outcome"] for answer in (first, second)] == ["answered", "answered"]


def attempt(building: Building, cost_micro: int) -> AttemptEntry:
    ours, soon_ms = building.ours.tenant.id, building.house.clock.now_ms() + 3_600_000  # midnight may come meanwhile
    changes = {"id": new_id("att"), "tenant_id": ours, "cost_micro": cost_micro, "started_at_ms": soon_ms}
    return msgspec.structs.replace(ENTRY, **changes)


@pytest.fixture
async def fresh(migrated: Path, tmp_path: Path) -> AsyncIterator[Building]:
    """Where nothing was ever spent."""
    async with open_building(migrated, tmp_path) as building:
        yield building


async def test_a_budget_is_set_shown_and_audited_and_is_the_companys_own(fresh: Building) -> None:
    token, spending = fresh.ours.agent, fresh.house.answering.room.spending
    before = (await fresh.ask("GET", PATH, token=token)).json()
    assert before["spending"]["day"]["budget_micro"] == before["installation"]["cost_day_micro"] == 0
    assert before["most"]["cost_day_micro"] == 10**15
    wanted = {"cost_day_micro": 1_000, "cost_month_micro": 5_000, "version": before["own"]["version"]}
    told = await fresh.ask("PUT", PATH, token=token, json=wanted)
    assert told.status == 200, told.body
    spending.add(attempt(fresh, 900))
    now = (await fresh.ask("GET", PATH, token=token)).json()
    day, month = now["spending"]["day"], now["spending"]["month"]
    assert (day["spent_micro"], day["budget_micro"], month["budget_micro"]) == (900, 1_000, 5_000)
    assert day["ends_at"] <= month["ends_at"]
    assert fresh.ours.tenant.id in spending.shares()
    theirs = (await fresh.ask("GET", PATH, token=fresh.theirs.agent)).json()
    assert (theirs["spending"]["day"]["budget_micro"], theirs["own"]["cost_day_micro"]) == (0, None)
    assert spending.find(fresh.theirs.tenant.id) is None
    acts = (await fresh.ask("GET", "/v1/audit?limit=1", token=token)).json()["data"]
    assert (acts[0]["act"], acts[0]["detail"]) == ("limits.put", {"cost_day_micro": 1_000, "cost_month_micro": 5_000})
    await fresh.ask("PUT", PATH, token=token, json={"version": now["own"]["version"]})
    assert spending.find(fresh.ours.tenant.id) is None, "it holds at once"

"""A visitor whose company's budget is spent gets an answer, and the journal says why it is not the provider's."""

from __future__ import annotations

from pathlib import Path

from tests.doors.building import Building, open_building

from miaohui.testing.upstream import Upstream, UpstreamOptions

ROUTE = """
[[route]]
name = "paid"
base_url = "{url}"
model = "sim"
price_in = 1_000_000
price_out = 1_000_000
"""


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
    file.write_text(ROUTE.format(url=upstream.url), encoding="utf-8")
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

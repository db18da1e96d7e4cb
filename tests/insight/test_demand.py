"""What visitors asked about, and what answering took."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert
from tests.doors.building import Building
from tests.doors.test_routes import check_problem

from miaohui.conversations.types import Citation
from miaohui.engines.tables import engine_attempts
from miaohui.insight.demand import topics_of
from miaohui.insight.types import Demand
from miaohui.kit.database import Operation
from miaohui.kit.ids import new_id

session_loop = pytest.mark.asyncio(loop_scope="session")


def cites(*articles: str) -> tuple[Citation, ...]:
    return tuple(
        Citation(n=n, chunk_id=f"c{n}", article_id=one, title=one.upper()) for n, one in enumerate(articles, 1)
    )


def test_an_answer_counts_for_an_article_once_however_often_it_cites_it() -> None:
    found = topics_of([cites("a", "a", "b"), cites("a")], [cites("a"), cites("c")])
    assert [(one.article_id, one.title, one.count, one.before) for one in found] == [("a", "A", 2, 1), ("b", "B", 1, 0)]
    assert topics_of([], [cites("a")]) == ()
    assert len(topics_of([cites(f"a{n}") for n in range(30)], [])) == 10


def test_a_share_of_nothing_is_none_and_not_nought() -> None:
    assert (Demand().kept_share, Demand().throttled_share) == (None, None)
    assert Demand(answers=4, kept=1).kept_share == 0.25
    assert Demand(attempts=8, throttled=2).throttled_share == 0.25


@session_loop
async def test_topics_and_shares_are_counted_from_what_was_said_and_asked(building: Building) -> None:
    before = await demand(building)
    token, conversation = await building.visitor()
    for text in ("怎么退货?", "怎么退货?"):
        building.house.loop_watch.lag_s = 0.0
        path = f"/v1/conversations/{conversation.id}/messages"
        sent = (await building.ask("POST", path, token=token, json={"text": text})).json()
        await building.house.turns.follow(conversation.tenant_id, sent["turn"])
    await attempts(building, "", "rate_limit", "quota", "timeout")
    now = await demand(building)
    assert now["answers"] - before["answers"] == 2
    assert now["attempts"] - before["attempts"] == 4
    assert now["throttled"] - before["throttled"] == 2
    assert 0 < now["throttled_share"] < 1
    assert now["complete"]
    other = await demand(building, token=building.theirs.agent)
    assert (other["attempts"], other["topics"]) == (0, [])


@session_loop
async def test_visitors_and_senseless_stretches_are_refused(building: Building) -> None:
    path = "/v1/insight/demand"
    check_problem(await building.ask("GET", path, token=building.ours.visitor), 403)
    never = f"{path}?since=2026-11-21T00:00:00Z&until=2026-11-20T00:00:00Z"
    check_problem(await building.ask("GET", never, token=building.ours.agent), 422)


async def demand(building: Building, *, token: str = "") -> Any:
    """As of now, and not as of ten seconds ago."""
    building.house.around.insight._demands.clear()
    answer = await building.ask("GET", "/v1/insight/demand", token=token or building.ours.agent)
    assert answer.status == 200, answer.body
    return answer.json()


async def attempts(building: Building, *failures: str) -> None:
    row = {
        "tenant_id": building.ours.tenant.id, "turn_id": "t", "conversation_id": "c", "number": 1, "route": "r",
        "provider": "p", "model": "m", "key_id": "k", "outcome": "failed", "code": "", "input_tokens": 0,
        "output_tokens": 0, "cached_tokens": 0, "reasoning_tokens": 0, "source": "estimated", "price_version": "",
        "cost_micro": 0, "first_content_ms": -1, "took_ms": 1,
    }  # fmt: skip

    def operation() -> Operation[None]:
        for failure in failures:
            yield (
                insert(engine_attempts),
                {**row, "id": new_id("att"), "failure": failure, "started_at_ms": building.house.clock.now_ms() - 5},
            )

    await building.house.database.write(operation)

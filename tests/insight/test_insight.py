"""Figures add up, from facts by hand and from the real records."""

from __future__ import annotations

import csv
import io

import pytest
from tests.desk.place import TENANT, Place
from tests.doors.building import Building
from tests.doors.test_routes import check_problem
from tests.support.clock import ManualClock

from miaohui.conversations import operations
from miaohui.conversations.types import Draft, Ending
from miaohui.engines.tables import engine_attempts
from miaohui.insight import policy
from miaohui.insight.service import Insight
from miaohui.insight.types import Fact, Period, Thread
from miaohui.kit.comma import BOM
from miaohui.kit.database import Database, Operation
from miaohui.kit.errors import Invalid
from miaohui.kit.ids import new_id

session_loop = pytest.mark.asyncio(loop_scope="session")
HOUR, DAY = 3_600_000, 24 * 3_600_000


def at(hours: float) -> int:
    return int(hours * HOUR)


WEEK = Period(from_ms=0, until_ms=7 * DAY)


def test_the_first_response_is_from_the_handoff_to_an_agents_first_words() -> None:
    facts = [
        Fact("c1", at(1), "handed_off", "customer_request"),
        Fact("c1", at(1.1), "taken"),
        Fact("c1", at(1.5), "agent"),
        Fact("c1", at(2), "agent"),
        Fact("c1", at(3), "handed_back"),
        Fact("c1", at(4), "handed_off", "sentiment"),
        Fact("c1", at(5), "agent"),
        Fact("c2", at(1), "handed_off", "sentiment"),
    ]
    figures = policy.figures(WEEK, [], facts, (0, 0))
    assert figures.first_response_s == (0.5 + 1) / 2 * 3600
    assert figures.first_response_p90_s == 3600
    assert figures.handed_off == 2
    assert figures.handoff_reasons == {"customer_request": 1, "sentiment": 2}


def test_of_each_conversation_the_last_score_counts_and_no_other_word() -> None:
    facts = [
        Fact("c1", at(1), "scored", "1"),
        Fact("c1", at(2), "scored", "5"),
        Fact("c2", at(2), "scored", "2"),
        Fact("c3", at(2), "scored", "best"),
        Fact("c3", at(3), "assistant", rating=1),
    ]
    figures = policy.figures(WEEK, [], facts, (0, 0))
    assert (figures.scored, figures.score, figures.content) == (2, 3.5, 0.5)
    assert (figures.good, figures.csat) == (1, 1.0)
    nothing = policy.figures(WEEK, [], [], (0, 0))
    assert (nothing.scored, nothing.score, nothing.content) == (0, None, None)


def test_a_conversation_is_reopened_by_the_visitors_word_and_by_no_agents() -> None:
    facts = [
        Fact("again", at(1), "visitor"),
        Fact("again", at(2), "resolved"),
        Fact("again", at(3), "visitor"),
        Fact("again", at(4), "resolved"),
        Fact("again", at(5), "visitor"),
        Fact("done", at(1), "visitor"),
        Fact("done", at(2), "resolved"),
        Fact("done", at(3), "agent"),
        Fact("open", at(1), "visitor"),
        Fact("open", at(2), "visitor"),
    ]
    assert policy.figures(WEEK, [], facts, (0, 0)).reopened == 1


def test_automation_is_involvement_times_resolution() -> None:
    threads = [
        Thread(id="quiet", created_at_ms=at(1), status="pending"),
        Thread(id="done", created_at_ms=at(1), status="resolved"),
        Thread(id="human", created_at_ms=at(1), status="resolved"),
        Thread(id="open", created_at_ms=at(1), status="pending"),
        Thread(id="never", created_at_ms=at(1), status="open"),
    ]
    facts = [
        Fact("quiet", at(1), "visitor"),
        Fact("quiet", at(2), "assistant"),
        Fact("done", at(2), "assistant"),
        Fact("done", at(3), "resolved"),
        Fact("human", at(2), "assistant"),
        Fact("human", at(3), "handed_off", "sentiment"),
        Fact("human", at(4), "resolved"),
        Fact("open", at(2), "assistant"),
        Fact("open", at(3), "visitor"),
    ]
    figures = policy.figures(WEEK, threads, facts, (0, 0))
    assert (figures.involvement, figures.resolution) == (4 / 5, 2 / 4)
    assert figures.automation == 4 / 5 * 2 / 4
    assert (figures.resolved, figures.resolution_s) == (2, (2 + 3) / 2 * 3600)


def test_what_there_was_none_of_has_no_share() -> None:
    figures = policy.figures(WEEK, [], [], (0, 0))
    assert figures.csat is figures.automation is figures.first_response_s is figures.cost_per_conversation_micro is None
    assert figures.conversations == 0


def test_steps_begin_at_the_viewers_midnight_and_nothing_falls_between_them() -> None:
    period = Period(from_ms=DAY + at(5), until_ms=3 * DAY + at(5), offset_ms=8 * HOUR)
    threads = [Thread(id=str(n), created_at_ms=DAY + at(5 + n), status="pending") for n in range(48)]
    buckets = policy.over_time(period, threads, [], {})
    assert [one.from_ms for one in buckets] == [DAY - at(8), 2 * DAY - at(8), 3 * DAY - at(8)]
    assert [one.figures.conversations for one in buckets] == [11, 24, 13]
    assert sum(one.figures.conversations for one in buckets) == 48


@pytest.mark.parametrize(
    ("start", "end", "step"), [(0, 0, DAY), (DAY, 0, DAY), (0, 500 * DAY, DAY), (0, 60 * DAY, HOUR)]
)
def test_a_period_that_cannot_be_counted_is_refused(start: int, end: int, step: int) -> None:
    policy.check_period(WEEK)
    with pytest.raises(Invalid):
        policy.check_period(Period(from_ms=start, until_ms=end, step_ms=step))


async def spend(database: Database, conversation_id: str, at_ms: int, cost_micro: int) -> None:
    row = {
        "id": new_id("att"), "tenant_id": TENANT, "turn_id": "t", "conversation_id": conversation_id, "number": 1,
        "route": "r", "provider": "p", "model": "m", "key_id": "k", "outcome": "ok", "failure": "", "code": "",
        "input_tokens": 1, "output_tokens": 1, "cached_tokens": 0, "reasoning_tokens": 0, "source": "provider",
        "price_version": "v", "cost_micro": cost_micro, "first_content_ms": 1, "took_ms": 1, "started_at_ms": at_ms,
    }  # fmt: skip

    def operation() -> Operation[None]:
        yield engine_attempts.insert(), row

    await database.write(operation)


async def test_figures_of_real_records_on_both_databases(database: Database) -> None:
    clock = ManualClock()
    place, insight = Place(database, clock), Insight(database, clock)
    start = clock.now_ms()
    agent = await place.hire("甲", online=False)
    conversation = await place.queued()
    clock.advance(90)
    claimed = await place.handing.claim(conversation, agent)
    clock.advance(30)
    await place.conversations.say(claimed, agent, "您好", "c1")
    clock.advance(600)
    await place.conversations.resolve(await place.now(conversation), agent)
    alone = await place.conversations.start(await place.visitor())
    accepted = await place.say(alone, "退货要几天")
    reply = Draft(
        id=new_id("msg"), tenant_id=TENANT, conversation_id=alone.id, sender="assistant", sender_id="inb", text="七天",
        turn_id=accepted.turn.id, final=True, now_ms=clock.now_ms(),
    )  # fmt: skip
    ending = Ending(turn=accepted.turn, state="answered", reply=reply, now_ms=clock.now_ms())
    await database.write(lambda: operations.conclude(ending), key=alone.id)
    await place.conversations.rate(place.as_visitor(alone), reply.id, 1)
    await spend(database, alone.id, clock.now_ms(), 300)
    await spend(database, conversation.id, clock.now_ms(), 100)
    waiting = await place.queued()
    clock.advance(3600)
    await place.dispatch.settle()

    period = Period(from_ms=start - HOUR, until_ms=clock.now_ms(), step_ms=HOUR)
    counted = await insight.over_time(TENANT, period)
    total = counted.total
    assert (total.conversations, total.handed_off, total.resolved) == (3, 2, 1)
    assert total.first_response_s == 120
    assert total.handoff_reasons == {"customer_request": 2}
    assert (total.involvement, total.resolution) == (1 / 3, 1.0)
    assert (total.good, total.bad, total.csat) == (1, 0, 1.0)
    assert (total.cost_micro, total.cost_per_conversation_micro) == (400, 200.0)
    assert sum(one.figures.cost_micro for one in counted.buckets) == 400
    assert sum(one.figures.conversations for one in counted.buckets) == 3
    assert counted.previous.conversations == 0
    assert counted.complete
    now = await insight.now(TENANT)
    assert (now.pending, now.open, now.waiting) == (1, 1, 1)
    assert now.longest_wait_s == (clock.now_ms() - (await place.now(waiting)).queued_at_ms) / 1000
    assert (await insight.over_time("ten_2", period)).total.conversations == 0
    assert (await insight.now("ten_2")).waiting == 0
    later = Period(from_ms=clock.now_ms(), until_ms=clock.now_ms() + period.until_ms - period.from_ms)
    assert (await insight.over_time(TENANT, later)).previous.conversations == 3


@session_loop
async def test_figures_are_shown_and_exported_over_rest(building: Building) -> None:
    owner = building.ours.agent
    now = (await building.ask("GET", "/v1/insight/now", token=owner)).json()
    assert {"pending", "open", "waiting", "agents", "running_turns"} <= now.keys()
    shown = await building.ask("GET", "/v1/insight/over-time?offset_minutes=480", token=owner)
    assert len(shown.json()["steps"]) in {7, 8}
    assert shown.json()["total"]["conversations"] >= 1
    file = await building.ask("GET", "/v1/insight/over-time.csv", token=owner)
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(file.body.decode().removeprefix(BOM))))
    assert rows[0][:2] == ["from", "conversations"]
    assert len(rows) == len(shown.json()["steps"]) + 1
    check_problem(await building.ask("GET", "/v1/insight/now", token=building.ours.visitor), 403)
    backwards = "/v1/insight/over-time?since=2026-02-01T00:00:00Z&until=2026-01-01T00:00:00Z"
    check_problem(await building.ask("GET", backwards, token=owner), 422)
    check_problem(await building.ask("GET", "/v1/insight/over-time?since=yesterday", token=owner), 422)

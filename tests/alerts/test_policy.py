"""Each rule rings when it should, and not a moment before."""

from __future__ import annotations

from typing import Any

import pytest

from miaohui.alerts.policy import look, percentile, show, stand
from miaohui.alerts.types import CODES, Pace, Reading, Sample, Standing, Thresholds

LIMITS = Thresholds(cost=10)
BUCKETS = ((1.0, 0.0), (5.0, 0.0), (10.0, 0.0), (float("inf"), 0.0))


def wrong(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    window = [Sample(at_ms=0, **before), Sample(at_ms=60_000, **after)]
    return {one.code for one in look(window, LIMITS) if one.wrong}


@pytest.mark.parametrize(
    ("code", "good", "bad"),
    [
        ("throttled", {"attempts": 1_000, "throttled": 10}, {"attempts": 1_000, "throttled": 11}),
        ("timeouts", {"attempts": 100, "timeouts": 5}, {"attempts": 100, "timeouts": 6}),
        ("success", {"turns": 100, "failed": 5}, {"turns": 100, "failed": 6}),
        (
            "p95",
            {"turns": 100, "turn_buckets": ((1.0, 0.0), (5.0, 96.0), (10.0, 100.0), (float("inf"), 100.0))},
            {"turns": 100, "turn_buckets": ((1.0, 0.0), (5.0, 10.0), (10.0, 100.0), (float("inf"), 100.0))},
        ),
        ("queue", {"queue": 1_000}, {"queue": 1_001}),
        ("queue", {"waiting": 1_000}, {"waiting": 1_001}),
        ("cost", {"cost": 10.0}, {"cost": 10.01}),
        ("budget_near", {"companies": {"云杉": 0.79}}, {"companies": {"云杉": 0.8, "其他": 0.2}}),
        ("disk", {"disk_bytes": 2e9}, {"disk_bytes": 1.9e9}),
        ("route_away", {"routes_away": 0}, {"routes_away": 1}),
        ("key_dead", {"keys_dead": 0}, {"keys_dead": 1}),
        ("bus_away", {"bus": 1.0}, {"bus": 0.0}),
    ],
)
def test_each_rule_rings_beyond_its_threshold_and_not_at_it(
    code: str, good: dict[str, Any], bad: dict[str, Any]
) -> None:
    start = {"turn_buckets": BUCKETS}
    assert wrong(start, start | good) == set()
    assert wrong(start, start | bad) == {code}


def test_a_budget_that_is_used_up_is_near_too() -> None:
    assert wrong({}, {"companies": {"云杉": 1.0}}) == {"budget_near", "budget_reached"}


def test_every_rule_is_looked_at() -> None:
    assert [one.code for one in look([Sample(at_ms=0)], LIMITS)] == list(CODES)
    assert look([], LIMITS) == []


def test_a_share_of_few_says_nothing() -> None:
    assert wrong({}, {"attempts": 19, "throttled": 19, "timeouts": 19, "turns": 19, "failed": 19}) == set()


def test_a_single_pause_of_the_loop_is_not_taken_for_lateness() -> None:
    late = [Sample(at_ms=number, lag_s=lag) for number, lag in enumerate((0.0, 0.0, 9.0, 0.0))]
    assert not any(one.wrong for one in look(late, LIMITS))
    always = [Sample(at_ms=number, lag_s=0.6) for number in range(4)]
    assert {one.code for one in look(always, LIMITS) if one.wrong} == {"lag"}


def test_a_percentile_is_interpolated_and_of_what_is_new_only() -> None:
    before = ((1.0, 50.0), (2.0, 50.0), (float("inf"), 50.0))
    after = ((1.0, 50.0), (2.0, 150.0), (float("inf"), 150.0))
    assert percentile(before, after, 0.5) == pytest.approx(1.5)
    assert percentile(after, after, 0.5) == 0.0
    assert percentile((), ((1.0, 0.0), (float("inf"), 5.0)), 0.95) == 1.0


def a_reading(*, is_wrong: bool) -> Reading:
    return Reading(code="disk", wrong=is_wrong, value=1.0, threshold=2.0)


def test_what_is_wrong_counts_when_it_has_held_and_so_does_its_end() -> None:
    pace, now = Pace(holds_s=60), 0
    said: Standing | None = None
    seen = []
    for is_wrong in (True, True, False, True, True, True, True, True, True, False, False, False, False, False):
        said = stand(a_reading(is_wrong=is_wrong), said, pace, node="a", now_ms=now)
        seen.append(said.firing)
        now += 20_000
    assert seen == [False] * 6 + [True] * 6 + [False] * 2


def test_values_are_shown_in_their_units() -> None:
    shown = {code: show(code, 0.5) for code in ("throttled", "p95", "cost", "queue")}
    assert shown == {"throttled": "50.0 %", "p95": "0.50 s", "cost": "0.50", "queue": "0"}
    assert show("disk", 1.5e9) == "1.5 GB"

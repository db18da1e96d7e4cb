"""The breaker's state machine, by its table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaohui.engines.breaker import Breaker, Phase, Rules, Ticket

CHANCE = 0.5


def phase(breaker: Breaker) -> Phase:
    return breaker.phase


def begun(breaker: Breaker, now: float) -> Ticket:
    ticket = breaker.begin(now)
    assert ticket is not None
    return ticket


def fail(breaker: Breaker, now: float, times: int = 1, *, timeout: bool = False) -> None:
    for _ in range(times):
        breaker.fail(begun(breaker, now), now, CHANCE, timeout=timeout)


def succeed(breaker: Breaker, now: float, times: int = 1) -> None:
    for _ in range(times):
        breaker.succeed(begun(breaker, now), now, CHANCE)


def opened(now: float = 0.0) -> Breaker:
    breaker = Breaker()
    fail(breaker, now, 5)
    assert phase(breaker) is Phase.OPEN
    return breaker


def test_five_failures_in_a_row_open_it_and_four_do_not() -> None:
    breaker = Breaker()
    fail(breaker, 0, 4)
    succeed(breaker, 0)
    fail(breaker, 0, 4)
    assert phase(breaker) is Phase.CLOSED
    fail(breaker, 0)
    assert phase(breaker) is Phase.OPEN
    assert breaker.weight(1) == 0
    assert breaker.begin(1) is None


def test_more_than_five_percent_timeouts_of_at_least_twenty_open_it() -> None:
    breaker = Breaker()
    fail(breaker, 0, timeout=True)
    succeed(breaker, 1, 17)
    fail(breaker, 1, timeout=True)
    assert phase(breaker) is Phase.CLOSED
    succeed(breaker, 2)
    assert phase(breaker) is Phase.OPEN


def test_exactly_five_percent_timeouts_do_not_open_it() -> None:
    breaker = Breaker()
    fail(breaker, 0, timeout=True)
    succeed(breaker, 1, 39)
    fail(breaker, 1, timeout=True)
    assert phase(breaker) is Phase.CLOSED


def test_more_than_half_failing_opens_it_without_five_in_a_row() -> None:
    breaker = Breaker()
    for _ in range(8):
        fail(breaker, 0, 1)
        succeed(breaker, 0, 1)
    fail(breaker, 0, 2)
    succeed(breaker, 0)
    assert phase(breaker) is Phase.CLOSED
    fail(breaker, 0)
    assert phase(breaker) is Phase.OPEN


def test_what_is_a_minute_old_no_longer_counts() -> None:
    breaker = Breaker()
    fail(breaker, 0, 2, timeout=True)
    succeed(breaker, 66, 40)
    assert phase(breaker) is Phase.CLOSED


@pytest.mark.parametrize(("openings", "seconds"), [(1, 30), (2, 60), (3, 120), (4, 240), (5, 300), (9, 300)])
def test_every_opening_lasts_twice_as_long_up_to_five_minutes(openings: int, seconds: float) -> None:
    breaker, now = opened(), 0.0
    for _ in range(openings - 1):
        now += 400
        fail(breaker, now)
    assert not breaker.is_due(now + seconds - 0.1)
    assert breaker.is_due(now + seconds + 0.1)


def test_chance_moves_the_end_of_an_opening_by_a_tenth() -> None:
    ends = []
    for chance in (0.0, 1.0):
        breaker = Breaker()
        for _ in range(5):
            breaker.fail(begun(breaker, 0), 0, chance)
        ends.append([breaker.is_due(26.9), breaker.is_due(27.1), breaker.is_due(32.9), breaker.is_due(33.1)])
    assert ends == [[False, True, True, True], [False, False, False, True]]


def test_one_probe_at_a_time_and_a_lost_one_frees_its_place() -> None:
    breaker = opened()
    first = begun(breaker, 31)
    assert first.probe
    assert breaker.begin(32) is None
    assert breaker.begin(31 + 14.9) is None
    second = begun(breaker, 31 + 15.1)
    breaker.fail(first, 47, CHANCE)
    assert phase(breaker) is Phase.HALF_OPEN
    breaker.succeed(second, 47, CHANCE)
    assert breaker.begin(47) is not None


def test_a_probe_that_says_nothing_frees_its_place_and_is_no_verdict() -> None:
    breaker = opened()
    breaker.excuse(begun(breaker, 31), 31)
    assert phase(breaker) is Phase.HALF_OPEN
    assert begun(breaker, 31).probe


def test_two_successful_probes_let_traffic_back_in_steps() -> None:
    breaker = opened()
    succeed(breaker, 31)
    assert breaker.weight(31) == 0
    succeed(breaker, 32)
    assert [breaker.weight(32 + step) for step in (0, 4.9, 5, 10, 15, 19.9)] == [0.1, 0.1, 0.3, 0.6, 1.0, 1.0]
    assert phase(breaker) is Phase.RAMP
    assert breaker.weight(52) == 1.0
    assert phase(breaker) is Phase.CLOSED


def test_a_failed_probe_opens_it_for_longer() -> None:
    breaker = opened()
    fail(breaker, 31)
    assert phase(breaker) is Phase.OPEN
    assert not breaker.is_due(31 + 59)
    assert breaker.is_due(31 + 61)


def test_five_clean_minutes_forgive_one_opening() -> None:
    def opens_for(clean_s: float) -> float:
        breaker = opened()
        succeed(breaker, 31, 1)
        succeed(breaker, 31, 1)
        assert breaker.weight(60) == 1.0
        fail(breaker, 60 + clean_s, 5)
        return next(s for s in (29, 31, 59, 61) if breaker.is_due(60 + clean_s + s))

    assert opens_for(299) == 61
    assert opens_for(301) == 31


def test_what_began_before_an_opening_no_longer_counts() -> None:
    breaker = Breaker()
    early = begun(breaker, 0)
    fail(breaker, 0, 5)
    assert not breaker.fail(early, 1, CHANCE)
    assert not breaker.succeed(early, 1, CHANCE)
    assert breaker.is_due(31)


def test_a_gone_route_is_opened_at_once() -> None:
    breaker = Breaker()
    assert breaker.force_open(0, CHANCE)
    assert phase(breaker) is Phase.OPEN
    assert not breaker.force_open(1, CHANCE)


STEPS = st.lists(st.tuples(st.floats(0, 40), st.sampled_from(["begin", "win", "fail", "late", "excuse"])), max_size=80)


@given(STEPS)
def test_whatever_happens_probes_never_overlap(steps: list[tuple[float, str]]) -> None:
    breaker, now = Breaker(Rules(consecutive=2, open_s=10)), 0.0
    under_way: list[tuple[Ticket, float]] = []
    for wait, act in steps:
        now += wait
        if act == "begin":
            ticket = breaker.begin(now)
            if ticket is None:
                continue
            probes = [began for other, began in under_way if other.probe and now < began + 15]
            assert not (ticket.probe and probes)
            under_way.append((ticket, now))
        elif under_way:
            ticket, _ = under_way.pop()
            if act == "win":
                breaker.succeed(ticket, now, CHANCE)
            elif act == "excuse":
                breaker.excuse(ticket, now)
            else:
                breaker.fail(ticket, now, CHANCE, timeout=act == "late")

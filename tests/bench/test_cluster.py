"""What the cluster's report counts: every send in its stretch, from when it was due, whoever was late."""

from __future__ import annotations

import pytest
from bench.cluster.stretches import Stretch, cut, quick_share, tell
from bench.cluster.usage import Lag, Usage

from miaohui.testing.history.types import Fault

FAULTS = [Fault(name="a", begin=20.0, end=40.0), Fault(name="b", begin=100.0, end=115.0)]
"""The cause of the first is gone at 30, of the second at 105."""


def usage(*moments: tuple[float, float]) -> list[Usage]:
    return [Usage(at=at, cpu_s={"nodes": cpu_s}, starved_s={"nodes": cpu_s / 10}) for at, cpu_s in moments]


def test_the_stretches_of_a_run_leave_no_gap_and_do_not_overlap() -> None:
    found = list(cut(FAULTS, 0.0, 140.0))
    assert [one.begin for one in found[1:]] == [one.end for one in found[:-1]]
    assert (found[0].begin, found[-1].end) == (0.0, 140.0)
    assert [(one.kind, one.begin) for one in found[:5]] == [
        ("calm", 0.0),
        ("broken", 18.0),
        ("coming back", 30.0),
        ("healing", 40.0),
        ("calm", 60.0),
    ]


def test_a_fault_that_follows_at_once_shortens_the_healing_and_hides_nothing() -> None:
    close = [FAULTS[0], Fault(name="b", begin=47.0, end=60.0)]
    found = list(cut(close, 0.0, 100.0))
    assert all(one.end >= one.begin for one in found)
    assert [one.begin for one in found[1:]] == [one.end for one in found[:-1]]
    assert Stretch(kind="healing", name="a", begin=40.0, end=45.0) in found


def test_only_sends_that_were_due_outside_of_a_fault_and_the_coming_back_count() -> None:
    waits = [(5.0, 0.1), (25.0, 9.0), (35.0, 9.0), (50.0, 0.1), (70.0, 0.1), (130.0, 0.1)]
    told = tell(list(cut(FAULTS, 0.0, 140.0)), waits, Lag(), usage((0.0, 0.0), (140.0, 70.0)))
    assert sum(one.sends for one in told) == len(waits)
    assert quick_share(told) == 1.0
    assert quick_share(told, ("broken", "coming back", "healing", "calm")) == pytest.approx(4 / 6)


def test_a_late_send_counts_as_late_also_where_the_generator_was_late_itself() -> None:
    lag = Lag()
    lag.late.append((69.9, 3.0))
    told = tell(list(cut(FAULTS, 0.0, 140.0)), [(70.0, 2.9), (65.0, 2.1), (66.0, 0.2)], lag, usage((0.0, 0.0)))
    (calm,) = [one for one in told if one.sends]
    assert (calm.late, calm.late_with_us, calm.lag_ms) == (2, 1, 3000.0)
    assert quick_share(told) == pytest.approx(1 / 3)


def test_a_send_without_an_ack_is_late() -> None:
    told = tell(list(cut([], 0.0, 10.0)), [(1.0, float("inf")), (2.0, 0.1)], Lag(), usage((0.0, 0.0)))
    assert quick_share(told) == 0.5
    assert told[0].ack_ms["max"] == 3_600_000.0


def test_shares_of_the_processor_are_those_of_the_stretch() -> None:
    told = tell(list(cut([], 0.0, 100.0)), [], Lag(), usage((0.0, 10.0), (50.0, 60.0), (100.0, 110.0)))
    assert told[0].cores == {"nodes": 1.0}
    assert told[0].starved == {"nodes": 0.1}

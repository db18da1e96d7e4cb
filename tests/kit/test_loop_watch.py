"""How late the event loop is, as those see it who refuse work by it."""

from __future__ import annotations

from miaohui.kit.metrics import LoopWatch
from miaohui.turns.bounds import TurnBounds


def test_one_pause_of_whatever_length_is_not_overload() -> None:
    watch = LoopWatch()
    watch.note(60.0)
    assert 0 < watch.lag_s < TurnBounds().lag_s * 0.8


def test_lateness_that_stays_is_overload() -> None:
    watch = LoopWatch()
    for _ in range(4):
        watch.note(0.9)
    assert watch.lag_s > TurnBounds().lag_s

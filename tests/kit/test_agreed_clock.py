"""What is due, and what is leased, goes by one clock, however wrong those of the nodes are."""

from __future__ import annotations

from typing import Any, cast

from tests.support.clock import ManualClock

from miaohui.kit.agreed_clock import AgreedClock
from miaohui.kit.clock import SystemClock
from miaohui.kit.database import Database
from miaohui.testing.clock import FakeClock

HOUR_MS = 3_600_000


class Far:
    """A database whose clock a test sets, some seconds away."""

    def __init__(self, clock: ManualClock, now_ms: int, away_s: float) -> None:
        self.clock = clock
        self.now_ms = now_ms
        self.away_s = away_s

    async def read(self, statement: Any, params: Any = None) -> list[dict[str, int]]:
        self.clock.advance(self.away_s)
        now_ms = self.now_ms + round(self.away_s * 500)
        self.now_ms += round(self.away_s * 1000)
        return [{"now_ms": now_ms}]


async def test_nodes_years_apart_agree_on_the_time(database: Database) -> None:
    clocks = [AgreedClock(database, FakeClock(now_ms)) for now_ms in (1_000_000_000_000, 3_000_000_000_000)]
    for clock in clocks:
        await clock.adjust()
        assert abs(clock.now_ms() - SystemClock().now_ms()) < 5_000


async def test_a_jump_of_the_nodes_clock_goes_unnoticed_and_time_goes_on(database: Database) -> None:
    own = FakeClock()
    clock = AgreedClock(database, own)
    await clock.adjust()
    before_ms = clock.now_ms()
    own.jump(3600)
    assert clock.now_ms() == before_ms
    own.advance(7)
    assert clock.now_ms() == before_ms + 7_000


async def test_until_it_was_asked_and_after_it_moved_the_databases_clock_is_told_apart() -> None:
    own = ManualClock()
    far = Far(own, own.now_ms() + HOUR_MS, away_s=2)
    clock = AgreedClock(cast("Database", far), own)
    assert clock.now_ms() == own.now_ms()
    await clock.adjust()
    assert clock.now_ms() == far.now_ms
    far.now_ms -= 3 * HOUR_MS
    assert clock.now_ms() == far.now_ms + 3 * HOUR_MS
    await clock.adjust()
    assert clock.now_ms() == far.now_ms

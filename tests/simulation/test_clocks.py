"""Nodes whose clocks disagree by an hour, or jump, and that die then, keep every promise: what is leased, and what is
due, goes by the database's clock (G5, G6).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.logs import logs_set_up

from miaohui.testing.simulation.world import Plan, judge

HOUR_MS = 3_600_000


@pytest.fixture(autouse=True, scope="module")
def without_logs() -> Iterator[None]:
    with logs_set_up("critical"):
        yield


SKEWS_MS = {"half a minute": (-30_000, 30_000), "ahead": (0, HOUR_MS), "behind": (-HOUR_MS, 0)}
JUMPS_MS = (-300_000, 300_000, HOUR_MS)


@pytest.mark.parametrize("skews_ms", SKEWS_MS.values(), ids=SKEWS_MS)
@pytest.mark.parametrize("seed", [21, 22])
def test_clocks_that_disagree_break_no_promise(sqlite_template: Path, skews_ms: tuple[int, ...], seed: int) -> None:
    report = judge(sqlite_template, seed, Plan(seconds=20.0, skews_ms=skews_ms))
    assert report.violations == ()
    assert report.acked > 10


@pytest.mark.parametrize("seed", [31, 32, 33, 34])
def test_wall_clocks_that_jump_and_nodes_that_die_break_no_promise(sqlite_template: Path, seed: int) -> None:
    report = judge(sqlite_template, seed, Plan(seconds=20.0, skews_ms=(0,), jumps_ms=JUMPS_MS))
    assert report.violations == ()
    assert report.acked > 10

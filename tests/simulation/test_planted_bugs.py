"""The checker is tested by twelve bugs: each is found, and the house without them is let through by the same seeds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.simulation.planted import BUGS
from tests.support.logs import logs_set_up

from miaohui.testing.simulation.world import Plan, digest, judge, simulate

PLAN = Plan(seconds=20.0)
SEEDS = range(1, 9)
"""A bug must show within these; most show in the first."""


@pytest.fixture(autouse=True, scope="module")
def without_logs() -> Iterator[None]:
    with logs_set_up("critical"):
        yield


def test_there_are_twelve_bugs() -> None:
    assert len({bug.parts for bug in BUGS.values()}) == len(BUGS) == 12


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_caught(sqlite_template: Path, name: str) -> None:
    bug, found = BUGS[name], set[int]()
    for seed in SEEDS:
        found |= judge(sqlite_template, seed, Plan(seconds=20.0, settle_s=bug.settle_s), bug.parts).invariants.keys()
        if bug.breaks <= found:
            return
    pytest.fail(f"{name}: broke {sorted(found)}, not {sorted(bug.breaks)}")


@pytest.mark.parametrize("seed", SEEDS)
def test_without_a_bug_every_promise_is_kept(sqlite_template: Path, seed: int) -> None:
    report = judge(sqlite_template, seed, PLAN)
    assert report.violations == ()
    assert report.acked > 10
    assert report.finals > 5
    assert report.connections > 10


def test_the_same_seed_gives_the_same_history(sqlite_template: Path) -> None:
    first, second, other = (digest(simulate(sqlite_template, seed, PLAN)) for seed in (3, 3, 4))
    assert first == second
    assert first != other

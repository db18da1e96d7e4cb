from __future__ import annotations

import pytest

from miaohui.experiments.policy import BUCKETS, Side, bucket_of, takes_part, why_to_end
from miaohui.experiments.types import Share, Verge

CONVERSATIONS = [f"conv_{i}" for i in range(10_000)]


def part(salt: str, share: float) -> set[str]:
    return {one for one in CONVERSATIONS if takes_part(Share(salt=salt, share=share), one)}


def side(*firsts: float | None) -> Side:
    found = Side(500)
    for first in firsts:
        found.note(first)
    return found


def test_a_conversation_stays_where_it_is_for_ever() -> None:
    assert [bucket_of("grey", f"conv_{i}") for i in range(3)] == [1137, 3245, 4765]
    assert all(0 <= bucket_of("grey", one) < BUCKETS for one in CONVERSATIONS)


@pytest.mark.parametrize("share", [0.05, 0.1, 0.5])
def test_a_share_is_as_large_as_it_says(share: float) -> None:
    assert abs(len(part("grey", share)) / len(CONVERSATIONS) - share) < 0.01


def test_a_larger_share_holds_the_smaller_one_and_ends_are_ends() -> None:
    assert part("grey", 0.05) < part("grey", 0.1)
    assert part("grey", 0) == set()
    assert part("grey", 1) == set(CONVERSATIONS)


def test_two_trials_are_independent() -> None:
    both = part("grey", 0.5) & part("shadow", 0.5)
    assert abs(len(both) / len(CONVERSATIONS) - 0.25) < 0.02


def test_what_is_no_conversation_takes_no_part() -> None:
    assert not takes_part(Share(salt="grey", share=1), "")


@pytest.mark.parametrize(
    ("trial", "rest", "why"),
    [
        (side(*[None] * 49), side(*[100.0] * 500), ""),
        (side(*[None] * 50), side(*[100.0] * 500), "failures"),
        (side(*[None] * 5, *[100.0] * 95), side(*[100.0] * 500), ""),
        (side(*[None] * 6, *[100.0] * 94), side(*[100.0] * 500), "failures"),
        (side(*[None] * 20, *[100.0] * 80), side(*[None] * 20, *[100.0] * 80), ""),
        (side(*[400.0] * 50), side(*[100.0] * 500), "latency"),
        (side(*[290.0] * 50), side(*[100.0] * 500), ""),
        (side(*[1400.0] * 50), side(*[1000.0] * 500), ""),
        (side(*[900.0] * 50), side(), ""),
    ],
)
def test_a_trial_ends_when_it_is_clearly_worse(trial: Side, rest: Side, why: str) -> None:
    assert why_to_end(trial, rest, Verge()) == why


def test_only_the_last_answers_count() -> None:
    old = side(*[None] * 500, *[100.0] * 500)
    assert (len(old), old.failures, old.first_content_ms) == (500, 0.0, 100.0)

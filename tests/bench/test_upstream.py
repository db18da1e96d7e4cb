"""The provider takes as long as the load generator knows it does."""

from __future__ import annotations

from itertools import pairwise

import pytest
from bench.upstream import TALK, number_in


def test_the_number_of_the_last_message_counts_and_not_an_earlier_one() -> None:
    body = {"messages": [{"content": "早先 #0000009"}, {"role": "user", "content": "早先 #0000003 现在 #0000007"}]}
    assert number_in(body) == 7


@pytest.mark.parametrize("body", [{}, {"messages": []}, {"messages": [{"content": "没有编号 #12"}]}])
def test_without_a_number_there_is_none(body: dict[str, object]) -> None:
    assert number_in(body) == 0


def test_latencies_spread_evenly_over_the_range() -> None:
    times = sorted(TALK.first_s(number) for number in range(1000))
    assert 1.2 <= times[0] < 1.21
    assert 1.79 < times[-1] <= 1.8
    assert max(later - sooner for sooner, later in pairwise(times)) < 0.003

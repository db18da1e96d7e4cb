"""Who is asked next, as numbers in and names out."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaohui.engines.routes import Route
from miaohui.engines.selection import Demand, Rotation, suits


def route(**changes: object) -> Route:
    return Route(name="a", base_url="http://a/v1", model="m", **changes)  # type: ignore[arg-type]


def turns(rotation: Rotation, weights: dict[str, float], count: int) -> list[str]:
    names = []
    for _ in range(count):
        names.append(rotation.choose(weights))
        rotation.charge(names[-1], weights)
    return names


def test_turns_are_spread_and_not_in_runs() -> None:
    assert turns(Rotation(), {"a": 5, "b": 1, "c": 1}, 7) == ["a", "a", "b", "a", "c", "a", "a"]


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 100), min_size=1), st.integers(1, 400))
def test_no_share_is_ever_off_by_more_than_one_turn(weights: dict[str, float], count: int) -> None:
    seen = Counter(turns(Rotation(), weights, count))
    total = sum(weights.values())
    assert all(abs(seen[name] - count * weight / total) <= max(1, len(weights) / 2) for name, weight in weights.items())


def test_who_is_left_out_neither_gains_nor_loses() -> None:
    rotation = Rotation()
    turns(rotation, {"b": 1, "c": 1}, 100)
    assert Counter(turns(rotation, {"a": 1, "b": 1, "c": 1}, 9)) == {"a": 3, "b": 3, "c": 3}


def test_processes_begin_in_different_places() -> None:
    firsts = set()
    for chance in (0.1, 0.4, 0.7):
        rotation = Rotation()
        rotation.seed("abc", chance)
        firsts.add(rotation.choose({"a": 1, "b": 1, "c": 1}))
    assert len(firsts) > 1


@pytest.mark.parametrize(
    ("fields", "demand", "fits"),
    [
        ({}, Demand(), True),
        ({}, Demand(tokens=10**6), True),
        ({"window_tokens": 1000}, Demand(tokens=900), True),
        ({"window_tokens": 1000}, Demand(tokens=980), False),
        ({"window_tokens": 1000}, Demand(tokens=1, larger_than=1000), False),
        ({}, Demand(larger_than=1000), False),
        ({"window_tokens": 2000}, Demand(tokens=1, larger_than=1000), True),
        ({"capabilities": ("tools",)}, Demand(needs=frozenset({"tools"})), True),
        ({"capabilities": ("tools",)}, Demand(needs=frozenset({"tools", "vision"})), False),
    ],
)
def test_a_route_suits_what_it_can_do(fields: dict[str, object], demand: Demand, fits: bool) -> None:
    assert suits(route(**fields), demand) is fits

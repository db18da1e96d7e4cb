"""Ids: unique, and in the order in which they were made."""

from __future__ import annotations

import re
from itertools import pairwise

from miaohui.kit.ids import new_id


def test_ids_sort_as_they_were_made_within_one_millisecond_too() -> None:
    made = [new_id("msg") for _ in range(20_000)]
    assert made == sorted(set(made))


def test_neighbours_are_not_to_be_guessed_from_one_another() -> None:
    values = [int.from_bytes(new_id("x").encode()[-8:], "big") for _ in range(200)]
    steps = {b - a for a, b in pairwise(values)}
    assert len(steps) > 190


def test_an_id_says_what_it_is_and_holds_nothing_that_needs_quoting() -> None:
    assert re.fullmatch(r"conv_[0-9A-HJKMNP-TV-Z]{26}", new_id("conv"))

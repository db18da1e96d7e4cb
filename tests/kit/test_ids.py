"""Ids: unique, and in the order in which they were made."""

from __future__ import annotations

import os
import re
from itertools import pairwise

import pytest

from miaohui.kit.ids import _Source, new_id


def test_ids_sort_as_they_were_made_within_one_millisecond_too() -> None:
    made = [new_id("msg") for _ in range(20_000)]
    assert made == sorted(set(made))


def test_neighbours_are_not_to_be_guessed_from_one_another() -> None:
    values = [int.from_bytes(new_id("x").encode()[-8:], "big") for _ in range(200)]
    steps = {b - a for a, b in pairwise(values)}
    assert len(steps) > 190


def test_an_id_says_what_it_is_and_holds_nothing_that_needs_quoting() -> None:
    assert re.fullmatch(r"conv_[0-9A-HJKMNP-TV-Z]{26}", new_id("conv"))


def test_a_millisecond_that_has_no_room_left_runs_into_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time_ns", lambda: 1_800_000_000_000_000_000)
    source = _Source()
    made = [source.next()]
    source._first = "Z" * 16
    made = [made[0][:10] + "Z" * 16, *(source.next() for _ in range(3))]
    assert made == sorted(set(made))
    assert made[1][:10] > made[0][:10]


def test_a_forked_child_shares_no_chance_with_its_parent() -> None:
    new_id("x")
    read, write = os.pipe()
    if not (child := os.fork()):
        os.write(write, new_id("x").encode()[-16:])
        os._exit(0)
    mine = new_id("x").encode()[-16:]
    os.waitpid(child, 0)
    assert os.read(read, 16)[8:] != mine[8:]

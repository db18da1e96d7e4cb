"""Frames that wait for a client."""

from __future__ import annotations

import pytest

from miaohui.channels.bounds import Bounds
from miaohui.channels.outgoing import Outgoing

LIMITS = Bounds(queue_frames=8, queue_bytes=100)


def test_frames_come_out_as_they_went_in() -> None:
    outgoing = Outgoing(LIMITS)
    for n in range(8):
        assert outgoing.push(b"%d" % n, n)
    assert [outgoing.pop() for _ in range(8)] == [(b"%d" % n, n) for n in range(8)]
    with pytest.raises(IndexError):
        outgoing.pop()


def test_it_is_full_by_number() -> None:
    outgoing = Outgoing(LIMITS)
    assert [outgoing.push(b"x") for _ in range(9)] == [True] * 8 + [False]
    outgoing.pop()
    assert outgoing.push(b"x")
    assert not outgoing.push(b"x")


def test_it_is_full_by_bytes_and_a_catch_up_may_hold_more() -> None:
    outgoing = Outgoing(LIMITS)
    assert outgoing.push(b"x" * 100)
    assert not outgoing.push(b"y")
    assert outgoing.push(b"y" * 60, times=2)
    outgoing.pop()
    assert outgoing.push(b"z" * 40)
    assert not outgoing.push(b"z")


def test_it_is_roomy_until_a_part_of_it_is_taken() -> None:
    outgoing = Outgoing(LIMITS)
    outgoing.push(b"x" * 50)
    roomy = [outgoing.roomy]
    outgoing.push(b"x")
    roomy.append(outgoing.roomy)
    outgoing.clear()
    roomy.append(outgoing.roomy)
    assert roomy == [True, False, True]
    assert len(outgoing) == 0

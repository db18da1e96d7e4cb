"""What a client may say, and in which form."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaohui.channels import frames
from miaohui.kit.errors import Unreadable

RIGHT = [
    {"t": "hello", "token": "x"},
    {"t": "hello", "v": 1, "token": "x", "device": "d", "resume": [{"conv": "c", "epoch": "e", "seq": 2**53}]},
    {"t": "send", "cmid": "c", "body": {"text": "你好"}},
    {"t": "send", "cmid": "c", "conv": "v", "body": {"type": "note", "text": ""}},
    {"t": "watch", "conv": "c", "streams": [{"id": "s", "attempt": 1, "i": 0}]},
    {"t": "hb"},
    {"t": "feed", "on": False},
]
WRONG = [
    {},
    {"t": "hello"},
    {"t": "hello", "token": "x" * 4097},
    {"t": "hello", "token": "x", "resume": [{"conv": "c"}] * 17},
    {"t": "send", "cmid": "c", "body": {"text": "x", "html": "<b>"}},
    {"t": "send", "cmid": "c", "body": {"text": 7}},
    {"t": "send", "cmid": "c", "body": {"type": "html", "text": "x"}},
    {"t": "send", "cmid": "", "body": {"text": "x"}},
    {"t": "send", "cmid": "a b", "body": {"text": "x"}},
    {"t": "send", "cmid": "c" * 65, "body": {"text": "x"}},
    {"t": "send", "cmid": "c", "sender": "agent", "body": {"text": "x"}},
    {"t": "send", "cmid": "c\n", "body": {"text": "x"}},
    {"t": "seen", "conv": "c", "seq": -1},
    {"t": "seen", "conv": "c", "seq": 2**53 + 1},
    {"t": "seen", "conv": "c", "seq": 1.5},
    {"t": "seen", "conv": "c", "seq": True},
    {"t": "watch", "conv": "../x"},
    {"t": "watch", "conv": "c", "streams": [{"id": "s", "attempt": 1, "i": 0}] * 9},
    {"t": "cancel"},
    {"t": "welcome", "sid": "x"},
]


@pytest.mark.parametrize("frame", RIGHT)
def test_a_frame_in_the_documented_form_is_read(frame: dict[str, Any]) -> None:
    assert frames.parse_frame(json.dumps(frame)).__struct_config__.tag == frame["t"]


@pytest.mark.parametrize("frame", WRONG)
def test_a_frame_in_any_other_form_is_refused_whole(frame: dict[str, Any]) -> None:
    with pytest.raises(Unreadable) as refusal:
        frames.parse_frame(json.dumps(frame))
    assert refusal.value.code == "bad_frame"


@given(st.text() | st.binary())
def test_whatever_text_comes_it_is_read_or_refused(text: str | bytes) -> None:
    try:
        frame = frames.parse_frame(text)
    except Unreadable as refusal:
        assert refusal.code == "bad_frame"  # noqa: PT017  (either end is right)
    else:
        assert isinstance(frame, frames.ClientFrame)


def test_an_ack_always_says_whether_it_is_a_repetition() -> None:
    ack = frames.Ack(cmid="c", msg="m", seq=1, conv="v")
    assert json.loads(frames.format_frame(ack)) == {
        "t": "ack", "cmid": "c", "msg": "m", "seq": 1, "conv": "v", "dup": False,
    }  # fmt: skip


def test_a_nack_always_says_whether_trying_again_helps() -> None:
    assert json.loads(frames.format_frame(frames.Nack(cmid="c", code="not_found")))["retryable"] is False

"""What became of a sending to a channel outside."""

from __future__ import annotations

import pytest

from miaohui.channels.threads.errors import Unanswered
from miaohui.channels.threads.policy import AGAIN_MS, CONFIG_MS, outcome, unheard
from miaohui.kit.errors import Unavailable


@pytest.mark.parametrize(
    ("verdict", "state", "wait_ms"),
    [
        ("sent", "sent", 0),
        ("undeliverable", "undeliverable", 0),
        ("wait", "waiting", 0),
        ("config", "waiting", CONFIG_MS),
        ("again", "waiting", AGAIN_MS),
        ("token", "waiting", AGAIN_MS),
    ],
)
def test_what_was_answered_says_when_to_try_again(verdict: str, state: str, wait_ms: int) -> None:
    sent = outcome(verdict, "vendor_1")
    assert (sent.state, sent.wait_ms) == (state, wait_ms)


@pytest.mark.parametrize("error", [Unanswered("x", code="unreachable"), Unavailable("x", code="token")])
def test_what_cannot_have_arrived_is_sent_again(error: Unanswered | Unavailable) -> None:
    assert unheard(error).state == "waiting"
    assert unheard(error).detail == error.code


@pytest.mark.parametrize("code", ["timeout", "http_502", "unreadable"])
def test_what_may_have_arrived_is_not_sent_twice(code: str) -> None:
    assert unheard(Unanswered("x", code=code)).state == "uncertain"

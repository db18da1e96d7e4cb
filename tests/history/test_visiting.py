"""A client's side of the contract: what it says again, and where it says it stands."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from miaohui.testing.history.types import Joined, Left, Sent, Visitor
from miaohui.testing.visiting import Visiting


@pytest.fixture
def visiting() -> Visiting:
    one = Visiting(Visitor(tenant="ten1", contact="cont1", conversation="conv1", token="t"))
    one.join(0.0)
    take(one, t="resumed", conv="conv1", epoch="e", recovered=False, snapshot={"seq": 0, "messages": []})
    return one


def take(visiting: Visiting, **frame: Any) -> None:
    visiting.take(1.0, msgspec.json.encode(frame))


def test_what_was_not_acked_is_said_again_in_its_order_under_the_same_id(visiting: Visiting) -> None:
    for cmid in ("c1", "c2", "c3"):
        visiting.keep(cmid, f"words of {cmid}")
        visiting.say(1.0, cmid)
    take(visiting, t="ack", cmid="c1", msg="m1", seq=1, conv="conv1")
    visiting.leave(2.0)
    _, *again = visiting.join(3.0)
    assert [(frame["cmid"], frame["body"]["text"]) for frame in again] == [("c2", "words of c2"), ("c3", "words of c3")]
    kinds = [type(event) for event in visiting.line.events]
    assert kinds[-4:] == [Left, Joined, Sent, Sent]


def test_a_refusal_for_good_is_not_said_again_and_one_for_now_is(visiting: Visiting) -> None:
    for cmid, retryable in (("c1", True), ("c2", False)):
        visiting.keep(cmid, "words")
        take(visiting, t="nack", cmid=cmid, code="x", retryable=retryable, retry_after_ms=0)
    assert list(visiting.unanswered) == ["c1"]


def test_it_resumes_after_the_last_message_and_in_the_middle_of_a_stream(visiting: Visiting) -> None:
    take(visiting, t="msg", conv="conv1", epoch="e", seq=1, msg={"id": "m1", "seq": 1, "text": "问"})
    take(visiting, t="stream.open", conv="conv1", turn="t1", stream="s1", attempt=1)
    take(visiting, t="stream.delta", stream="s1", attempt=1, i=1, text="您")
    take(visiting, t="stream.delta", stream="s1", attempt=1, i=3, text="不连")
    (resume,) = visiting.join(2.0)[0]["resume"]
    assert (resume["epoch"], resume["seq"]) == ("e", 1)
    assert resume["streams"] == [{"id": "s1", "attempt": 1, "i": 1}]


def test_a_stream_whose_message_is_there_is_not_asked_for_any_more(visiting: Visiting) -> None:
    take(visiting, t="stream.open", conv="conv1", turn="t1", stream="s1", attempt=1)
    final = {"id": "m2", "seq": 2, "text": "您好", "final": True, "turn": "t1"}
    take(visiting, t="msg", conv="conv1", epoch="e", seq=2, msg=final)
    (resume,) = visiting.join(2.0)[0]["resume"]
    assert resume["streams"] == []
    assert visiting.open_turns == set()

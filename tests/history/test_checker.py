"""A history with a fault planted in it is found out; without one it is let through."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from miaohui.testing.history.check import INVARIANTS, Promise, check
from miaohui.testing.history.files import read_history, write_history
from miaohui.testing.history.types import (
    Arrival,
    Bounds,
    Cold,
    Effect,
    Fault,
    Got,
    History,
    Joined,
    Left,
    Line,
    Read,
    Sample,
    Sent,
    Stored,
    StoredTurn,
    Visitor,
)

ANSWER = "七天内可以退货。"
Frames = list[dict[str, Any]]


class Story:
    """Two visitors of two companies, two answered messages each; a test spoils it before it is checked."""

    def __init__(self) -> None:
        self.visitors = [Visitor(tenant=f"ten{n}", contact=f"cont{n}", conversation=f"conv{n}") for n in (1, 2)]
        self.whole = True
        self.sends: list[list[Sent]] = [[Sent(0.0, f"c{n}{k}", f"问{n}{k}") for k in (1, 2)] for n in (1, 2)]
        self.frames: list[Frames] = [
            [
                {
                    "t": "resumed",
                    "conv": f"conv{n}",
                    "epoch": "e",
                    "recovered": False,
                    "snapshot": {"seq": 0, "messages": []},
                },
                *self.turn(n, 1),
                *self.turn(n, 2),
            ]
            for n in (1, 2)
        ]
        self.messages = [row for n in (1, 2) for k in (1, 2) for row in self.rows(n, k)]
        self.turns = [StoredTurn(id=f"t{n}{k}", message=f"q{n}{k}", state="answered") for n in (1, 2) for k in (1, 2)]
        self.last_seqs = {"conv1": 4, "conv2": 4}
        self.joined = [Joined(0.0)]
        self.more: dict[str, list[Sent | Got | Read | Joined | Left]] = {}
        """Further events, by tenant."""
        self.arrivals = [
            Arrival(at=float(seq), endpoint="wh1", id=f"e{seq}", conversation="conv1", message=name, seq=seq)
            for seq, name in enumerate(("q11", "a11", "q12", "a12"), 1)
        ]
        self.effects = [Effect(at=1.0, key="t11:1", work="t11:1"), Effect(at=2.0, key="t11:1", work="t11:1")]
        self.samples = [
            Sample(at=0.0, process="a", values={"files": 50}),
            Sample(at=70.0, process="a", values={"files": 52}),
        ]
        self.faults: list[Fault] = []

    def turn(self, n: int, k: int) -> Frames:
        conv, stream, seq = f"conv{n}", f"s{n}{k}", 2 * k
        half = len(ANSWER) // 2
        return [
            self.msg(n, seq - 1, f"q{n}{k}", f"问{n}{k}"),
            {"t": "ack", "cmid": f"c{n}{k}", "msg": f"q{n}{k}", "seq": seq - 1, "conv": conv},
            {"t": "stream.open", "conv": conv, "turn": f"t{n}{k}", "stream": stream, "attempt": 1},
            {"t": "stream.delta", "stream": stream, "attempt": 1, "i": 1, "text": ANSWER[:half]},
            {"t": "stream.delta", "stream": stream, "attempt": 1, "i": 2, "text": ANSWER[half:]},
            self.msg(n, seq, f"a{n}{k}", ANSWER),
            {
                "t": "stream.end",
                "conv": conv,
                "stream": stream,
                "attempt": 1,
                "n": 2,
                "seq": seq,
                "msg": f"a{n}{k}",
                "sha256": sha256(ANSWER.encode()).hexdigest(),
            },
            {"t": "turn.end", "conv": conv, "turn": f"t{n}{k}", "state": "answered"},
        ]

    def msg(self, n: int, seq: int, name: str, text: str) -> dict[str, Any]:
        return {"t": "msg", "conv": f"conv{n}", "epoch": "e", "seq": seq, "msg": {"id": name, "seq": seq, "text": text}}

    def rows(self, n: int, k: int) -> list[Stored]:
        tenant, conv = f"ten{n}", f"conv{n}"
        asked = Stored(
            id=f"q{n}{k}",
            tenant=tenant,
            conversation=conv,
            seq=2 * k - 1,
            sender="visitor",
            text=f"问{n}{k}",
            turn=f"t{n}{k}",
            final=False,
            cmid=f"c{n}{k}",
        )
        answered = msgspec.structs.replace(
            asked, id=f"a{n}{k}", seq=2 * k, sender="assistant", text=ANSWER, final=True, cmid=""
        )
        return [asked, answered]

    def frame(self, kind: str, nth: int = 0) -> dict[str, Any]:
        return [frame for frame in self.frames[0] if frame["t"] == kind][nth]

    def row(self, name: str) -> int:
        return next(i for i, row in enumerate(self.messages) if row.id == name)

    def change_row(self, name: str, **changes: Any) -> None:
        at = self.row(name)
        self.messages[at] = msgspec.structs.replace(self.messages[at], **changes)

    def history(self) -> History:
        lines = []
        for visitor, sends, frames in zip(self.visitors, self.sends, self.frames, strict=True):
            got = [Got(1.0, msgspec.json.encode(frame)) for frame in frames]
            events = [*self.joined, *sends, *got, *self.more.pop(visitor.tenant, [])]
            lines.append(Line(visitor=visitor, events=events, whole=self.whole))
        return History(
            lines=lines,
            cold=Cold(tuple(self.messages), tuple(self.turns), self.last_seqs),
            endpoints={"wh1": "ten1"},
            arrivals=self.arrivals,
            effects=self.effects,
            samples=self.samples,
            faults=self.faults,
            bounds=Bounds(turn_s=60, ack_p99_s=2, most={"files": 100}),
            canaries={"ten1": "canary-of-one", "ten2": "canary-of-two"},
        )

    def promises(self) -> set[Promise]:
        return {violation.promise for violation in check(self.history()).violations}


def _acked_and_lost(story: Story) -> None:
    del story.messages[story.row("q12")]
    del story.messages[story.row("a12")]
    story.last_seqs["conv1"] = 2


def _stored_twice(story: Story) -> None:
    story.messages.append(msgspec.structs.replace(story.messages[story.row("q12")], id="q12b", seq=5))
    story.turns.append(StoredTurn(id="t12b", message="q12b", state="superseded"))
    story.last_seqs["conv1"] = 5


def _acked_twice_differently(story: Story) -> None:
    story.frames[0].append({**story.frame("ack"), "msg": "q99", "seq": 9})


def _numbered_with_a_gap(story: Story) -> None:
    story.change_row("a12", seq=5)


def _shown_with_a_hole(story: Story) -> None:
    story.frames[0].remove(story.frame("msg", 2))


def _shown_other_than_stored(story: Story) -> None:
    story.change_row("q11", text="改过了")


def _committed_out_of_order(story: Story) -> None:
    first, second = story.frame("ack"), story.frame("ack", 1)
    first["seq"], second["seq"] = second["seq"], first["seq"]


def _shown_before_it_was_stored(story: Story) -> None:
    story.frames[0].append(story.msg(1, 5, "phantom", "没有存过"))


def _stored_for_nobody(story: Story) -> None:
    story.change_row("q11", cmid="stranger")


def _refused_and_stored(story: Story) -> None:
    story.frames[0][story.frames[0].index(story.frame("ack"))] = {"t": "nack", "cmid": "c11", "code": "overloaded"}


def _never_answered(story: Story) -> None:
    story.frames[0].remove(story.frame("ack", 1))


def _never_ended(story: Story) -> None:
    story.turns[0] = StoredTurn(id="t11", message="q11", state="running")


def _owed_no_turn(story: Story) -> None:
    del story.turns[0]


def _end_told_twice(story: Story) -> None:
    story.frames[0].append(story.frame("turn.end"))


def _end_never_told(story: Story) -> None:
    story.frames[0].remove(story.frame("turn.end"))


def _two_finals(story: Story) -> None:
    story.change_row("a12", turn="t11")


def _answered_without_words(story: Story) -> None:
    story.change_row("a12", final=False)


def _piece_lost(story: Story) -> None:
    story.frames[0].remove(story.frame("stream.delta", 1))


def _attempts_joined(story: Story) -> None:
    story.frame("stream.delta", 1)["attempt"] = 2


def _streamed_other_than_stored(story: Story) -> None:
    story.frame("stream.delta")["text"] = "三十天"


def _told_of_another_conversation(story: Story) -> None:
    story.frames[0].append(story.msg(2, 1, "q21", "问21"))


def _stored_under_another_tenant(story: Story) -> None:
    story.change_row("q11", tenant="ten2")


def _acked_before_and_stored_after(story: Story) -> None:
    later = msgspec.json.encode({"t": "ack", "cmid": "c13", "msg": "q13", "seq": 2, "conv": "conv1"})
    story.more["ten1"] = [Joined(1.5), Sent(2.0, "c13", "问13"), Got(3.0, later)]


def _read_shows_less_than_was_acked(story: Story) -> None:
    story.more["ten1"] = [Read(3.0, "conv1", 0, ((1, "q11", "问11"),), 2.0)]


def _resumed_past_what_was_seen(story: Story) -> None:
    resumed = {"t": "resumed", "conv": "conv1", "epoch": "e", "recovered": True, "from": 6, "to": 6}
    story.more["ten1"] = [Left(2.0), Joined(3.0), Got(4.0, msgspec.json.encode(resumed))]


def _end_never_shown(story: Story) -> None:
    story.frames[0].remove(story.frame("stream.end", 1))
    story.frames[0].remove(story.frame("msg", 3))


def _told_of_two_ends(story: Story) -> None:
    story.frames[0].append({**story.frame("turn.end"), "state": "failed"})


def _took_too_long(story: Story) -> None:
    story.turns[0] = msgspec.structs.replace(story.turns[0], created_at_ms=1_000, ended_at_ms=62_000)


def _receiver_never_told(story: Story) -> None:
    story.arrivals.pop(2)


def _receiver_told_under_two_ids(story: Story) -> None:
    story.arrivals.append(msgspec.structs.replace(story.arrivals[3], id="e5", seq=0))


def _receiver_told_out_of_order(story: Story) -> None:
    story.arrivals[1] = msgspec.structs.replace(story.arrivals[1], at=9.0)


def _receiver_told_of_a_phantom(story: Story) -> None:
    story.arrivals.append(Arrival(at=9.0, endpoint="wh1", id="e9", conversation="conv1", message="phantom"))


def _receiver_told_of_another_company(story: Story) -> None:
    story.arrivals.append(Arrival(at=9.0, endpoint="wh1", id="e9", conversation="conv2", message="q21"))


def _tool_done_twice(story: Story) -> None:
    story.effects.append(Effect(at=3.0, key="other", work="t11:1"))


def _other_companys_words_came(story: Story) -> None:
    story.frames[0].append({"t": "typing", "text": "canary-of-two"})


def _other_companys_page_was_read(story: Story) -> None:
    story.more["ten1"] = [Read(3.0, "conv2", 0, ((1, "q21", "问21"),), 2.9)]


def _too_many_files(story: Story) -> None:
    story.samples.insert(1, Sample(at=30.0, process="a", values={"files": 101}))


def _files_not_given_back(story: Story) -> None:
    story.samples.append(Sample(at=80.0, process="a", values={"files": 60}))


def _slow_after_the_fault(story: Story) -> None:
    story.faults.append(Fault(name="redis", begin=-100.0, end=-40.0))
    story.sends[0][0] = Sent(-5.0, "c11", "问11")


PLANTED: list[tuple[Callable[[Story], None], Promise]] = [
    (_acked_and_lost, "durable"),
    (_stored_twice, "once"),
    (_acked_twice_differently, "once"),
    (_numbered_with_a_gap, "numbered"),
    (_shown_with_a_hole, "contiguous"),
    (_shown_other_than_stored, "agreed"),
    (_committed_out_of_order, "ordered"),
    (_shown_before_it_was_stored, "genuine"),
    (_stored_for_nobody, "genuine"),
    (_refused_and_stored, "genuine"),
    (_never_answered, "answered"),
    (_never_ended, "unended"),
    (_owed_no_turn, "unended"),
    (_end_told_twice, "one_end"),
    (_end_never_told, "one_end"),
    (_two_finals, "one_final"),
    (_answered_without_words, "one_final"),
    (_piece_lost, "untorn"),
    (_attempts_joined, "untorn"),
    (_streamed_other_than_stored, "untorn"),
    (_told_of_another_conversation, "isolated"),
    (_stored_under_another_tenant, "isolated"),
    (_acked_before_and_stored_after, "ordered"),
    (_read_shows_less_than_was_acked, "ordered"),
    (_resumed_past_what_was_seen, "contiguous"),
    (_end_never_shown, "contiguous"),
    (_told_of_two_ends, "one_end"),
    (_took_too_long, "unended"),
    (_receiver_never_told, "outside"),
    (_receiver_told_under_two_ids, "outside"),
    (_receiver_told_out_of_order, "outside"),
    (_receiver_told_of_a_phantom, "genuine"),
    (_receiver_told_of_another_company, "isolated"),
    (_tool_done_twice, "outside"),
    (_other_companys_words_came, "isolated"),
    (_other_companys_page_was_read, "isolated"),
    (_too_many_files, "bounded"),
    (_files_not_given_back, "bounded"),
    (_slow_after_the_fault, "healed"),
]


def test_a_history_without_fault_is_let_through() -> None:
    assert Story().promises() == set()


@pytest.mark.parametrize(("plant", "promise"), PLANTED, ids=lambda planted: getattr(planted, "__name__", planted))
def test_a_planted_fault_is_found_out(plant: Callable[[Story], None], promise: Promise) -> None:
    story = Story()
    plant(story)
    assert promise in story.promises()


def test_every_promise_has_a_fault_that_breaks_it() -> None:
    assert {promise for _, promise in PLANTED} == set(get_args(Promise))


def test_there_are_thirteen_invariants_and_each_has_a_promise() -> None:
    assert set(INVARIANTS) == set(get_args(Promise))
    assert sorted(set(INVARIANTS.values())) == list(range(1, 14))


def test_a_history_that_was_kept_in_a_file_is_judged_the_same(tmp_path: Path) -> None:
    story = Story()
    _piece_lost(story)
    _receiver_never_told(story)
    history = story.history()
    write_history(history, tmp_path / "history.jsonl")
    again = check(read_history(tmp_path / "history.jsonl"))
    assert again == check(history)
    assert {violation.invariant for violation in again.violations} == {8, 9}


def test_a_send_that_was_tried_again_after_a_lost_connection_is_one_message() -> None:
    story = Story()
    story.sends[0].append(story.sends[0][1])
    story.frames[0].append({**story.frame("ack", 1), "dup": True})
    assert story.promises() == set()


def test_who_was_cut_off_need_not_have_heard_everything() -> None:
    story = Story()
    story.whole = False
    _never_answered(story)
    _end_never_told(story)
    assert story.promises() == set()


def test_a_stream_that_began_again_is_whole() -> None:
    story = Story()
    at = story.frames[0].index(story.frame("stream.delta"))
    begun = {**story.frame("stream.delta"), "text": "错的"}
    reset = {"t": "stream.reset", "stream": "s11", "attempt": 2, "reason": "node_lost"}
    for frame in story.frames[0]:
        if frame.get("stream") == "s11" and frame["t"] != "stream.open":
            frame["attempt"] = 2
    story.frames[0][at:at] = [begun, reset]
    assert story.promises() == set()

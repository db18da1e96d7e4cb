from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaohui.engines.tool_deltas import MOST_BYTES, MOST_CALLS, ToolDeltas, TooManyCalls


def delta(arguments: Any = "", **fields: Any) -> dict[str, Any]:
    name = fields.pop("name", None)
    return {**fields, "function": {"name": name, "arguments": arguments}}


def merged(*chunks: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    deltas = ToolDeltas()
    for chunk in chunks:
        deltas.take(chunk)
    return [(call.id, call.function.name, call.function.arguments) for call in deltas.calls()]


def test_deltas_of_one_index_are_one_call() -> None:
    assert merged([delta("", index=0, id="a", name="find")], [delta('{"x"', index=0)], [delta(": 1}", index=0)]) == [
        ("a", "find", '{"x": 1}')
    ]


def test_interleaved_calls_keep_their_own_arguments() -> None:
    assert merged(
        [delta("{", index=0, id="a", name="one"), delta("[", index=1, id="b", name="two")],
        [delta("]", index=1)],
        [delta("}", index=0)],
    ) == [("a", "one", "{}"), ("b", "two", "[]")]


def test_an_id_that_was_seen_tells_the_call_whatever_the_index() -> None:
    assert merged(
        [delta("{", index=0, id="a", name="one")],
        [delta("{", index=1, id="b", name="two")],
        [delta("}", index=7, id="a")],
        [delta("}", index=0, id="b")],
    ) == [("a", "one", "{}"), ("b", "two", "{}")]


def test_a_new_id_at_a_used_index_begins_a_new_call() -> None:
    assert merged(
        [delta('{"x":1}', index=0, id="a", name="find")], [delta('{"x":2}', index=0, id="b", name="find")]
    ) == [("a", "find", '{"x":1}'), ("b", "find", '{"x":2}')]


def test_an_id_that_comes_late_names_the_call_at_its_index() -> None:
    assert merged([delta("{", index=0, name="find")], [delta("}", index=0, id="a")]) == [("a", "find", "{}")]


@pytest.mark.parametrize("nothing", [{}, {"id": ""}, {"id": None}, {"index": None}, {"id": "", "index": None}])
def test_without_id_and_index_the_call_last_written_to_goes_on(nothing: dict[str, Any]) -> None:
    assert merged(
        [delta("{", index=0, id="a", name="one")], [delta("[", index=1, id="b", name="two")], [delta("]", **nothing)]
    ) == [("a", "one", "{"), ("b", "two", "[]")]


def test_empty_id_and_name_on_a_continuation_are_absent() -> None:
    assert merged([delta("{", index=0, id="a", name="find")], [delta("}", index=0, id="", name="")]) == [
        ("a", "find", "{}")
    ]


def test_a_name_that_is_repeated_with_every_delta_is_one_name() -> None:
    assert merged(
        [delta("{", index=0, id="a", name="find")],
        [delta("}", index=0, id="a", name="find")],
        [delta("", index=0, name="find")],
    ) == [("a", "find", "{}")]


def test_another_name_without_an_id_begins_another_call() -> None:
    assert merged([delta("{}", name="one")], [delta("{}", name="two")], [delta("{}", name="two")]) == [
        ("call_0", "one", "{}"),
        ("call_1", "two", "{}"),
        ("call_2", "two", "{}"),
    ]


def test_an_id_is_made_up_that_no_other_call_has() -> None:
    assert [call[0] for call in merged([delta(index=0, name="a"), delta(index=1, id="call_0", name="b")])] == [
        "call_1",
        "call_0",
    ]


def test_arguments_are_kept_as_written_and_none_are_an_empty_object() -> None:
    assert merged([delta('{"x": ', index=0, id="a", name="find")]) == [("a", "find", '{"x":')]
    assert merged([delta(None, index=0, id="a", name="find")]) == [("a", "find", "{}")]
    assert merged([delta({"x": 1}, index=0, id="a", name="find")]) == [("a", "find", '{"x":1}')]


@pytest.mark.parametrize("junk", [None, "text", [None, 3, "x"], [{"function": None}], [{"id": 7, "index": "0"}], {}])
def test_junk_is_no_call(junk: Any) -> None:
    deltas = ToolDeltas()
    deltas.take(junk)
    deltas.take_whole(junk)
    assert deltas.calls() == ()


def test_of_a_whole_answer_an_entry_that_stands_twice_counts_once() -> None:
    deltas = ToolDeltas()
    once, other = delta("{}", id="a", name="refund"), delta('{"n": 2}', id="a", name="refund")
    deltas.take_whole([once, once, other])
    assert [(call.id, call.function.arguments) for call in deltas.calls()] == [("a", "{}"), ("call_1", '{"n": 2}')]


def test_calls_and_arguments_are_bounded() -> None:
    with pytest.raises(TooManyCalls):
        merged([delta(id=str(i), name="x") for i in range(MOST_CALLS + 1)])
    with pytest.raises(TooManyCalls):
        merged(*[[delta("x" * 1024, index=0, id="a", name="x")]] * (MOST_BYTES // 1024 + 1))
    assert len(merged([delta(id=str(i), name="x") for i in range(MOST_CALLS)])) == MOST_CALLS


@given(st.lists(st.text(max_size=20), min_size=1, max_size=4), st.data())
def test_however_arguments_are_cut_they_come_out_whole(texts: list[str], data: st.DataObject) -> None:
    deltas = ToolDeltas()
    rest = {i: text for i, text in enumerate(texts) if text.strip()}
    for i in range(len(texts)):
        deltas.take([delta("", index=i, id=f"id{i}", name="f")])
    while rest:
        i = data.draw(st.sampled_from(sorted(rest)))
        at = data.draw(st.integers(1, len(rest[i])))
        deltas.take([delta(rest[i][:at], index=i, id=data.draw(st.sampled_from(["", f"id{i}"])))])
        rest[i] = rest[i][at:]
        if not rest[i]:
            del rest[i]
    assert [call.function.arguments for call in deltas.calls()] == [text.strip() or "{}" for text in texts]


def test_a_whole_call_said_twice_under_one_id_is_one_call() -> None:
    deltas = ToolDeltas()
    said = {"index": 0, "id": "a", "function": {"name": "find", "arguments": '{"order": "A1"}'}}
    deltas.take([said])
    deltas.take([{**said, "index": 1}])
    assert [call.function.arguments for call in deltas.calls()] == ['{"order": "A1"}']


def test_a_piece_that_looks_like_the_one_before_is_not_taken_for_a_repetition() -> None:
    deltas = ToolDeltas()
    for piece in ('{"order": "', "1", "1", '"}'):
        deltas.take([{"index": 0, "id": "a", "function": {"name": "find", "arguments": piece}}])
    assert [call.function.arguments for call in deltas.calls()] == ['{"order": "11"}']

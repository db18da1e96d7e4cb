"""One answer from chunks: a batch taken at once says what its chunks say one by one."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaohui.engines import sse
from miaohui.engines.assembly import LOOP_CHUNKS, Assembly, split_plain
from miaohui.engines.errors import EngineFailed

_TEXTS = st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=12)


def chunk(text: str, **more: Any) -> bytes:
    """One event as a provider sends it."""
    payload = {"choices": [{"index": 0, "delta": {"content": text}, **more}]}
    return b"data: " + msgspec.json.encode(payload) + b"\n\n"


def one_by_one(assembly: Assembly, data: bytes) -> str:
    """The long way."""
    return assembly.take(sse.Decoder().feed(data))


@given(_TEXTS)
def test_a_batch_of_plain_chunks_reads_as_the_chunks_do(texts: list[str]) -> None:
    data = b"".join(map(chunk, texts))
    assert Assembly().take_plain(data) == one_by_one(Assembly(), data) == "".join(texts)


def test_going_round_in_circles_is_cut_at_the_same_place_either_way() -> None:
    data = chunk("再来一次") * (LOOP_CHUNKS + 20)
    fast, slow = Assembly(), Assembly()
    assert fast.take_plain(data) == one_by_one(slow, data)
    assert (fast.cut, fast.finish) == (slow.cut, slow.finish) == (True, "length")


@given(_TEXTS)
def test_the_end_of_an_answer_is_told_apart_from_its_text(texts: list[str]) -> None:
    said = b"".join(map(chunk, texts))
    tail = b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
    assert split_plain(said + tail) == (said, tail)
    assert split_plain(said + chunk("完")[:-3]) == (said, chunk("完")[:-3])
    assert split_plain(said) == (said, b"")
    assert split_plain(chunk("half")[:-1]) == (b"", chunk("half")[:-1])


def test_an_answer_that_quotes_an_end_is_not_ended_by_it() -> None:
    said = chunk('the field is "finish_reason":"stop"') + chunk("好")
    assert split_plain(said) == (said, b"")
    assert Assembly().take_plain(said) == 'the field is "finish_reason":"stop"好'


def test_whatever_is_not_plain_takes_the_long_way_and_loses_nothing() -> None:
    plain = chunk("好")
    for odd in (
        chunk("完", finish_reason="stop"),
        b"data: [DONE]\n\n",
        b": keep-alive\n\n",
        b'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}\n\n',
        b'data: {"choices":[{"delta":{"reasoning_content":"hm"}}]}\n\n',
        b"event: x\n" + plain,
    ):
        assembly = Assembly()
        assert assembly.take_plain(plain + odd) is None
        assert one_by_one(assembly, plain + odd).startswith("好")


def test_half_an_event_is_not_taken_for_a_whole_one() -> None:
    data = chunk("好") + chunk("的")
    assert [Assembly().take_plain(data[:end]) for end in range(len(data)) if end != len(chunk("好"))] == [None] * (
        len(data) - 1
    )


def test_two_objects_in_one_event_are_as_malformed_in_a_batch_as_alone() -> None:
    twins = chunk("一").strip() + b"," + chunk("二")[len(b"data: ") :]
    assert Assembly().take_plain(twins) is None
    with pytest.raises(EngineFailed) as failure:
        one_by_one(Assembly(), twins)
    assert failure.value.code == "malformed_chunk"

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaohui.engines.sse import Decoder, ServerEvent, TooLong

LINES = st.sampled_from(
    [
        b"data: {}",
        b'data:{"a": 1}',
        b"data",
        b"data:",
        b": ping",
        b"event: error",
        b"id: 7",
        b"retry: 5",
        "data: 您好😀".encode(),
        b"",
        b"",
        b"nonsense",
    ]
)
ENDS = st.sampled_from([b"\n", b"\r", b"\r\n"])
STREAMS = st.tuples(st.sampled_from([b"", b"\xef\xbb\xbf"]), st.lists(st.tuples(LINES, ENDS), max_size=30)).map(
    lambda parts: parts[0] + b"".join(line + end for line, end in parts[1])
)


def decode(*pieces: bytes) -> list[ServerEvent]:
    decoder = Decoder()
    return [event for piece in pieces for event in decoder.feed(piece)] + decoder.flush()


@given(STREAMS, st.data())
def test_any_split_gives_the_same_events(stream: bytes, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=12).map(sorted))
    pieces = [stream[a:b] for a, b in pairwise([0, *cuts, len(stream)])]
    assert decode(*pieces) == decode(stream)
    assert decode(*[stream[i : i + 1] for i in range(len(stream))]) == decode(stream)


@given(STREAMS)
def test_the_kind_of_line_end_does_not_matter(stream: bytes) -> None:
    plain = stream.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    assert decode(stream) == decode(plain) == decode(plain.replace(b"\n", b"\r\n"))


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"data: one\n\n", [ServerEvent(b"one")]),
        (b"data:one\n\n", [ServerEvent(b"one")]),
        (b"data:  one\n\n", [ServerEvent(b" one")]),
        (b"data: one\ndata: two\n\n", [ServerEvent(b"one\ntwo")]),
        (b"event: error\ndata: x\n\ndata: y\n\n", [ServerEvent(b"x", "error"), ServerEvent(b"y")]),
        (b": ping\n\n: ping\n\n", []),
        (b"event: gone\n\ndata: x\n\n", [ServerEvent(b"x")]),
        (b"data\n\n", [ServerEvent(b"")]),
        (b"id: 1\nretry: 2\ndata: x\n\n\n\n", [ServerEvent(b"x")]),
        (b"\xef\xbb\xbfdata: x\n\n", [ServerEvent(b"x")]),
        (b"data: open at the end", [ServerEvent(b"open at the end")]),
        (b"data: x\r\rdata: y\r\n\r\n", [ServerEvent(b"x"), ServerEvent(b"y")]),
    ],
)
def test_events_are_read_as_the_standard_has_it(stream: bytes, events: list[ServerEvent]) -> None:
    assert decode(stream) == events


def test_a_byte_order_mark_counts_only_at_the_start() -> None:
    assert decode(b"data: x\n\n", b"\xef\xbb\xbfdata: y\n\n") == [ServerEvent(b"x")]


@pytest.mark.parametrize("piece", [b"x" * 40, b"data: " + b"x" * 20 + b"\n"])
def test_an_event_over_the_bound_is_refused_and_memory_stays_bounded(piece: bytes) -> None:
    decoder = Decoder(max_event_bytes=100)
    with pytest.raises(TooLong):
        [decoder.feed(piece) for _ in range(20)]


def test_many_short_events_are_no_long_one() -> None:
    decoder = Decoder(max_event_bytes=100)
    assert sum(len(decoder.feed(b"data: 12345\n\n: and a comment\n")) for _ in range(100)) == 100

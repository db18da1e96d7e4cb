"""How far a client has read, as a line of text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaohui.channels.cursor import Cursor, format_cursor, parse_cursor
from miaohui.kit.errors import Invalid
from miaohui.realtime.events import StreamDelta, StreamEnded, StreamOpened, StreamReset
from miaohui.realtime.frames import Resumed, Snapshot, encode_resumed

NAMES = st.text("abcdefXYZ019_-", min_size=1, max_size=20)
COUNTS = st.integers(0, 10**15)


@given(NAMES, COUNTS, st.dictionaries(NAMES, st.tuples(COUNTS, COUNTS), max_size=8))
def test_what_was_written_is_read_again(epoch: str, seq: int, streams: dict[str, tuple[int, int]]) -> None:
    cursor = Cursor(epoch=epoch, seq=seq, streams=streams)
    assert parse_cursor(format_cursor(cursor)) == cursor


@given(st.text(max_size=80))
def test_whatever_text_comes_it_is_a_position_or_refused(text: str) -> None:
    try:
        cursor = parse_cursor(text)
    except Invalid:
        return
    assert cursor.seq >= 0
    assert len(cursor.epoch) <= 64
    assert len(cursor.streams) <= 9


def test_no_text_is_the_beginning_and_the_streams_may_be_left_out() -> None:
    assert parse_cursor("") == Cursor()
    assert parse_cursor("e7:44") == parse_cursor("e7:44:") == Cursor(epoch="e7", seq=44)
    assert parse_cursor("e7:44:s3.1.18,s4.2.0").seen[1].attempt == 2


@pytest.mark.parametrize("text", ["e7", "e7:x", "e7:-1", "e7:1.5:", "e7:1:s.1", "e7:1:s.1.x", "e7:٣", "e7:" + "9" * 17])
def test_a_line_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse_cursor(text)


def test_a_stream_is_kept_until_it_ends_and_a_new_attempt_begins_at_nothing() -> None:
    cursor = Cursor()
    cursor.advance(b"", StreamOpened("c", "t", "s", 1))
    cursor.advance(b"", StreamDelta("s", 1, 3, "你好"))
    assert cursor.streams == {"s": (1, 3)}
    cursor.advance(b"", StreamReset("s", 2, "node_lost"))
    assert cursor.streams == {"s": (2, 0)}
    cursor.advance(b"", StreamEnded("c", "s", 2, 0, 5, "m", "h"))
    assert cursor.streams == {}


def test_a_resume_sets_the_epoch_and_a_snapshot_the_position_too() -> None:
    cursor = Cursor(epoch="old", seq=40, streams={"s": (1, 1)})
    cursor.advance(encode_resumed(Resumed(conv="c", epoch="new", recovered=True, first=41, last=43)), None)
    assert (cursor.epoch, cursor.seq, cursor.promised, cursor.streams) == ("new", 40, 43, {"s": (1, 1)})
    shot = Snapshot(seq=7, status="pending", messages=(), more=False)
    cursor.advance(encode_resumed(Resumed(conv="c", epoch="newer", recovered=False, snapshot=shot)), None)
    assert (cursor.epoch, cursor.seq, cursor.promised, cursor.streams) == ("newer", 7, 0, {})

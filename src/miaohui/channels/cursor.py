"""How far a client has read, as one line of text: `epoch:seq:stream.attempt.i,…`.

It is the `id:` of server-sent events, so `Last-Event-ID` is the resume, and the `cursor` of the long poll.
"""

from __future__ import annotations

import msgspec

from miaohui.channels.frames import StreamSeen
from miaohui.conversations.types import Position
from miaohui.kit.errors import FieldError, Invalid
from miaohui.realtime.events import (
    AnyEvent,
    MessagePosted,
    StreamDelta,
    StreamEnded,
    StreamOpened,
    StreamReset,
)
from miaohui.realtime.frames import Resumed

_STREAMS = 8
_resumed = msgspec.json.Decoder(Resumed)


class Cursor(msgspec.Struct):
    """Moves on with every event that is handed to the client."""

    epoch: str = ""
    seq: int = 0
    streams: dict[str, tuple[int, int]] = {}
    """Attempt and last delta by stream."""
    promised: int = 0
    """Up to here messages follow the last resume."""

    @property
    def position(self) -> Position:
        return Position(epoch=self.epoch, seq=self.seq)

    @property
    def seen(self) -> tuple[StreamSeen, ...]:
        return tuple(StreamSeen(id=name, attempt=at[0], i=at[1]) for name, at in self.streams.items())

    def advance(self, frame: bytes, event: AnyEvent | None) -> None:
        """Take note of one delivery; what has no place in the order changes nothing."""
        match event:
            case MessagePosted():
                self.epoch = event.epoch
                self.seq = max(self.seq, event.msg.seq)
            case StreamDelta():
                self._note(event.stream, event.attempt, event.i)
            case StreamOpened() | StreamReset():
                self._note(event.stream, event.attempt, 0)
            case StreamEnded():
                self.streams.pop(event.stream, None)
            case None if frame.startswith(b'{"t":"resumed"'):
                self._resume(_resumed.decode(frame))

    def _note(self, stream: str, attempt: int, i: int) -> None:
        if stream not in self.streams and len(self.streams) >= _STREAMS:
            self.streams.pop(next(iter(self.streams)))
        self.streams[stream] = (attempt, i)

    def _resume(self, resumed: Resumed) -> None:
        """A snapshot sets the position anew; a recovered resume is followed by the messages themselves."""
        self.epoch = resumed.epoch
        self.promised = resumed.last
        if resumed.snapshot is not None:
            self.seq = resumed.snapshot.seq
            self.streams.clear()


def format_cursor(cursor: Cursor) -> str:
    """`e7:44:s3.1.18`; the last part is empty while nothing streams."""
    streams = ",".join(f"{name}.{attempt}.{i}" for name, (attempt, i) in cursor.streams.items())
    return f"{cursor.epoch}:{cursor.seq}:{streams}"


def parse_cursor(text: str) -> Cursor:
    """The position in `text`; empty text is the beginning, and the streams may be left out. Raises `Invalid`."""
    if not text:
        return Cursor()
    try:
        epoch, seq, streams = (text if text.count(":") > 1 else text + ":").rsplit(":", 2)
        return Cursor(epoch=epoch[:64], seq=_count(seq), streams=_parse_streams(streams))
    except ValueError:
        detail = "The position is not one that this service gave out; begin without one."
        raise Invalid(detail, errors=[FieldError("cursor", "epoch:seq:stream.attempt.i")]) from None


def _parse_streams(text: str) -> dict[str, tuple[int, int]]:
    streams: dict[str, tuple[int, int]] = {}
    for part in text.split(",", _STREAMS) if text else ():
        name, attempt, i = part.rsplit(".", 2)
        streams[name] = (_count(attempt), _count(i))
    return streams


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 16):
        raise ValueError(text)
    return int(text)

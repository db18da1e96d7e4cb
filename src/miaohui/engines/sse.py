"""Server-sent events, decoded from bytes as they come. Pure.

Follows https://html.spec.whatwg.org/multipage/server-sent-events.html (parsing an event stream), except that an event
left open at the end of the stream is given too: some providers close without the last blank line.
"""

from __future__ import annotations

import msgspec

MAX_EVENT_BYTES = 16 * 1024 * 1024
"""The longest event that is read; an upstream that sends more is broken."""
_BOM = b"\xef\xbb\xbf"


class ServerEvent(msgspec.Struct, frozen=True, gc=False):
    """One dispatched event."""

    data: bytes
    event: str = "message"


class TooLong(Exception):
    """An event exceeds the bound."""


class Decoder:
    """Takes bytes in any split, gives whole events; no split changes what is given."""

    def __init__(self, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self._max = max_event_bytes
        self._line: list[bytes] = []
        self._line_bytes = 0
        self._data: list[bytes] = []
        self._data_bytes = 0
        self._name = ""
        self._after_cr = False
        self._head: bytes | None = b""

    @property
    def is_between(self) -> bool:
        """Whether an event may begin here: nothing of an earlier one is held."""
        return self._head is None and not (self._line or self._data or self._name or self._after_cr)

    def feed(self, data: bytes) -> list[ServerEvent]:
        """Events completed by `data`. Raises `TooLong`."""
        if self._head is not None:
            data = self._skip_bom(data)
        if self._after_cr and data:
            self._after_cr = False
            if data[:1] == b"\n":
                data = data[1:]
        if b"\r" in data:
            self._after_cr = data[-1:] == b"\r"
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        elif b"\n" not in data:
            self._keep(data)
            return []
        return self._take_lines(data)

    def _skip_bom(self, data: bytes) -> bytes:
        data = (self._head or b"") + data
        if len(data) < len(_BOM) and _BOM.startswith(data):
            self._head = data
            return b""
        self._head = None
        return data.removeprefix(_BOM)

    def _keep(self, part: bytes) -> None:
        if part:
            self._line.append(part)
            self._line_bytes += len(part)
            if self._line_bytes + self._data_bytes > self._max:
                raise TooLong

    def _take_lines(self, data: bytes) -> list[ServerEvent]:
        if self._line:
            self._line.append(data)
            data = b"".join(self._line)
            self._line.clear()
            self._line_bytes = 0
        events: list[ServerEvent] = []
        blocks = data.split(b"\n\n")
        rest = blocks.pop()
        for block in blocks:
            # Nearly every event is one line of data; it needs no state.
            if block[:6] == b"data: " and not self._data and not self._name and b"\n" not in block:
                if len(block) > self._max:
                    raise TooLong
                events.append(ServerEvent(block[6:]))
            else:
                for line in block.split(b"\n"):
                    self._take_line(line, events)
                self._dispatch(events)
        lines = rest.split(b"\n")
        partial = lines.pop()
        for line in lines:
            self._take_line(line, events)
        self._keep(partial)
        return events

    def _take_line(self, line: bytes, events: list[ServerEvent]) -> None:
        if not line:
            self._dispatch(events)
            return
        field, _, value = line.partition(b":")
        if field == b"data":
            self._data.append(value[1:] if value[:1] == b" " else value)
            self._data_bytes += len(line)
            if self._data_bytes > self._max:
                raise TooLong
        elif field == b"event":
            self._name = value.removeprefix(b" ").decode("utf-8", "replace")

    def _dispatch(self, events: list[ServerEvent]) -> None:
        if self._data:
            events.append(ServerEvent(b"\n".join(self._data), self._name or "message"))
            self._data.clear()
            self._data_bytes = 0
        self._name = ""

    def flush(self) -> list[ServerEvent]:
        """The event left open at the end of the stream, if any."""
        events: list[ServerEvent] = []
        if self._head:
            self._keep(self._head)
            self._head = None
        if self._line:
            line = b"".join(self._line)
            self._line.clear()
            self._line_bytes = 0
            self._take_line(line, events)
        self._dispatch(events)
        return events

"""The client's half of RFC 6455, as little of it as a load generator needs.

Masks are zero: the header's mask bit is set, so the server unmasks as for any browser, and this side pays nothing.
"""

from __future__ import annotations

PATH = "/v1/ws"
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
_NO_MASK = b"\0\0\0\0"
# RFC 6455 leaves the key to the client; a fixed one makes the handshake one constant.
_KEY = "bWlhb2h1aS1iZW5jaC0wMA=="


def handshake(host: str) -> bytes:
    """The upgrade request."""
    lines = (
        f"GET {PATH} HTTP/1.1",
        f"Host: {host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {_KEY}",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Protocol: miaohui.v1+json",
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def client_frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """One whole, masked frame."""
    size = len(payload)
    if size < 126:
        head = bytes((0x80 | opcode, 0x80 | size))
    elif size < 65_536:
        head = bytes((0x80 | opcode, 0xFE)) + size.to_bytes(2, "big")
    else:
        head = bytes((0x80 | opcode, 0xFF)) + size.to_bytes(8, "big")
    return head + _NO_MASK + payload


class FrameReader:
    """Frames out of bytes as they come. Fragmented messages raise `ValueError`: the server never sends any."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """Opcodes and payloads of the frames that are whole by now."""
        if self._rest:
            data = self._rest + data
        frames = []
        at, end = 0, len(data)
        while end - at >= 2:
            first, size, start = data[at], data[at + 1], at + 2
            if size == 126:
                size, start = int.from_bytes(data[start : start + 2], "big"), start + 2
            elif size == 127:
                size, start = int.from_bytes(data[start : start + 8], "big"), start + 8
            if start > end or start + size > end:
                break
            if not first & 0x80:
                raise ValueError("a fragmented message")
            frames.append((first & 0x0F, data[start : start + size]))
            at = start + size
        self._rest = data[at:]
        return frames

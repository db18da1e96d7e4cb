"""The bytes that the scripted provider is made of."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import msgspec


class Wait(NamedTuple):
    """Say nothing for a while."""

    seconds: float


class Close(NamedTuple):
    """Close the connection: properly, or with a reset."""

    reset: bool = False


Act: TypeAlias = bytes | Wait | Close

SSE = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
SSE_UNTIL_EOF = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
END = b"0\r\n\r\n"
DONE = b"data: [DONE]\n\n"


def framed(data: bytes) -> bytes:
    """One HTTP chunk."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def event(payload: Any) -> bytes:
    """One event."""
    return b"data: " + msgspec.json.encode(payload) + b"\n\n"


def chunk(text: str, finish: str | None = None) -> bytes:
    """One chunk of an answer."""
    delta = {"content": text} if text else {}
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return event({"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "sim", "choices": [choice]})


def choices(*choices: dict[str, Any], **more: Any) -> bytes:
    """One chunk with these choices."""
    return event({"id": "c1", "choices": list(choices), **more})


def http(status: str, body: bytes | dict[str, Any], *headers: str, kind: str = "application/json") -> list[Act]:
    """A whole response."""
    data = body if isinstance(body, bytes) else msgspec.json.encode(body)
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(data)}", *headers]
    return ["\r\n".join(lines).encode() + b"\r\n\r\n" + data]


def stream(*parts: bytes) -> list[Act]:
    """A whole event stream, one HTTP chunk a part."""
    return [SSE + b"".join(framed(part) for part in parts) + END]

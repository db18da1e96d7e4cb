"""Every bound a door keeps, taken from the settings."""

from __future__ import annotations

from typing import Any

import msgspec

from miaohui.channels.media.terms import PICTURE_BYTES


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes, seconds and counts; each is the setting of the same name."""

    frame_bytes: int = 65_536
    message_chars: int = 16_384
    """Bytes of one message's text."""
    body_bytes: int = 1_048_576
    hello_seconds: float = 5
    header_seconds: float = 10
    body_seconds: float = 30
    heartbeat_seconds: float = 25
    connections: int = 20_000
    newcomers_per_second: float = 500
    newcomers_burst: int = 1_000
    newcomers_at_once: int = 32
    uploads_at_once: int = 16
    file_bytes: int = 26_214_400
    """Of the largest kind of file."""
    document_bytes: int = 10_485_760
    """Of a document to learn from."""
    queue_frames: int = 256
    queue_bytes: int = 1_048_576
    drain_seconds: float = 20
    turn_deadline_s: float = 60
    running_turns: int = 5_000
    visitor_messages_per_minute: int = 30
    login_attempts_per_minute: int = 10

    @classmethod
    def of(cls, settings: Any) -> Bounds:
        """The bounds in `settings`; what it does not name keeps its default."""
        given = {name: getattr(settings, name) for name in cls.__struct_fields__ if hasattr(settings, name)}
        if kinds := getattr(settings, "file_kb", None):
            given["file_bytes"] = max(PICTURE_BYTES, *(most * 1_024 for most in kinds.values()))
        return cls(**given)


PONG_SECONDS = 8.0
"""How long a client may take to answer a heartbeat."""
WATCHES = 64
"""Conversations that one connection may follow."""
PENDING_SENDS = 32
"""Messages of one connection that may wait for their commit; the next is refused as `overloaded`."""
PENDING_REQUESTS = 64
"""Watches and the like of one connection that may wait for their turn."""
CATCH_UP = 8
"""While a client catches up its queue may hold so many times the usual: a page comes at once, the next one only when
this one was read."""
FRAMES_PER_SECOND = 50.0
FRAME_BURST = 200.0
CONNECTIONS_PER_PRINCIPAL = 40
"""Tabs and devices of one person."""

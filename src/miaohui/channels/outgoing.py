"""What waits for one client, bounded."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from miaohui.channels.bounds import Bounds


class Outgoing:
    """Frames that wait for the client; bounded in number and in bytes. Empty, it holds next to nothing."""

    __slots__ = ("_bounds", "_bytes", "_frames")

    def __init__(self, limits: Bounds) -> None:
        self._bounds = limits
        self._frames: deque[tuple[bytes, Any]] | None = None
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._frames) if self._frames else 0

    @property
    def waits(self) -> bool:
        """Whether anything does."""
        return self._frames is not None

    @property
    def roomy(self) -> bool:
        """Whether less than half is taken, so that a page of a long catch-up fits."""
        return len(self) * 4 <= self._bounds.queue_frames and self._bytes * 2 <= self._bounds.queue_bytes

    def push(self, frame: bytes, event: Any = None, *, times: int = 1) -> bool:
        """False when the queue, or so many times the queue, is full: the client reads too slowly."""
        full = len(self) >= self._bounds.queue_frames * times
        if full or self._bytes + len(frame) > self._bounds.queue_bytes * times:
            return False
        if self._frames is None:
            self._frames = deque()
        self._frames.append((frame, event))
        self._bytes += len(frame)
        return True

    @property
    def first(self) -> bytes:
        """The oldest frame, which stays. Raises `IndexError` when nothing waits."""
        if not self._frames:
            raise IndexError("nothing waits")
        return self._frames[0][0]

    def pop(self) -> tuple[bytes, Any]:
        """The oldest frame, and the event it tells of (None for the door's own and for a catch-up's head)."""
        if not self._frames:
            raise IndexError("nothing waits")
        frame, event = self._frames.popleft()
        self._bytes -= len(frame)
        if not self._frames:
            self._frames = None
        return frame, event

    def clear(self) -> None:
        """Drop what waits."""
        self._frames = None
        self._bytes = 0

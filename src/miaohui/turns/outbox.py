"""A turn's token stream on its way to the watchers."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

from miaohui.kit import crash
from miaohui.realtime.events import StreamDelta, StreamEnded, StreamOpened, StreamReset, TurnEnded
from miaohui.turns.policy import digest, stream_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from miaohui.conversations.types import Ended, Turn
    from miaohui.realtime.events import AnyEvent
    from miaohui.realtime.service import Realtime

PIECE_SHOWN = crash.point("stream.piece", "a piece of the answer was shown, the answer is not durable")
SHOWN = crash.point("answer.shown", "the end of the turn was told")

ATTEMPTS_PER_CLAIM = 10
"""Numbers set aside for the engine attempts of one claim, so that those of the next claim are always higher."""


class StreamOutbox:
    """Publishes one turn's stream. `i` counts the pieces of an attempt; text of two attempts never meets."""

    __slots__ = (
        "_attempt",
        "_i",
        "_listening",
        "_opened",
        "_pieces",
        "_realtime",
        "_stream",
        "_turn",
        "stopped",
        "task",
    )

    def __init__(self, realtime: Realtime, turn: Turn) -> None:
        self._realtime = realtime
        self._turn = turn
        self._stream = stream_id(turn)
        self._attempt = (turn.attempt - 1) * ATTEMPTS_PER_CLAIM + 1
        self._i = 0
        self._opened = False
        self._pieces: list[str] = []
        self.stopped = ""
        self._listening = False
        self.task: asyncio.Task[object] | None = None

    @property
    def tenant_id(self) -> str:
        """Whose words these are."""
        return self._turn.tenant_id

    @property
    def said(self) -> str:
        """What this attempt has said so far."""
        return "".join(self._pieces)

    def open(self) -> None:
        """Begin; after a crash, void what the attempt before had shown."""
        if self._opened:
            return
        self._opened = True
        self._tell(StreamOpened(self._turn.conversation_id, self._turn.id, self._stream, self._attempt))
        if self._turn.attempt > 1:
            self._tell(StreamReset(self._stream, self._attempt, "node_lost"))

    def say(self, text: str) -> None:
        """Some more words."""
        if text and not self.stopped:
            self._i += 1
            self._pieces.append(text)
            self._tell(StreamDelta(self._stream, self._attempt, self._i, text))
            PIECE_SHOWN()

    def reset(self, reason: str) -> None:
        """Void what was said; another attempt begins."""
        self._attempt += 1
        self._i = 0
        self._pieces.clear()
        if self._opened:
            self._tell(StreamReset(self._stream, self._attempt, reason))

    @contextmanager
    def listening(self) -> Iterator[None]:
        """While the engine is listened to, a stop need not wait for its next piece."""
        self._listening = True
        try:
            yield
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if not self.stopped or task is None:
                raise
            task.uncancel()
        finally:
            self._listening = False

    def stop(self, reason: str) -> None:
        """No further word is wanted; wakes the story up if it waits for the engine."""
        self.stopped = self.stopped or reason
        if self._listening and self.task is not None:
            self.task.cancel()

    def agree(self, text: str) -> None:
        """A stream ends as its message reads: other last words than those begun are told as another attempt."""
        if self._opened and self.said != text:
            self.reset("replaced")
            self._i = 1
            self._tell(StreamDelta(self._stream, self._attempt, 1, text))

    def close(self, ended: Ended) -> None:
        """Tell how it ended; the durable message was told before."""
        turn = self._turn
        if self._opened and ended.message is not None:
            message = ended.message
            self._tell(
                StreamEnded(
                    turn.conversation_id,
                    self._stream,
                    self._attempt,
                    self._i,
                    message.seq,
                    message.id,
                    digest(message.text),
                )
            )
        retryable = ended.state == "failed"
        self._tell(TurnEnded(turn.conversation_id, turn.id, ended.state, ended.reason, retryable))
        SHOWN()

    def _tell(self, event: AnyEvent) -> None:
        self._realtime.publish(self._turn.tenant_id, self._turn.conversation_id, event)

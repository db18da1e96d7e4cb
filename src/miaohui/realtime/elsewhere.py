"""What other nodes say, brought into this node's feeds: in order, and filled where something was not heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from miaohui.kit import metrics
from miaohui.kit.aio import launch
from miaohui.kit.errors import MiaohuiError
from miaohui.kit.telemetry import get_log
from miaohui.realtime.events import (
    AnyEvent,
    MessagePosted,
    StreamDelta,
    StreamEnded,
    StreamOpened,
    StreamReset,
    TurnEnded,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from miaohui.realtime.feed import Feed
    from miaohui.realtime.ports import Fanout, History

PAGE = 300

HOLES = metrics.counter("miaohui_feed_holes_total", "Holes in what this node heard, filled from the database.")

_log = get_log(__name__)


class Elsewhere:
    """Applies announcements to feeds. While a feed is being filled, what is heard of it waits its turn."""

    def __init__(self, history: History, fanout: Fanout, epoch: str, settled: Callable[[Feed], None]) -> None:
        self._history = history
        self._fanout = fanout
        self.epoch = epoch
        self._settled = settled

    def committed(self, feed: Feed, seq: int) -> None:
        """A message was committed that this feed does not have."""
        feed.announced = max(feed.announced, seq)
        if not feed.filling:
            HOLES.inc()
            feed.filling = True
            launch(self._fill(feed), name=f"fill:{feed.id}")

    def heard(self, feed: Feed, event: AnyEvent) -> None:
        """Something transient happened."""
        if feed.filling:
            feed.put_off(event)
        else:
            self._apply(feed, event)

    async def fill(self, feed: Feed) -> None:
        """Bring a feed up to date, unless that is being done."""
        if not feed.filling:
            feed.filling = True
            await self._fill(feed)

    async def learn(self, feed: Feed, stream_ids: Sequence[str]) -> None:
        """Get to know streams that a client has seen on another node."""
        for stream_id in stream_ids:
            if stream_id not in feed.streams:
                self._replay(feed, stream_id, await self._fanout.stream_so_far(stream_id))

    async def _fill(self, feed: Feed) -> None:
        try:
            while True:
                page = await self._history.messages_after(feed.tenant_id, feed.id, feed.top, PAGE)
                for message in page:
                    feed.tell(MessagePosted(feed.id, self.epoch, message))
                if not page or (len(page) < PAGE and feed.top >= feed.announced):
                    break
        except MiaohuiError as error:
            _log.warning("feed.not_filled", conversation=feed.id, reason=error.code)
        finally:
            feed.announced = feed.top
            self._catch_up(feed)

    async def _fill_stream(self, feed: Feed, missing: StreamDelta | StreamEnded) -> None:
        try:
            self._replay(feed, missing.stream, await self._fanout.stream_so_far(missing.stream))
            if _misses(feed, missing):
                feed.give_up(missing.stream, missing.attempt)
        finally:
            self._catch_up(feed)

    def _replay(self, feed: Feed, stream_id: str, told: Sequence[AnyEvent]) -> None:
        if any(isinstance(event, StreamEnded) for event in told) and stream_id not in feed.streams:
            return
        for event in told:
            if not isinstance(event, StreamEnded) and not _is_old(feed, event) and not _misses(feed, event):
                feed.tell(event)

    def _catch_up(self, feed: Feed) -> None:
        """Filled: what was heard meanwhile comes now."""
        feed.filling = False
        while feed.later and not feed.filling:
            self._apply(feed, feed.later.popleft())
        if feed.announced > feed.top and not feed.filling:
            self.committed(feed, feed.announced)

    def _apply(self, feed: Feed, event: AnyEvent) -> None:
        if _is_old(feed, event):
            return
        if _misses(feed, event):
            feed.put_off(event, first=True)
            feed.filling = True
            launch(self._fill_stream(feed, event), name=f"stream-fill:{event.stream}")  # type: ignore[arg-type,union-attr]
            return
        feed.tell(event)
        if isinstance(event, TurnEnded):
            self._settled(feed)


def _is_old(feed: Feed, event: AnyEvent) -> bool:
    """Told already, of an attempt that is void, of a stream that was given up, or said after a human took over."""
    if not isinstance(event, StreamOpened | StreamDelta | StreamReset | StreamEnded):
        return False
    stream = feed.streams.get(event.stream)
    if stream is None:
        return feed.silent or not isinstance(event, StreamOpened | StreamDelta)
    if event.attempt != stream.attempt:
        return event.attempt < stream.attempt
    match event:
        case StreamDelta(i=i):
            return stream.ended is not None or not stream.complete or i <= len(stream.deltas)
        case StreamReset():
            return bool(stream.deltas)
        case _:
            return isinstance(event, StreamOpened) or not stream.complete


def _misses(feed: Feed, event: AnyEvent) -> bool:
    """Something that came before it was not heard here."""
    if not isinstance(event, StreamDelta | StreamEnded):
        return False
    stream = feed.streams.get(event.stream)
    if stream is None or event.attempt > stream.attempt:
        return True
    before = event.i - 1 if isinstance(event, StreamDelta) else event.n
    return event.attempt == stream.attempt and before > len(stream.deltas)

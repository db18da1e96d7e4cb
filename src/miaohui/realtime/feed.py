"""One conversation's watchers on this node, with what they may have missed. No I/O, no waiting."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from miaohui.realtime.events import (
    AnyEvent,
    ConversationChanged,
    MessagePosted,
    StreamDelta,
    StreamEnded,
    StreamOpened,
    StreamReset,
    TurnEnded,
)
from miaohui.realtime.frames import encode, encode_piece

if TYPE_CHECKING:
    from miaohui.conversations.types import Message
    from miaohui.realtime.ports import Watcher
    from miaohui.realtime.types import StreamPosition

TO_HUMANS = ("taken_over:", "handed_off:", "claimed:", "assigned:", "transferred:", "released:", "snoozed:", "woken")
"""Activities after which humans have the thread."""
RING_EVENTS = 8
RING_CHARS = 64 * 1024
"""Of one conversation: what is said while a network is cut for a minute. With thousands of visitors it is most of what
their conversations hold in memory, one and a half kilobytes each; who was away for longer is told from the records.
"""
LATER_EVENTS = 1_000
ENDED_STREAMS = 2
"""Streams kept after their end, so that who comes back a moment later learns how they ended."""


class LiveStream:
    """A token stream as this node knows it."""

    __slots__ = ("attempt", "complete", "conversation_id", "deltas", "ended", "hushed", "id", "over", "turn_id")

    def __init__(self, opened: StreamOpened) -> None:
        self.id = opened.stream
        self.conversation_id = opened.conv
        self.turn_id = opened.turn
        self.attempt = opened.attempt
        self.deltas: list[StreamDelta] = []
        self.ended: StreamEnded | TurnEnded | None = None
        self.hushed = False
        """A human took over; how its turn ends was not heard yet."""
        self.over: TurnEnded | None = None
        """How its turn ended, which is told after the stream's own end."""
        self.complete = True
        """False when this node lacks deltas that nobody can tell it any more: the message will say it all."""

    def reset(self, attempt: int) -> None:
        """Begin anew under another attempt."""
        self.attempt = attempt
        self.deltas = []
        self.complete = True

    def add(self, delta: StreamDelta) -> None:
        """One more delta, if it is the next one."""
        if delta.i == len(self.deltas) + 1:
            self.deltas.append(delta)

    def catch_up(self, position: StreamPosition | None) -> list[AnyEvent]:
        """What a client at `position` (None: never saw it) must be told to stand where we stand."""
        events: list[AnyEvent] = []
        known = 0
        if position is not None and position.attempt == self.attempt:
            known = min(position.i, len(self.deltas))
        elif position is not None and position.attempt > self.attempt:
            return []  # it has seen what this node will hear of: the attempt here is void
        elif position is not None:
            events.append(StreamReset(self.id, self.attempt, "node_lost"))
        else:
            events.append(StreamOpened(self.conversation_id, self.turn_id, self.id, self.attempt))
        events.extend(self.deltas[known:])
        events.extend(end for end in (self.ended, self.over) if end is not None and not self.hushed)
        return events


class Subscription:
    """One watcher's place in a feed. While it catches up, live events are held back."""

    __slots__ = ("feed", "held", "known", "seq", "watcher")

    def __init__(self, feed: Feed, watcher: Watcher, seq: int | None) -> None:
        self.feed = feed
        self.watcher = watcher
        self.seq = seq
        """The last message delivered; None until the first one, which is then taken as it comes."""
        self.held: list[AnyEvent] | None = []
        self.known: dict[str, StreamPosition] = {}
        """Streams that the client has seen a part of, here or at another node."""

    def offer(self, event: AnyEvent, frame: bytes | None) -> None:
        """Deliver, or hold back; a message seen already is dropped."""
        if self.held is not None:
            self.held.append(event)
            return
        if isinstance(event, MessagePosted):
            if self.seq is not None and event.msg.seq <= self.seq:
                return
            self.seq = event.msg.seq
            frame = None
        elif self.known:
            position = self.known.get(getattr(event, "stream", ""))
            if position is not None:
                if _was_seen(event, position):
                    return
                if isinstance(event, StreamOpened):
                    event, frame = StreamReset(event.stream, event.attempt, "node_lost"), None
        self.watcher.deliver(frame or encode(event, self.watcher.principal), event)

    @property
    def gap(self) -> bool:
        """Whether a message is missing between the last one delivered and the first one held back."""
        held = (event.msg.seq for event in self.held or () if isinstance(event, MessagePosted))
        return self.seq is not None and next((seq for seq in held if seq > (self.seq or 0)), 0) > self.seq + 1

    def pass_over(self, stream_id: str) -> None:
        """A catch-up has told all of this stream; what was held back of it would say it again."""
        self.held = [event for event in self.held or () if getattr(event, "stream", "") != stream_id]

    def release(self) -> None:
        """Caught up: let go of what was held, in order."""
        held, self.held = self.held or [], None
        for event in held:
            self.offer(event, None)


def _was_seen(event: AnyEvent, position: StreamPosition) -> bool:
    if isinstance(event, StreamOpened | StreamReset):
        return event.attempt <= position.attempt
    return isinstance(event, StreamDelta) and (event.attempt, event.i) <= (position.attempt, position.i)


class Feed:
    """The watchers of one conversation, or of a tenant's list of conversations."""

    __slots__ = (
        "announced",
        "ended",
        "filling",
        "id",
        "later",
        "ring",
        "ring_chars",
        "silent",
        "streams",
        "subscriptions",
        "tenant_id",
        "top",
        "watched",
    )

    def __init__(self, tenant_id: str, id_: str) -> None:
        self.tenant_id = tenant_id
        self.id = id_
        # Lists, and nothing where nothing waits: each of thousands of feeds has them, and an empty deque is 600 bytes.
        self.subscriptions: tuple[Subscription, ...] = ()
        """Replaced, never changed: who cannot follow leaves while the others are being told."""
        self.ring: list[MessagePosted] = []
        self.ring_chars = 0
        self.top = 0
        """The last `seq` told here; 0 while nothing is known."""
        self.streams: dict[str, LiveStream] = {}
        self.ended: list[str] = []
        self.filling = False
        """Something is being read that others have said; meanwhile what they say next waits in `later`."""
        self.later: deque[AnyEvent] | None = None
        self.announced = 0
        """The last `seq` that another node told of."""
        self.silent = False
        """A human owns the thread: no word of the assistant is shown, however late it arrives."""
        self.watched = False
        """Somebody followed it, and may come back."""

    def forget_messages(self) -> None:
        """What memory holds may be behind; the next to come asks the records."""
        self.top = self.announced = self.ring_chars = 0
        self.ring.clear()

    def put_off(self, event: AnyEvent, *, first: bool = False) -> None:
        """Keep it until all is read that others have said; `first` goes before what waits already."""
        if self.later is None:
            self.later = deque(maxlen=LATER_EVENTS)
        if first:
            self.later.appendleft(event)
        else:
            self.later.append(event)

    def tell(self, event: AnyEvent) -> None:
        """Everyone hears it, each message once and in order."""
        if isinstance(event, MessagePosted):
            if self.top and event.msg.seq <= self.top:
                return
            self._keep(event)
            for subscription in self.subscriptions:
                subscription.offer(event, None)
            return
        if isinstance(event, StreamDelta):
            if self._adds(event):
                self._tell_piece(event)
            return
        if isinstance(event, StreamEnded) and self._was_hushed(event):
            return
        self._follow(event)
        frames: dict[bool, bytes] = {}
        for subscription in self.subscriptions:
            viewer = subscription.watcher.principal
            outside = viewer.kind == "visitor"
            frame = frames.get(outside) or encode(event, viewer)
            frames[outside] = frame
            subscription.offer(event, frame)

    def _tell_piece(self, delta: StreamDelta) -> None:
        """Most of what is told: the same for every viewer, and seldom held back."""
        frame = encode_piece(delta)
        for subscription in self.subscriptions:
            if subscription.held is None and not subscription.known:
                subscription.watcher.deliver(frame, delta)
            else:
                subscription.offer(delta, frame)

    def told(self, unless: int) -> int:
        """The last `seq` that everybody here was told; `unless` nothing is known of the feed or of anybody."""
        if self.top:
            return self.top
        return min((one.seq for one in self.subscriptions if one.seq is not None), default=unless)

    def follows(self, seq: int) -> bool:
        """Whether `seq` is the next one here, so that nothing is missing before it."""
        return seq == self.told(seq - 1) + 1

    def since(self, seq: int) -> list[MessagePosted] | None:
        """Every message after `seq` from memory, or None when memory does not reach back so far."""
        if self.top and seq == self.top:
            return []
        if not self.ring or self.ring[0].msg.seq > seq + 1 or seq > self.top:
            return None
        return [posted for posted in self.ring if posted.msg.seq > seq]

    def visible_streams(self) -> list[LiveStream]:
        """Streams that have not ended."""
        return [stream for stream in self.streams.values() if stream.ended is None]

    def give_up(self, stream_id: str, attempt: int) -> None:
        """Show no more of this attempt: pieces of it are lost for good."""
        stream = self.streams.get(stream_id)
        if stream is None:
            stream = self.streams[stream_id] = LiveStream(StreamOpened(self.id, "", stream_id, attempt))
            self._end(stream, TurnEnded(self.id, "", "superseded"))
        if stream.attempt != attempt:
            stream.reset(attempt)
        stream.complete = False

    def _adds(self, delta: StreamDelta) -> bool:
        """Keep a piece for those who come; False when its stream is over, or has begun anew."""
        stream = self.streams.get(delta.stream)
        if stream is None:
            return True
        if stream.ended is not None or delta.attempt < stream.attempt:
            return False
        if delta.attempt == stream.attempt:
            stream.add(delta)
        return True

    def _was_hushed(self, end: StreamEnded) -> bool:
        """Pieces of it were not shown here, because news of a take-over came late: the message will say it all."""
        stream = self.streams.get(end.stream)
        return stream is not None and stream.hushed and end.n != len(stream.deltas)

    def _keep(self, posted: MessagePosted) -> None:
        self.top = posted.msg.seq
        self.ring.append(posted)
        self.ring_chars += len(posted.msg.text)
        self._note_owner(posted.msg)
        while len(self.ring) > RING_EVENTS or (self.ring_chars > RING_CHARS and len(self.ring) > 1):
            self.ring_chars -= len(self.ring.pop(0).msg.text)

    def _note_owner(self, message: Message) -> None:
        if message.kind != "activity":
            return
        if message.text.startswith(TO_HUMANS):
            self.silent = True
            self._hush()
        elif message.text.startswith(("handed_back:", "resolved:")):
            self.silent = False

    def _follow(self, event: AnyEvent) -> None:
        match event:
            case StreamOpened():
                self.streams[event.stream] = LiveStream(event)
            case StreamReset() | StreamEnded():
                if stream := self.streams.get(event.stream):
                    self._advance(stream, event)
            case TurnEnded(turn=turn_id):
                for stream in self.streams.copy().values():
                    if stream.turn_id == turn_id:
                        self._end_turn(stream, event)
            case ConversationChanged(conv=conversation):
                self.silent = conversation.status in {"open", "snoozed"}
                if conversation.status != "pending":
                    self._hush()
            case _:
                pass

    def _hush(self) -> None:
        """A word that was still on its way from another node when a human took over is not shown."""
        for stream in self.visible_streams():
            stream.hushed = True
            self._end(stream, TurnEnded(self.id, stream.turn_id, "superseded", "taken_over"))

    def _advance(self, stream: LiveStream, event: StreamReset | StreamEnded) -> None:
        if isinstance(event, StreamReset):
            stream.reset(event.attempt)
        else:
            self._end(stream, event)

    def _end_turn(self, stream: LiveStream, event: TurnEnded) -> None:
        stream.hushed = False
        if isinstance(stream.ended, StreamEnded):
            stream.over = event
        else:
            self._end(stream, event)

    def _end(self, stream: LiveStream, event: StreamEnded | TurnEnded) -> None:
        if stream.ended is None:
            self.ended.append(stream.id)
        stream.ended = event
        while len(self.ended) > ENDED_STREAMS:
            self.streams.pop(self.ended.pop(0), None)

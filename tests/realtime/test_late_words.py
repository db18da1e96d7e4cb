"""Words that come late from another node: void attempts and old take-overs change nothing for who knows better."""

from __future__ import annotations

import msgspec

from miaohui.conversations.types import Message
from miaohui.identity.types import Principal
from miaohui.realtime.events import (
    AnyEvent,
    MessagePosted,
    StreamDelta,
    StreamEnded,
    StreamOpened,
    StreamReset,
    TurnEnded,
)
from miaohui.realtime.feed import Feed, Subscription
from miaohui.realtime.types import StreamPosition

VISITOR = Principal(tenant_id="ten_1", kind="visitor", id="cont_1")


class Screen:
    """A watcher that keeps what it was shown of streams."""

    principal = VISITOR

    def __init__(self) -> None:
        self.shown: list[tuple[str, int, int]] = []

    def deliver(self, frame: bytes, event: AnyEvent | None) -> None:
        told = msgspec.json.decode(frame)
        if told["t"].startswith("stream."):
            self.shown.append((told["t"], told["attempt"], told.get("i", 0)))

    async def room(self) -> None:
        return None


def follow(feed: Feed, *known: StreamPosition) -> Screen:
    """Somebody who comes with what they have seen elsewhere."""
    screen = Screen()
    subscription = Subscription(feed, screen, 0)
    subscription.known = {position.id: position for position in known}
    feed.subscriptions = (subscription,)
    for stream in feed.streams.values():
        for event in stream.catch_up(subscription.known.get(stream.id)):
            screen.deliver(msgspec.json.encode(event), event)
    subscription.release()
    return screen


def activity(seq: int, text: str) -> MessagePosted:
    message = Message(
        id=f"msg_{seq}", conversation_id="conv_1", seq=seq, sender="system", sender_id="system", kind="activity",
        text=text,
    )  # fmt: skip
    return MessagePosted("conv_1", "e1", message)


def whole_stream() -> list[AnyEvent]:
    return [
        StreamOpened("conv_1", "turn_1", "s1", 1),
        StreamDelta("s1", 1, 1, "void"),
        StreamReset("s1", 2, "cut"),
        StreamDelta("s1", 2, 1, "one"),
        StreamDelta("s1", 2, 2, "two"),
        StreamDelta("s1", 2, 3, "three"),
    ]


def test_who_has_seen_the_second_attempt_hears_nothing_of_the_first_again() -> None:
    feed = Feed("ten_1", "conv_1")
    screen = follow(feed, StreamPosition(id="s1", attempt=2, i=2))
    for event in whole_stream():
        feed.tell(event)
    assert screen.shown == [("stream.delta", 2, 3)]


def test_a_node_that_is_behind_does_not_set_a_client_back() -> None:
    feed = Feed("ten_1", "conv_1")
    first, rest = whole_stream()[:2], whole_stream()[2:]
    for event in first:
        feed.tell(event)
    screen = follow(feed, StreamPosition(id="s1", attempt=2, i=2))
    assert screen.shown == []
    for event in rest:
        feed.tell(event)
    assert screen.shown == [("stream.delta", 2, 3)]


def test_who_has_seen_nothing_hears_all_of_it() -> None:
    feed = Feed("ten_1", "conv_1")
    screen = follow(feed)
    for event in whole_stream():
        feed.tell(event)
    assert [(attempt, i) for kind, attempt, i in screen.shown if kind == "stream.delta"] == [
        (1, 1),
        (2, 1),
        (2, 2),
        (2, 3),
    ]


def test_a_stream_whose_pieces_were_hushed_by_an_old_take_over_does_not_end_as_if_it_were_whole() -> None:
    feed = Feed("ten_1", "conv_1")
    screen = follow(feed)
    feed.tell(StreamOpened("conv_1", "turn_1", "s1", 1))
    feed.tell(activity(1, "taken_over:小李"))
    feed.tell(activity(2, "handed_back:小李"))
    feed.tell(StreamDelta("s1", 1, 1, "您好"))
    feed.tell(StreamEnded("conv_1", "s1", 1, 1, 3, "msg_3", "0" * 64))
    assert screen.shown == [("stream.open", 1, 0)]


def test_a_stream_that_was_shown_whole_ends() -> None:
    feed = Feed("ten_1", "conv_1")
    screen = follow(feed)
    feed.tell(StreamOpened("conv_1", "turn_1", "s1", 1))
    feed.tell(StreamDelta("s1", 1, 1, "您好"))
    feed.tell(StreamEnded("conv_1", "s1", 1, 1, 3, "msg_3", "0" * 64))
    assert [kind for kind, _, _ in screen.shown] == ["stream.open", "stream.delta", "stream.end"]


def test_who_comes_between_a_take_over_and_the_end_of_the_turn_is_told_one_end() -> None:
    feed = Feed("ten_1", "conv_1")
    feed.tell(StreamOpened("conv_1", "turn_1", "s1", 1))
    feed.tell(activity(1, "handed_off:missing_knowledge"))
    (stream,) = feed.streams.values()
    assert [event for event in stream.catch_up(None) if isinstance(event, TurnEnded)] == []
    feed.tell(TurnEnded("conv_1", "turn_1", "handed_off", "missing_knowledge"))
    ends = [event for event in stream.catch_up(None) if isinstance(event, TurnEnded)]
    assert [end.state for end in ends] == ["handed_off"]

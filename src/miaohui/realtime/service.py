"""Who watches, what they are told, and how they catch up: one place for every transport."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from miaohui.kit import metrics
from miaohui.kit.aio import launch
from miaohui.kit.errors import MiaohuiError
from miaohui.kit.telemetry import get_log
from miaohui.realtime.elsewhere import PAGE, Elsewhere
from miaohui.realtime.events import (
    AnyEvent,
    ConversationChanged,
    MessagePosted,
    Said,
    StopAsked,
    StreamOpened,
    TurnEnded,
)
from miaohui.realtime.feed import Feed, Subscription
from miaohui.realtime.frames import SNAPSHOT_MESSAGES, Resumed, encode, encode_resumed, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from miaohui.conversations.types import Conversation, Message, Position
    from miaohui.realtime.ports import Fanout, History, Watcher
    from miaohui.realtime.types import StreamPosition

POSITIONING_S = 10.0
POSITIONED_AT_ONCE = 1_000
TOP = 2**62
LINGER_S = 10.0
"""How long the end of a stream is kept for a watcher who left in the middle of it."""

WATCHERS = metrics.gauge("miaohui_watchers", "Subscriptions to conversations on this node.")

_log = get_log(__name__)


class Watch:
    """A subscription that its holder ends."""

    __slots__ = ("_realtime", "_subscription")

    def __init__(self, realtime: Realtime, subscription: Subscription) -> None:
        self._realtime = realtime
        self._subscription = subscription

    def close(self) -> None:
        """Hear no more."""
        self._realtime.unsubscribe(self._subscription)


class Realtime:
    """Tells watchers, in order and without holes, what is committed and what is being said."""

    def __init__(self, history: History, fanout: Fanout, epoch: str) -> None:
        self._history = history
        self._fanout = fanout
        self.epoch = epoch
        self._feeds: dict[str, Feed] = {}
        self._own: set[str] = set()
        """Streams that are written on this node."""
        self._elsewhere = Elsewhere(history, fanout, epoch, self._drop_if_idle)
        self._listeners: list[Callable[[Conversation], None]] = []
        self._stoppers: list[Callable[[str], None]] = []

    @property
    def feeds(self) -> int:
        """Conversations that this node keeps something of."""
        return len(self._feeds)

    def begin_anew(self, epoch: str) -> None:
        """The history is another one: nothing that is remembered of it holds. Watchers are sent away by their doors."""
        self.epoch = self._elsewhere.epoch = epoch
        for feed in self._feeds.values():
            feed.forget_messages()

    # What happened here

    def message_posted(self, tenant_id: str, message: Message) -> None:
        """A committed message; called in commit order."""
        self._fanout.wake(message.conversation_id, message.seq)
        if feed := self._feeds.get(message.conversation_id):
            if feed.follows(message.seq):
                feed.tell(MessagePosted(feed.id, self.epoch, message))
            elif message.seq > feed.told(message.seq):
                self._elsewhere.committed(feed, message.seq)

    def conversation_changed(self, conversation: Conversation) -> None:
        """A new status or owner: for its watchers, and for the tenant's list."""
        for listener in self._listeners:
            listener(conversation)
        event = ConversationChanged(conversation)
        self._fanout.tell(conversation.id, event)
        if feed := self._feeds.get(conversation.id):
            feed.tell(event)
        self.list_changed(conversation)

    def list_changed(self, conversation: Conversation) -> None:
        """Something new in it, under the same owner: for the tenant's list only."""
        feed_id = tenant_feed(conversation.tenant_id)
        feed = self._feeds.get(feed_id)
        if feed is not None or not self._fanout.alone:
            event = ConversationChanged(conversation)
            self._fanout.tell(feed_id, event)
            if feed is not None:
                feed.tell(event)

    def on_change(self, listener: Callable[[Conversation], None]) -> None:
        """Call `listener` at every change of owner or status, before any watcher hears of it."""
        self._listeners.append(listener)

    def on_stop(self, listener: Callable[[str], None]) -> None:
        """Call `listener` with the id of a turn that somebody at another node wants stopped."""
        self._stoppers.append(listener)

    def ask_stop(self, conversation_id: str, turn_id: str) -> None:
        """Tell the other nodes that a turn is to be stopped."""
        self._fanout.tell(conversation_id, StopAsked(turn_id))

    def publish(self, tenant_id: str, conversation_id: str, event: AnyEvent) -> None:
        """Something transient: a piece of a stream, the end of a turn, typing."""
        self._fanout.tell(conversation_id, event)
        if isinstance(event, StreamOpened):
            self._own.add(event.stream)
            self._feed(tenant_id, conversation_id)
        if feed := self._feeds.get(conversation_id):
            feed.tell(event)
            if isinstance(event, TurnEnded):
                self._drop_later(feed)

    # Watching

    async def watch(
        self,
        conversation: Conversation,
        watcher: Watcher,
        *,
        position: Position | None = None,
        streams: Sequence[StreamPosition] = (),
    ) -> Watch:
        """Everything after `position`, then everything live, in order. Without a position: from now on.

        A position of another epoch, or one that never was, gets a snapshot (`recovered: false`).
        """
        feed = self._feed(conversation.tenant_id, conversation.id)
        subscription = self._subscribe(feed, watcher)
        subscription.known = {position.id: position for position in streams}
        try:
            if not self._fanout.alone:
                await self._join(conversation, feed, streams)
            if position is not None:
                await self._catch_up(conversation, subscription, position)
            self._catch_up_streams(subscription)
        except BaseException:
            self.unsubscribe(subscription)
            raise
        subscription.release()
        return Watch(self, subscription)

    def watch_tenant(self, tenant_id: str, watcher: Watcher) -> Watch:
        """Every change of a conversation of this tenant, from now on."""
        subscription = self._subscribe(self._feed(tenant_id, tenant_feed(tenant_id)), watcher)
        subscription.release()
        return Watch(self, subscription)

    def agents_watching(self) -> set[tuple[str, str]]:
        """Tenant and person of every agent whose list is open on this node."""
        return {
            (feed.tenant_id, subscription.watcher.principal.id)
            for feed in self._feeds.values()
            if feed.id == tenant_feed(feed.tenant_id)
            for subscription in feed.subscriptions
            if subscription.watcher.principal.kind == "agent"
        }

    def tell_tenant(self, tenant_id: str, event: AnyEvent) -> None:
        """Something that concerns a tenant's agents, in their list's feed."""
        self.publish(tenant_id, tenant_feed(tenant_id), event)

    def unsubscribe(self, subscription: Subscription) -> None:
        """End a subscription; twice does no harm."""
        feed = subscription.feed
        if subscription in feed.subscriptions:
            feed.subscriptions = tuple(one for one in feed.subscriptions if one is not subscription)
            WATCHERS.dec()
            self._drop_if_idle(feed)

    # From other nodes

    def woken(self, conversation_id: str, seq: int) -> None:
        """A message was committed elsewhere."""
        feed = self._feeds.get(conversation_id)
        if feed is not None and feed.subscriptions and seq > feed.top:
            feed.top = feed.told(seq - 1)
            self._elsewhere.committed(feed, seq)

    def heard(self, conversation_id: str, event: Said) -> None:
        """Something transient happened elsewhere."""
        if isinstance(event, StopAsked):
            for stop in self._stoppers:
                stop(event.turn)
            return
        if isinstance(event, ConversationChanged) and event.conv.id == conversation_id:
            for listener in self._listeners:
                listener(event.conv)
        if feed := self._feeds.get(conversation_id):
            self._elsewhere.heard(feed, event)

    def reconnected(self) -> None:
        """Announcements may have been lost."""
        launch(self._position(), name="positioning")

    async def run(self) -> None:
        """Hear the other nodes, and look every ten seconds for what they could not tell. Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._fanout.run(self))
            if not self._fanout.alone:
                tasks.create_task(self._position_for_ever())

    # Catching up

    async def _join(self, conversation: Conversation, feed: Feed, streams: Sequence[StreamPosition]) -> None:
        """Hear of it first and read then, so that nothing falls between."""
        await self._fanout.joined(feed.id)
        if feed.top == 0:
            feed.silent = conversation.status in {"open", "snoozed"}
        await self._elsewhere.learn(feed, [position.id for position in streams])

    async def _catch_up(self, conversation: Conversation, subscription: Subscription, position: Position) -> None:
        feed = subscription.feed
        missed = feed.since(position.seq) if position.epoch == self.epoch and self._fanout.alone else None
        if missed is not None:
            self._resume(subscription, position.seq, feed.top)
            self._hand_over(subscription, missed)
            return
        top = (await self._history.top_seqs([feed.id])).get(feed.id, 0)
        if position.epoch != self.epoch or not 0 <= position.seq <= top:
            await self._start_over(conversation, subscription)
        else:
            self._resume(subscription, position.seq, top)
            await self._read_on(subscription, top)
        while subscription.gap:
            await self._read_page(subscription)
        await self._align(feed, subscription.seq or 0)

    async def _read_on(self, subscription: Subscription, top: int) -> None:
        """From memory if it reaches from here to what is committed, else from the records, page by page."""
        feed = subscription.feed
        missed = feed.since(subscription.seq or 0) if feed.top == top else None
        if missed is not None:
            self._hand_over(subscription, missed)
            return
        while await self._read_page(subscription):
            await subscription.watcher.room()

    async def _read_page(self, subscription: Subscription) -> bool:
        """True when there may be more."""
        feed = subscription.feed
        page = await self._history.messages_after(feed.tenant_id, feed.id, subscription.seq or 0, PAGE)
        self._hand_over(subscription, [MessagePosted(feed.id, self.epoch, message) for message in page])
        return len(page) == PAGE

    def _resume(self, subscription: Subscription, seq: int, top: int) -> None:
        subscription.seq = seq
        frame = Resumed(conv=subscription.feed.id, epoch=self.epoch, recovered=True, first=seq + 1, last=top)
        subscription.watcher.deliver(encode_resumed(frame), None)

    async def _start_over(self, conversation: Conversation, subscription: Subscription) -> None:
        feed, viewer = subscription.feed, subscription.watcher.principal
        recent = await self._history.messages_before(feed.tenant_id, feed.id, TOP, SNAPSHOT_MESSAGES)
        shot = snapshot(conversation, recent, viewer)
        subscription.seq = shot.seq
        frame = Resumed(conv=feed.id, epoch=self.epoch, recovered=False, snapshot=shot)
        subscription.watcher.deliver(encode_resumed(frame), None)

    def _hand_over(self, subscription: Subscription, missed: Iterable[MessagePosted]) -> None:
        for posted in missed:
            if posted.msg.seq > (subscription.seq or 0):
                subscription.seq = posted.msg.seq
                subscription.watcher.deliver(encode(posted, subscription.watcher.principal), posted)

    async def _align(self, feed: Feed, seq: int) -> None:
        """The feed knows at least what this watcher was just told, and so does everybody who was here before."""
        feed.top = feed.told(seq)
        if seq > feed.top:
            await self._elsewhere.fill(feed)

    def _catch_up_streams(self, subscription: Subscription) -> None:
        positions = subscription.known
        viewer = subscription.watcher.principal
        for stream in subscription.feed.streams.values():
            if stream.turn_id and (stream.ended is None or stream.id in positions):
                for event in stream.catch_up(positions.get(stream.id)):
                    subscription.watcher.deliver(encode(event, viewer), event)
                subscription.pass_over(stream.id)

    # What nobody told

    async def _position_for_ever(self) -> None:
        while True:
            await asyncio.sleep(POSITIONING_S)
            await self._position()

    async def _position(self) -> None:
        """Compare what watchers here were told with what is committed."""
        watched = [feed for feed in self._feeds.values() if feed.subscriptions and feed.told(TOP) < TOP]
        try:
            for start in range(0, len(watched), POSITIONED_AT_ONCE):
                feeds = {feed.id: feed for feed in watched[start : start + POSITIONED_AT_ONCE]}
                for conversation_id, top in (await self._history.top_seqs(list(feeds))).items():
                    if top > feeds[conversation_id].told(top):
                        self._elsewhere.committed(feeds[conversation_id], top)
        except MiaohuiError as error:
            _log.warning("positioning.failed", reason=error.code)

    # Feeds

    def _subscribe(self, feed: Feed, watcher: Watcher) -> Subscription:
        if not feed.subscriptions and not self._fanout.alone:
            feed.forget_messages()
        subscription = Subscription(feed, watcher, None)
        feed.subscriptions = (*feed.subscriptions, subscription)
        feed.watched = True
        WATCHERS.inc()
        return subscription

    def _feed(self, tenant_id: str, feed_id: str) -> Feed:
        feed = self._feeds.get(feed_id)
        if feed is None:
            feed = self._feeds[feed_id] = Feed(tenant_id, feed_id)
            self._fanout.listen(feed_id)
        return feed

    def _drop_later(self, feed: Feed) -> None:
        """Who was cut off in mid-stream, or polls, comes back within seconds: then the stream's end is still known."""
        if feed.watched and not feed.subscriptions:
            asyncio.get_running_loop().call_later(LINGER_S, self._drop_if_idle, feed)
        else:
            self._drop_if_idle(feed)

    def _drop_if_idle(self, feed: Feed) -> None:
        """Kept while somebody watches, or while a turn speaks here: a take-over elsewhere must reach it."""
        if not feed.subscriptions and not any(stream.id in self._own for stream in feed.visible_streams()):
            self._own.difference_update(feed.streams)
            if self._feeds.get(feed.id) is feed:
                del self._feeds[feed.id]
                self._fanout.forget(feed.id)


def tenant_feed(tenant_id: str) -> str:
    """The feed of a tenant's list of conversations."""
    return f"tenant:{tenant_id}"

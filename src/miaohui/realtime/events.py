"""What watchers of a conversation are told. These are the wire frames too, but for `msg` (see `frames.py`).

Field names are the wire's (`reference/delivery` §1.3): short, because deltas are many.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from miaohui.conversations.types import Conversation, Message


class Event(msgspec.Struct, frozen=True, tag_field="t", omit_defaults=True):
    """Something a watcher is told."""


class MessagePosted(Event, frozen=True, tag="msg"):
    """A committed message. Encoded per viewer: `cmid` goes to its sender only, notes to agents only."""

    conv: str
    epoch: str
    msg: Message


class StreamOpened(Event, frozen=True, tag="stream.open"):
    """The assistant begins to answer."""

    conv: str
    turn: str
    stream: str
    attempt: int


class StreamDelta(Event, frozen=True, tag="stream.delta"):
    """More text. `i` counts the deltas of one attempt from 1."""

    stream: str
    attempt: int
    i: int
    text: str


class StreamReset(Event, frozen=True, tag="stream.reset"):
    """What was shown of this stream is void; the text begins anew under `attempt`."""

    stream: str
    attempt: int
    reason: str


class StreamEnded(Event, frozen=True, tag="stream.end"):
    """All `n` deltas were sent; the durable message is `msg` at `seq`. On another hash the message wins."""

    conv: str
    stream: str
    attempt: int
    n: int
    seq: int
    msg: str
    sha256: str


class TurnEnded(Event, frozen=True, tag="turn.end"):
    """A turn came to its one end."""

    conv: str
    turn: str
    state: str
    reason: str = ""
    retryable: bool = False


class ConversationChanged(Event, frozen=True, tag="conv"):
    """Status, owner or waiting time changed, or the list's preview; also goes to the tenant's feed."""

    conv: Conversation


class Typing(Event, frozen=True, tag="typing"):
    """Best effort."""

    conv: str
    who: str
    on: bool


class QueueUpdated(Event, frozen=True, tag="queue.updated"):
    """A waiting visitor's place, told anew whenever it changes."""

    conv: str
    position: int
    """1 is next."""
    estimate_s: int | None = None
    """About how long, in seconds; absent when nobody who could serve is there."""
    reason: str = ""
    """Why it went back, if it did: `priority`, `returned`, `moved`."""
    opens_at: str = ""
    """Outside business hours: when somebody is there again."""


class PresenceUpdated(Event, frozen=True, tag="presence.updated"):
    """An agent came, left, or can take another number of conversations; in the tenant's feed."""

    agent: str
    state: str
    capacity: int


class Looking(Event, frozen=True, tag="viewers"):
    """An agent looks at a conversation, or no longer; in the tenant's feed. Who is not told of again soon is gone."""

    conv: str
    agent: str
    name: str
    on: bool


class MentionCreated(Event, frozen=True, tag="mention.created"):
    """Somebody's name stands in a note; in the tenant's feed."""

    conv: str
    msg: str
    agents: tuple[str, ...]
    by: str
    by_name: str


class TicketUpdated(Event, frozen=True, tag="ticket.updated"):
    """A ticket was opened or changed; in the tenant's feed."""

    id: str
    number: int
    status: str
    assignee: str = ""
    conv: str = ""


class StopAsked(Event, frozen=True, tag="stop.asked"):
    """From node to node, never to watchers: whoever runs this turn, stop it."""

    turn: str


AnyEvent: TypeAlias = (
    MessagePosted
    | StreamOpened
    | StreamDelta
    | StreamReset
    | StreamEnded
    | TurnEnded
    | ConversationChanged
    | Typing
    | QueueUpdated
    | PresenceUpdated
    | Looking
    | MentionCreated
    | TicketUpdated
)

Said: TypeAlias = AnyEvent | StopAsked
"""What nodes tell one another."""

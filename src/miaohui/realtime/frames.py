"""Wire frames of events and of a catch-up (JSON text; WebSocket, SSE and long poll carry the same)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from miaohui.conversations.types import Citation, Conversation, Message
from miaohui.realtime.events import AnyEvent, ConversationChanged, MessagePosted, StreamDelta

if TYPE_CHECKING:
    from miaohui.identity.types import Principal

SNAPSHOT_MESSAGES = 50
SNAPSHOT_BYTES = 48_000


class WireSender(msgspec.Struct, frozen=True):
    """Who said it."""

    kind: str
    id: str
    name: str


class WireMessage(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message as clients see it."""

    id: str
    seq: int
    sender: WireSender
    kind: str
    text: str
    created_at: str
    citations: tuple[Citation, ...] = ()
    turn: str = ""
    final: bool = False
    rating: int = 0
    cmid: str = ""
    ai: bool = False
    """Written by the assistant: to be labelled so wherever it is shown."""
    translated: bool = False
    """A machine put an agent's words into this language: to be labelled so wherever it is shown."""
    original: str = ""
    """Those words, for agents only."""


class WireConversation(msgspec.Struct, frozen=True):
    """A conversation as clients see it."""

    id: str
    inbox_id: str
    contact: WireContact
    status: str
    assignee_id: str
    handoff_reason: str | None
    waiting_since: str | None
    queued_at: str | None
    snoozed_until: str | None
    team_id: str
    priority: str
    """`low`, `medium`, `high`, `urgent` or empty; like team and labels for agents only, and empty for visitors."""
    labels: tuple[str, ...]
    last_seq: int
    preview: str
    created_at: str
    updated_at: str


class WireContact(msgspec.Struct, frozen=True):
    """Whom the conversation is with."""

    id: str
    name: str


class MessageFrame(msgspec.Struct, frozen=True, tag_field="t", tag="msg"):
    """A committed message."""

    conv: str
    epoch: str
    seq: int
    msg: WireMessage


class ConversationFrame(msgspec.Struct, frozen=True, tag_field="t", tag="conv"):
    """A conversation's new state."""

    conv: WireConversation


class Snapshot(msgspec.Struct, frozen=True):
    """The end of a history, for a client whose own cannot be continued."""

    seq: int
    status: str
    messages: tuple[WireMessage, ...]
    more: bool
    """Whether there is something before."""


class Resumed(msgspec.Struct, frozen=True, tag_field="t", tag="resumed", omit_defaults=True, kw_only=True):
    """The answer to a position: everything after it follows (`from`–`to`), or here is a new start."""

    conv: str
    epoch: str
    recovered: bool
    first: int = msgspec.field(default=0, name="from")
    last: int = msgspec.field(default=0, name="to")
    snapshot: Snapshot | None = None


_encoder = msgspec.json.Encoder()


def encode(event: AnyEvent, viewer: Principal) -> bytes:
    """The frame for one viewer: a `cmid` only for who sent it, a note's words only for agents."""
    if isinstance(event, MessagePosted):
        message = event.msg
        return _encoder.encode(MessageFrame(event.conv, event.epoch, message.seq, wire_message(message, viewer)))
    if isinstance(event, ConversationChanged):
        return _encoder.encode(ConversationFrame(wire_conversation(event.conv, viewer)))
    return _encoder.encode(event)


def encode_piece(delta: StreamDelta) -> bytes:
    """The frame of a piece of a stream."""
    return _encoder.encode(delta)


def encode_resumed(frame: Resumed) -> bytes:
    """The frame of a catch-up."""
    return _encoder.encode(frame)


def wire_message(message: Message, viewer: Principal) -> WireMessage:
    """A message as `viewer` may see it. A note keeps its place in the order, without its words, for a visitor."""
    hidden = message.kind == "note" and viewer.kind == "visitor"
    return WireMessage(
        id=message.id,
        seq=message.seq,
        sender=WireSender(message.sender, message.sender_id, message.sender_name),
        kind=message.kind,
        text="" if hidden else message.text,
        created_at=rfc3339(message.created_at_ms),
        citations=message.citations,
        turn=message.turn_id,
        final=message.final,
        rating=message.rating,
        cmid=message.cmid if message.principal == viewer.key else "",
        ai=message.sender == "assistant",
        translated=bool(message.original),
        original="" if viewer.kind == "visitor" else message.original,
    )


def wire_conversation(conversation: Conversation, viewer: Principal | None = None) -> WireConversation:
    """A conversation in the API's form; a visitor does not see how it is sorted. Without a viewer: for agents."""
    inside = viewer is None or viewer.kind != "visitor"
    return WireConversation(
        id=conversation.id,
        inbox_id=conversation.inbox_id,
        contact=WireContact(conversation.contact_id, conversation.contact_name),
        status=conversation.status,
        assignee_id=conversation.assignee_id,
        handoff_reason=conversation.handoff_reason,
        waiting_since=_moment(conversation.waiting_since_ms),
        queued_at=_moment(conversation.queued_at_ms),
        snoozed_until=_moment(conversation.snoozed_until_ms) if inside else None,
        team_id=conversation.team_id if inside else "",
        priority=conversation.priority if inside else "",
        labels=conversation.labels if inside else (),
        last_seq=conversation.last_seq,
        preview=conversation.preview,
        created_at=rfc3339(conversation.created_at_ms),
        updated_at=rfc3339(conversation.updated_at_ms),
    )


def snapshot(conversation: Conversation, recent: Sequence[Message], viewer: Principal) -> Snapshot:
    """The last messages that fit into one frame, at least one."""
    kept: list[WireMessage] = []
    size = 0
    for message in reversed(recent[-SNAPSHOT_MESSAGES:]):
        wire = wire_message(message, viewer)
        size += len(_encoder.encode(wire))
        if kept and size > SNAPSHOT_BYTES:
            break
        kept.append(wire)
    kept.reverse()
    top = kept[-1].seq if kept else 0
    return Snapshot(seq=top, status=conversation.status, messages=tuple(kept), more=bool(kept) and kept[0].seq > 1)


def _moment(ms: int) -> str | None:
    return rfc3339(ms) if ms else None


def rfc3339(ms: int) -> str:
    """`2026-11-20T08:00:00.123Z`."""
    seconds, rest = divmod(ms, 1000)
    return f"{_second(seconds)}.{rest:03d}Z"


@lru_cache(maxsize=8)
def _second(seconds: int) -> str:
    """Most stamps of a busy server share their second."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")

"""Conversation, message and turn as the rest of the house sees them."""

from __future__ import annotations

from typing import Literal

import msgspec

Status = Literal["pending", "open", "snoozed", "resolved"]
Priority = Literal["", "low", "medium", "high", "urgent"]
SenderKind = Literal["visitor", "assistant", "agent", "system"]
MessageKind = Literal["text", "note", "activity"]
Act = Literal[
    "receive",
    "answer",
    "hand_off",
    "request",
    "take_over",
    "claim",
    "assign",
    "transfer",
    "release",
    "hand_back",
    "resolve",
    "snooze",
    "wake",
]
"""What may happen to a thread. `release` is done to a thread whose agent is gone, `assign` by the desk."""
TurnState = Literal["running", "answered", "handed_off", "failed", "superseded"]
HandoffReason = Literal[
    "customer_request",
    "missing_knowledge",
    "unsupported_request",
    "policy_restriction",
    "tool_failure",
    "engines_unavailable",
    "sentiment",
    "usage_limit",
]


class Citation(msgspec.Struct, frozen=True, kw_only=True):
    """Where a statement stands: `n` is the number in the answer, ① for 1."""

    n: int
    chunk_id: str
    article_id: str
    title: str
    heading: str = ""
    excerpt: str = ""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One item of the append-only list; `seq` counts 1, 2, 3 … in its conversation without a gap."""

    id: str
    conversation_id: str
    seq: int
    sender: SenderKind
    sender_id: str
    """Contact, person or assistant; the assistant's is its inbox id."""
    sender_name: str = ""
    kind: MessageKind = "text"
    text: str
    citations: tuple[Citation, ...] = ()
    turn_id: str = ""
    """The turn that this opens (a visitor's message) or ends (the final answer)."""
    final: bool = False
    """The one answer of its turn."""
    principal: str = ""
    """`Principal.key` of the sender; with `cmid` the identity of a send."""
    cmid: str = ""
    rating: int = 0
    """1 good, -1 bad, 0 none."""
    created_at_ms: int = 0
    original: str = ""
    """What the agent wrote, where `text` is a translation of it."""


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """A thread. While `status` is `pending` the assistant owns it."""

    id: str
    tenant_id: str
    inbox_id: str
    contact_id: str
    contact_name: str = ""
    status: Status = "pending"
    ownership_epoch: int = 1
    """Goes up whenever the owner changes; a turn may only write under the epoch it began with."""
    assignee_id: str = ""
    handoff_reason: HandoffReason | None = None
    waiting_since_ms: int = 0
    """Since when a person is waited for; 0 when none is."""
    queued_at_ms: int = 0
    """When it came to the humans, the last time that it did: its place in the queue goes by that."""
    team_id: str = ""
    """The team that it is for; empty is for everybody."""
    priority: Priority = ""
    labels: tuple[str, ...] = ()
    snoozed_until_ms: int = 0
    """When it wakes by itself, while it is snoozed."""
    last_seq: int = 0
    preview: str = ""
    """The start of the last message."""
    created_at_ms: int = 0
    updated_at_ms: int = 0


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """The work owed for one accepted visitor message; ends exactly once."""

    id: str
    tenant_id: str
    conversation_id: str
    message_id: str
    question: str
    state: TurnState = "running"
    reason: str = ""
    attempt: int = 1
    """Counts starts of this turn, over crashes too; also the attempt of its token stream."""
    fence: int = 1
    """Goes up with every claim; a write under an old fence finds no row."""
    ownership_epoch: int = 1
    created_at_ms: int = 0


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """How far a client has seen: everything up to `seq` in the history called `epoch`."""

    epoch: str = ""
    seq: int = 0


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A message about to be stored; `seq` is given by the committing transaction."""

    id: str
    tenant_id: str
    conversation_id: str
    sender: SenderKind
    sender_id: str
    sender_name: str = ""
    kind: MessageKind = "text"
    text: str
    citations: tuple[Citation, ...] = ()
    turn_id: str = ""
    final: bool = False
    principal: str = ""
    cmid: str = ""
    body_hash: str = ""
    original: str = ""
    now_ms: int = 0


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """Whose work a turn is, and until when unless renewed."""

    owner: str
    """The boot id of the process."""
    lease_ms: int


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """The message is durable. `turn` is what is owed for it; it has already ended when a human owns the thread."""

    message: Message
    conversation: Conversation
    turn: Turn
    dup: bool = False


class Handoff(msgspec.Struct, frozen=True, kw_only=True):
    """The assistant gives the thread to a human."""

    reason: HandoffReason


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """How a turn ends: its state, its last words if any, and whether a human takes over."""

    turn: Turn
    state: TurnState
    reason: str = ""
    reply: Draft | None = None
    handoff: Handoff | None = None
    knowledge_version: int = 0
    now_ms: int = 0


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an ending. `state` is `superseded` when somebody else owned the thread by then."""

    state: TurnState
    reason: str = ""
    message: Message | None = None
    activity: Message | None = None
    """The line about the handoff, if there was one."""
    conversation: Conversation | None = None
    again: bool = False
    """Written by an earlier try whose commit was not heard of."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A change of owner or status."""

    status: Status
    assignee_id: str = ""
    handoff_reason: HandoffReason | None = None
    waiting: bool = False
    team_id: str | None = None
    """None: it stays with its team."""
    snoozed_until_ms: int = 0
    seq: int = 0
    """The last message that was known to who decided; when there is a later one, nothing changes. 0: any."""
    activity: str
    """What the thread says of it, one line, as `<code>` or `<code>:<name>`; clients put it into words."""


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is done to a conversation, as `ownership.step` knows it."""

    act: Act
    activity: str
    """As in `Change`."""
    agent_id: str = ""
    """Who gets it, or is relieved of it."""
    reason: HandoffReason | None = None
    team_id: str | None = None
    until_ms: int = 0
    """Of a snooze."""
    event: str = ""
    """What those outside are told, beside that it changed."""


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which conversations a list shows; an empty field asks for nothing."""

    status: Status | None = None
    assignee_id: str = ""
    """A person's id; `none` for conversations without one."""
    inbox_id: str = ""
    team_id: str = ""
    priority: Priority = ""
    label: str = ""
    vip: bool = False
    """Only of contacts who are served sooner."""
    contact_ids: tuple[str, ...] = ()

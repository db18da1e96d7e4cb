"""What the API answers with. Fields that are not named here are left out, so that a newer server breaks no client."""

from __future__ import annotations

import msgspec


class Sender(msgspec.Struct, frozen=True):
    """Who said it: `visitor`, `assistant`, `agent` or `system`."""

    kind: str
    id: str = ""
    name: str = ""


class Citation(msgspec.Struct, frozen=True, kw_only=True):
    """Where a statement stands: `n` is the mark in the text, ① for 1."""

    n: int
    chunk_id: str
    article_id: str
    title: str
    heading: str = ""
    excerpt: str = ""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One item of a conversation; `seq` counts 1, 2, 3 … without a gap."""

    id: str
    seq: int
    sender: Sender
    kind: str
    text: str
    created_at: str
    citations: tuple[Citation, ...] = ()
    turn: str = ""
    final: bool = False
    rating: int = 0
    ai: bool = False


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was taken in; who has its address may fetch it."""

    id: str
    url: str
    type: str
    """As it is served."""
    kind: str
    """`pdf`, `docx`, `mp3`, `png`, …"""
    name: str
    """Cleaned, and ending as its kind does."""
    bytes: int
    text: str
    """How a message names it: `[name](url)`, a picture as `![name](url)`."""


class Contact(msgspec.Struct, frozen=True):
    """Whom a conversation is with."""

    id: str
    name: str = ""


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """A thread: `pending` (the assistant owns it), `open`, `snoozed` or `resolved`."""

    id: str
    inbox_id: str
    contact: Contact
    status: str
    assignee_id: str = ""
    handoff_reason: str | None = None
    waiting_since: str | None = None
    last_seq: int = 0
    preview: str = ""
    created_at: str = ""
    updated_at: str = ""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """A whole answer."""

    conversation_id: str
    message_id: str
    answer: str
    outcome: str
    """`answered`, `handed_off`, `failed` or `superseded`."""
    turn_id: str
    citations: tuple[Citation, ...] = ()
    reason: str = ""
    handoff: bool = False
    handoff_offer: bool = False


class MessagePage(msgspec.Struct, frozen=True):
    """Part of a conversation."""

    data: list[Message]
    epoch: str = ""
    next_cursor: str = ""


class ConversationPage(msgspec.Struct, frozen=True):
    """Part of a list."""

    data: list[Conversation]
    next_cursor: str = ""

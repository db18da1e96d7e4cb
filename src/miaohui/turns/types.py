"""A turn's work, its ends, and what it is told with."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from miaohui.conversations.types import Citation, Conversation, HandoffReason, Message, Turn, TurnState
from miaohui.inboxes.types import Assistant
from miaohui.knowledge.types import Retrieval
from miaohui.memory.types import Recollection


class Send(msgspec.Struct, frozen=True, kw_only=True):
    """One message as its sender gives it."""

    cmid: str
    text: str


class Work(msgspec.Struct, frozen=True):
    """A turn with the conversation it belongs to, as it was when the turn was claimed."""

    turn: Turn
    conversation: Conversation


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """In whose name the assistant speaks."""

    company: str
    assistant: Assistant
    locale: str


class Informed(msgspec.Struct, frozen=True):
    """What was remembered and what was found."""

    recollection: Recollection
    retrieval: Retrieval


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """The assistant's own words."""

    text: str
    citations: tuple[Citation, ...] = ()
    known: bool = True
    """False when it says that the knowledge base does not hold the answer."""
    route: str = ""


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """The guard did not let the question in, or there was none in words; `text` says so kindly."""

    text: str
    reason: str


class HandedOff(msgspec.Struct, frozen=True, kw_only=True):
    """A human takes it from here; `text` says what will happen."""

    text: str
    reason: HandoffReason


class Superseded(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody else owns the thread now: not one word more."""

    reason: str = "taken_over"


class Cancelled(msgspec.Struct, frozen=True, kw_only=True):
    """The visitor stopped it; `text` is what they had read by then."""

    text: str = ""


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    """No words could be found at all."""

    reason: str


Outcome: TypeAlias = Answered | Refused | HandedOff | Superseded | Cancelled | Failed


class TurnResult(msgspec.Struct, frozen=True, kw_only=True):
    """How a turn ended, for those who waited for it."""

    turn_id: str
    state: TurnState
    reason: str = ""
    message: Message | None = None

"""A thread: one address outside, the conversation behind it, and how far it was told."""

from __future__ import annotations

from typing import Literal

import msgspec

State = Literal["sending", "sent", "uncertain", "undeliverable", "waiting"]


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """How long after a word of theirs we may speak, and how often."""

    lasts_ms: int
    sends: int


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """How far a thread was told: everything up to `seq`, and `part` parts of what comes next."""

    seq: int = 0
    part: int = 0


class Thread(msgspec.Struct, frozen=True, kw_only=True):
    """One person at one address of one inbox."""

    inbox_id: str
    address: str
    """OpenID, chat id, e-mail address: what the channel calls them."""
    tenant_id: str
    contact_id: str
    conversation_id: str
    told: Place = Place()
    window_until_ms: int = 0
    window_left: int = 0
    busy_until_ms: int = 0
    """Until then somebody else is about to speak, or it is too early to try again."""


class Last(msgspec.Struct, frozen=True, kw_only=True):
    """What happened last behind an inbox; 0 stands for never."""

    heard_at_ms: int = 0
    sent_at_ms: int = 0
    failed_at_ms: int = 0
    failure: str = ""
    """State and code of the channel's."""


class Portion(msgspec.Struct, frozen=True, kw_only=True):
    """The next words for a thread: part `part` of message `seq`; afterwards the thread stands at `after`."""

    seq: int
    part: int
    text: str
    before: Place
    after: Place


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """How a sending ended."""

    state: State
    detail: str = ""
    """A code of the channel's; no secret, no words of the conversation."""
    wait_ms: int = 0
    """For `waiting`: how long at least before the next try."""


class Brought(msgspec.Struct, frozen=True, kw_only=True):
    """A file that came with a word."""

    source: str
    """Where the vendor has it."""
    what: str = "图片"
    """What stands for it where it has no name."""
    name: str = ""


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """Something that somebody outside said."""

    tenant_id: str
    inbox_id: str
    address: str
    """What the channel calls them; an answer goes there."""
    key: str
    """The same for every delivery of the same thing, and only then: 1 to 64 of `A-Z a-z 0-9 _ -`."""
    text: str
    person: str = ""
    """Who it is, where one person may have several addresses, such as one for each subject; empty: the address."""
    name: str = ""
    files: tuple[Brought, ...] = ()
    """What came with it; each becomes an address in the text."""

"""What happened, as the clients saw it; kept as it came, read when the load is over."""

from __future__ import annotations

import msgspec


class Visitor(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may talk: made before the server starts."""

    tenant: str
    contact: str
    conversation: str
    token: str = ""


class Sent(msgspec.Struct, frozen=True):
    """A message on its way."""

    at: float
    cmid: str
    text: str


class Got(msgspec.Struct, frozen=True):
    """A frame that arrived; the JSON text as it came."""

    at: float
    raw: bytes


class Line(msgspec.Struct, kw_only=True):
    """One connection's past, in the order of this side."""

    visitor: Visitor
    events: list[Sent | Got] = msgspec.field(default_factory=list)
    whole: bool = True
    """Whether the connection stood until the load was over and everything due had come."""


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `messages`."""

    id: str
    tenant: str
    conversation: str
    seq: int
    sender: str
    text: str
    turn: str
    final: bool
    cmid: str
    body_hash: str = ""


class StoredTurn(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `turns`."""

    id: str
    message: str
    state: str


class Cold(msgspec.Struct, frozen=True):
    """The database after the server has gone."""

    messages: tuple[Stored, ...]
    turns: tuple[StoredTurn, ...]
    last_seqs: dict[str, int]
    """By conversation."""

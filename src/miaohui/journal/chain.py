"""The chain that seals what was said and done: each link holds the hash of the one before.

Whoever changes, takes out or puts in a message or an act breaks a digest; whoever mends the digest breaks the hash of
its link, and of every later one. Only who also replaces all later links can hide it, and not from somebody who noted a
later hash: every export carries one. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeAlias

import msgspec

Kind: TypeAlias = Literal["messages", "act", "erased"]
START = "0" * 64
"""What the first link holds of the one before."""
ERASED = "[erased]"

_encode = msgspec.json.Encoder(order="sorted").encode
_SAID = ("id", "seq", "sender", "sender_id", "sender_name", "kind", "text", "citations", "turn_id", "created_at_ms")
_AS_WRITTEN = "original"
"""Of a translated message: what its agent wrote. Most have none, and then it is left out."""
_DONE = ("id", "at_ms", "actor", "actor_name", "act", "subject", "detail")


class Seal(msgspec.Struct, frozen=True, kw_only=True):
    """What one link says."""

    kind: Kind
    subject: str
    """The conversation, or the act."""
    first: int = 0
    """Of messages: the numbers that it covers."""
    last: int = 0
    digest: str


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """One link of a tenant's chain."""

    number: int
    """From 1, without a gap."""
    at_ms: int
    seal: Seal
    hash: str


def link(before: str, number: int, at_ms: int, seal: Seal) -> Link:
    """The next link after the one whose hash is `before`."""
    return Link(number=number, at_ms=at_ms, seal=seal, hash=hash_of(before, number, at_ms, seal))


def hash_of(before: str, number: int, at_ms: int, seal: Seal) -> str:
    """SHA-256 over a JSON array: hash before, number, time, kind, subject, first, last, digest."""
    told = [before, number, at_ms, seal.kind, seal.subject, seal.first, seal.last, seal.digest]
    return hashlib.sha256(_encode(told)).hexdigest()


def digest_said(messages: Iterable[Mapping[str, Any]]) -> str:
    """Of messages in their order: SHA-256 over a JSON object a line, keys sorted. Without ratings, which may change.

    Raises `KeyError` when one lacks something that every message has.
    """
    return _digest(_said(one) for one in messages)


def _said(message: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: message[name] for name in _SAID}
    return told | {_AS_WRITTEN: written} if (written := message[_AS_WRITTEN]) else told


def digest_done(act: Mapping[str, Any]) -> str:
    """Of an act, likewise."""
    return _digest([{name: act[name] for name in _DONE}])


def _digest(records: Iterable[Mapping[str, Any]]) -> str:
    digest = hashlib.sha256()
    for record in records:
        digest.update(_encode(record) + b"\n")
    return digest.hexdigest()

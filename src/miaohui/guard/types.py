"""What the guard says."""

from __future__ import annotations

from typing import Literal

import msgspec


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The guard's answer about one text."""

    allowed: bool
    reason: Literal["", "sensitive_word", "injection", "too_long"] = ""
    category: str = ""
    suspicion: float = 0.0
    """0 to 1: how much the text looks like an attempt to steer the assistant. Only marks; prompts treat it as data."""


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """Where a principal stands against one limit."""

    allowed: bool
    limit: int
    """Messages per window."""
    remaining: int
    window_s: int
    retry_after_s: float = 0.0
    name: str = "visitor"


class Replacement(msgspec.Struct, frozen=True, kw_only=True):
    """What is said instead of a word."""

    word: str
    by: str
    """Empty leaves the word out."""


class OwnWords(msgspec.Struct, frozen=True, kw_only=True):
    """What a company lists for itself, beside what holds for all."""

    blocked: tuple[str, ...] = ()
    """Not let in, and withheld from answers."""
    replaced: tuple[Replacement, ...] = ()
    """In answers only."""
    version: int = 0
    """0: never written."""

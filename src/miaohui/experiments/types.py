"""What is tried, and what came of it."""

from __future__ import annotations

import msgspec


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """A stable part of all conversations."""

    salt: str
    """Another salt is another part: trials do not follow each other through the same conversations."""
    share: float
    """0 to 1."""


class Verge(msgspec.Struct, frozen=True, kw_only=True):
    """How much worse than the rest a trial may be before it is ended."""

    least: int = 50
    """Answers of the trial in the window below which nothing is decided."""
    window: int = 500
    """Answers of each side that are remembered."""
    more_failures: float = 0.05
    """Points of failure share above the rest's."""
    slower: float = 1.5
    """Times the rest's median until the first word."""
    slower_least_ms: float = 200.0
    """And at least so much slower."""


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """One answer that was given, and what the other engine would have said."""

    turn_id: str
    tenant_id: str
    route: str
    """Of the answer that was given."""
    text: str
    shadow_route: str
    shadow_text: str
    shadow_outcome: str
    """`finished`, or the code of the failure."""
    shadow_first_content_ms: float
    shadow_output_tokens: int

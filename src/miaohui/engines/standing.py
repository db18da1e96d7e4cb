"""How the routes stand now, for people and for the console."""

from __future__ import annotations

import msgspec


class KeyStanding(msgspec.Struct, frozen=True, kw_only=True):
    """One key of a route."""

    id: str
    account: str
    state: str
    """`active`, `draining`, `cooling` or `dead`."""
    reason: str = ""
    rests_s: float = 0.0
    """Seconds until it is used again."""
    in_flight: int = 0
    requests_left: int | None = None
    """Of this minute's limit; None is not limited."""
    tokens_left: int | None = None


class RouteStanding(msgspec.Struct, frozen=True, kw_only=True):
    """One route."""

    name: str
    tenant: str
    provider: str
    model: str
    tier: str
    weight: int
    state: str
    """`closed`, `ramp`, `half_open` or `open`."""
    key_version: int
    keys: tuple[KeyStanding, ...]
    in_flight: int
    attempts: int
    """Since this process started, as all that follows."""
    failures: int
    throttled: int
    """Answers that said 429 or the like."""
    first_content_p50_ms: float | None
    """Over the last 200 first words; None before the first."""
    first_content_p95_ms: float | None
    input_tokens: int
    output_tokens: int
    cost_micro: int


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One route asked for a word."""

    route: str
    key: str
    ok: bool
    first_content_ms: float = 0.0
    code: str = ""
    """What went wrong."""

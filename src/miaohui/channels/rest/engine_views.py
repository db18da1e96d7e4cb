"""What REST answers with about engines and tools. Encoded by msgspec, as `views` says."""

from __future__ import annotations

from typing import Any

import msgspec


class EngineKeyView(msgspec.Struct, frozen=True, kw_only=True):
    """A key of a route, without the key."""

    id: str
    account: str
    state: str
    hint: str
    """Its last four characters; empty for keys that are not this company's own."""


class EngineRouteView(msgspec.Struct, frozen=True, kw_only=True):
    """A route."""

    name: str
    origin: str
    """`shared`: of all companies; `changed`: the same, changed by this one; `own`."""
    enabled: bool
    provider: str
    base_url: str
    model: str
    tier: str
    weight: int
    price_in: int
    """Millionths of a currency unit for a million tokens, as the other prices."""
    price_cached: int | None
    price_out: int
    price_version: str
    rpm: int
    tpm: int
    slots: int
    window_tokens: int
    capabilities: list[str]
    temperature: float | None
    api_version: str
    connect_ms: int
    first_content_ms: int
    idle_ms: int
    total_ms: int
    key_version: int
    keys: list[EngineKeyView]


class EngineRouteList(msgspec.Struct, frozen=True):
    """Every route of a company."""

    data: list[EngineRouteView]


class EngineKeyStanding(msgspec.Struct, frozen=True, kw_only=True):
    """How a key stands."""

    id: str
    state: str
    """`active`, `draining`, `cooling` or `dead`."""
    reason: str
    rests_s: float
    in_flight: int
    requests_left: int | None
    tokens_left: int | None


class EngineStanding(msgspec.Struct, frozen=True, kw_only=True):
    """How a route stands on this node; counts are of routes of one's own only."""

    name: str
    provider: str
    model: str
    tier: str
    weight: int
    state: str
    """`closed` (well), `ramp`, `half_open` or `open`."""
    key_version: int
    keys: list[EngineKeyStanding]
    in_flight: int
    attempts: int
    failures: int
    throttled: int
    first_content_p50_ms: float | None
    first_content_p95_ms: float | None
    input_tokens: int
    output_tokens: int
    cost_micro: int


class EngineBoard(msgspec.Struct, frozen=True):
    """How every route of a company stands."""

    data: list[EngineStanding]


class EngineDay(msgspec.Struct, frozen=True, kw_only=True):
    """Attempts of one day (UTC) at one route, by how they ended and at which price."""

    day: str
    route: str
    outcome: str
    price_version: str
    attempts: int
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    reasoning_tokens: int
    cost_micro: int
    """Millionths of a currency unit."""


class EngineDays(msgspec.Struct, frozen=True):
    """The last days, the latest first."""

    data: list[EngineDay]


class ToolView(msgspec.Struct, frozen=True, kw_only=True):
    """A tool, and whether the assistant may use it."""

    name: str
    description: str
    risk: str
    """`read`, `low_impact_write` or `approval_required`."""
    parameters: dict[str, Any]
    """JSON Schema of an object."""
    granted: bool
    own: bool
    """Of one of the company's connectors: the assistant may always use it."""


class ToolList(msgspec.Struct, frozen=True):
    """Every tool there is."""

    data: list[ToolView]

"""What REST reads about engines and tools."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from miaohui.channels.rest.schemas import Form

RouteName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:@+-]{1,64}$")]
_Count = Annotated[int, Field(ge=0, le=10**12)]
_Milliseconds = Annotated[int, Field(ge=1, le=600_000)]


class KeyForm(Form):
    """One key of a route. Without a `secret` it keeps the one it had."""

    id: RouteName
    secret: Annotated[str, Field(max_length=4096, pattern=r"^[\x21-\x7e]*$")] = ""
    account: Annotated[str, Field(max_length=64)] = ""
    state: Literal["active", "draining"] = "active"


class PutRoute(Form):
    """A route of one's own, or what is changed of one that all share: `enabled`, `tier`, `weight`, `temperature`."""

    provider: Annotated[str, Field(max_length=32)] = "openai"
    base_url: Annotated[str, Field(max_length=2048)] = ""
    model: Annotated[str, Field(max_length=200)] = ""
    enabled: bool = True
    tier: Literal["primary", "fallback", "local"] = "primary"
    weight: Annotated[int, Field(ge=0, le=1_000_000)] = 1
    price_in: _Count = 0
    price_cached: _Count | None = None
    price_out: _Count = 0
    price_version: Annotated[str, Field(max_length=64)] = ""
    rpm: _Count = 0
    tpm: _Count = 0
    slots: _Count = 0
    window_tokens: _Count = 0
    capabilities: Annotated[list[Annotated[str, Field(max_length=32)]], Field(default=[], max_length=16)]
    api_version: Annotated[str, Field(max_length=64)] = ""
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    connect_ms: _Milliseconds = 1000
    first_content_ms: _Milliseconds = 5000
    idle_ms: _Milliseconds = 10_000
    total_ms: _Milliseconds = 60_000
    keys: Annotated[list[KeyForm], Field(default=[], min_length=1, max_length=32)]


class PutTools(Form):
    """Names of the tools that the assistant may use."""

    tools: Annotated[list[Annotated[str, Field(min_length=1, max_length=64)]], Field(max_length=64)]

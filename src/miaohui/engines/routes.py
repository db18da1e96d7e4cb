"""Which ways lead to an answer: routes, their keys, prices and quotas, and the set that holds now. Pure.

A route is described by a mapping of the fields of `Route` (a TOML table, a row of JSON). Descriptions come in layers:
one of a later layer changes the fields that it names of the route with the same name; one with a `tenant` changes the
route for that tenant only, or with `enabled = false` takes it away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from miaohui.kit.errors import FieldError, Invalid

Tier: TypeAlias = Literal["primary", "fallback", "local"]
TIERS: tuple[Tier, ...] = ("primary", "fallback", "local")
EMBEDDINGS = "embeddings"
"""The capability of a route that gives vectors and no answers."""

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[\w.:/@+-]+$")]
_Count = Annotated[int, msgspec.Meta(ge=0, le=10**12)]
_Milliseconds = Annotated[int, msgspec.Meta(ge=1, le=600_000)]


class RouteKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One credential of a route. The secret is never shown."""

    id: _Name
    secret: str = ""
    account: str = ""
    """Keys of one account share its balance, and at some providers its limits; empty stands alone."""
    state: Literal["active", "draining"] = "active"
    """A draining key finishes what it began and begins nothing."""

    def __repr__(self) -> str:
        return f"RouteKey(id={self.id!r}, account={self.account!r}, state={self.state!r})"


class Route(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One model at one provider."""

    name: _Name
    base_url: str
    model: Annotated[str, msgspec.Meta(max_length=200)]
    provider: str = "openai"
    """Name in the table of quirks (`providers.py`)."""
    tenant: str = ""
    """The tenant it serves; empty serves all."""
    enabled: bool = True
    keys: tuple[RouteKey, ...] = (RouteKey(id="none"),)
    key_version: _Count = 0
    """Raised by each rotation, for people to see which set holds."""
    tier: Tier = "primary"
    weight: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 1
    """Share among the routes of its tier; 0 is asked only when the others cannot."""
    price_in: _Count = 0
    """Millionths of a currency unit for a million input tokens."""
    price_cached: _Count | None = None
    """The same for input found in the provider's prompt cache; None costs as much as other input."""
    price_out: _Count = 0
    price_version: str = ""
    rpm: _Count = 0
    """Requests in any 60 seconds, of each key or account; 0 is not limited."""
    tpm: _Count = 0
    """Tokens a minute, in and out; 0 is not limited."""
    slots: _Count = 0
    """Requests at once, as a local server has; 0 is not limited."""
    window_tokens: _Count = 0
    """Context window; 0 is not known, and any prompt is sent."""
    capabilities: tuple[str, ...] = ()
    owner: str = ""
    """Whose keys these are, when a tenant brought its own: what happens to them is no matter of anybody else's."""
    public_only: bool = False
    """Never connects to an address inside this network, whatever its name leads to; set for a tenant's own routes."""
    api_version: str = ""
    """Azure's `api-version`."""
    temperature: Annotated[float, msgspec.Meta(ge=0, le=2)] | None = 0.2
    """Brought into the provider's range; None sends none, as some reasoning models want."""
    connect_ms: _Milliseconds = 1000
    first_content_ms: _Milliseconds = 5000
    idle_ms: _Milliseconds = 10_000
    total_ms: _Milliseconds = 60_000


class Catalog(msgspec.Struct, frozen=True, kw_only=True):
    """The routes that hold now; replaced as a whole, never changed."""

    version: str
    shared: tuple[Route, ...] = ()
    of_tenants: Mapping[str, tuple[Route, ...]] = {}

    def routes_for(self, tenant_id: str) -> tuple[Route, ...]:
        """What serves this tenant."""
        return self.of_tenants.get(tenant_id, self.shared)

    def every_route(self) -> tuple[Route, ...]:
        """Of all tenants, each once."""
        found = {(route.tenant, route.name): route for routes in self.of_tenants.values() for route in routes}
        found.update({(route.tenant, route.name): route for route in self.shared})
        return tuple(found.values())


def build_catalog(version: str, layers: Sequence[Sequence[Mapping[str, Any]]]) -> Catalog:
    """The catalog that these layers of descriptions make. Raises `Invalid` naming the route and the field."""
    shared: dict[str, dict[str, Any]] = {}
    special: dict[str, dict[str, dict[str, Any]]] = {}
    for layer in layers:
        for described in layer:
            name, tenant = str(described.get("name", "")), str(described.get("tenant", ""))
            scope = special.setdefault(tenant, {}) if tenant else shared
            scope[name] = {**scope.get(name, {}), **described}
    of_tenants = {
        tenant: _read_all({**shared, **{name: _overlay(shared.get(name, {}), own) for name, own in scope.items()}})
        for tenant, scope in special.items()
    }
    return Catalog(version=version, shared=_read_all(shared), of_tenants=of_tenants)


def _overlay(shared: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """A tenant's version of a route. With an address of its own it never gets the keys of the shared one."""
    inherited = {name: value for name, value in shared.items() if name != "keys" or "base_url" not in own}
    return {**inherited, **own}


def _read_all(described: Mapping[str, Mapping[str, Any]]) -> tuple[Route, ...]:
    return tuple(read_route(one) for one in described.values() if one.get("enabled", True))


def read_route(described: Mapping[str, Any]) -> Route:
    """One route of its whole description. Raises `Invalid`."""
    name = described.get("name", "?")
    try:
        route = msgspec.convert(dict(described), Route)
    except msgspec.ValidationError as error:
        raise _wrong(name, str(error)) from None
    if not route.model:
        raise _wrong(name, "a model must be named - at `$.model`")
    if not route.keys:
        raise _wrong(name, "at least one key must be given - at `$.keys`")
    if len({key.id for key in route.keys}) < len(route.keys):
        raise _wrong(name, "every key needs an id of its own - at `$.keys`")
    return route


def _wrong(name: object, detail: str) -> Invalid:
    what, _, place = detail.partition(" - at ")
    return Invalid(f"Route {name}: {detail}.", errors=[FieldError(place.strip("`") or "$", what)])

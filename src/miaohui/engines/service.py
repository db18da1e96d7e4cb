"""Routes as people see and change them: for one tenant, or (empty) for all of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec

from miaohui.engines.batches import embed_texts
from miaohui.engines.routes import Route, RouteKey, read_route
from miaohui.kit.addresses import check_url
from miaohui.kit.errors import Conflict, FieldError, Invalid, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miaohui.engines.batches import EmbeddedTexts, EmbeddingModel
    from miaohui.engines.book import RouteBook
    from miaohui.engines.lines import Connect
    from miaohui.engines.router import Router
    from miaohui.engines.standing import RouteStanding
    from miaohui.kit.clock import Clock

MOST_OWN = 50
"""Routes that one tenant may describe."""
CHANGEABLE = frozenset({"name", "enabled", "tier", "weight", "temperature"})
"""What a tenant may change of a route that all share: its address, its keys and its limits are the operator's."""
_PRICES = ("price_in", "price_cached", "price_out")


class RouteEntry(NamedTuple):
    """One route, and whose it is."""

    route: Route
    origin: Literal["shared", "changed", "own"]
    """Of all tenants; the same, changed by this one; this one's own."""
    enabled: bool


class EngineRoutes:
    """Lists and changes routes. What is changed holds at once here, and within two seconds elsewhere."""

    def __init__(
        self, book: RouteBook, router: Router, connect: Connect, clock: Clock, *, allow_private: bool = False
    ) -> None:
        """`allow_private`: a tenant's own routes may lead to addresses inside this network."""
        self._book = book
        self._router = router
        self._connect = connect
        self._clock = clock
        self._allow_private = allow_private

    async def list_for(self, tenant_id: str) -> list[RouteEntry]:
        """What serves this tenant, and what it has switched off."""
        catalog = self._router.fleet.catalog
        shared = {route.name: route for route in catalog.shared}
        serving = {route.name: route for route in catalog.routes_for(tenant_id)}
        own = await self._book.list_own(tenant_id) if tenant_id else {}
        entries = []
        for name in sorted({*serving, *own}):
            origin: Literal["shared", "changed", "own"] = (
                "shared" if name not in own else "changed" if name in shared else "own"
            )
            route = serving.get(name) or _read_off(shared.get(name), own[name])
            entries.append(RouteEntry(route, origin, name in serving))
        return entries

    async def put(self, tenant_id: str, described: dict[str, Any]) -> None:
        """Keep a description for one tenant or (empty) for all. A key without a `secret` keeps the one that it had.

        Raises `Invalid` naming the field, `Conflict` when there are too many; then nothing has changed.
        """
        name = described.get("name", "")
        shared = {route.name: route for route in self._router.fleet.catalog.shared}
        own = await self._book.list_own(tenant_id)
        if name not in own and len(own) >= MOST_OWN:
            raise Conflict(f"There are {MOST_OWN} routes already, and no more are kept.", code="route_limit")
        described = self._complete(described, own.get(name, {}))
        if tenant_id and name in shared:
            _check_changeable(described)
        elif tenant_id or name not in shared:
            self._check_usable({**described, "enabled": True})
            if tenant_id:
                check_url(described["base_url"], allow_private=self._allow_private)
                described |= {"owner": tenant_id, "public_only": not self._allow_private}
        await self._book.put(tenant_id, described, self._clock.now_ms())

    def embedding_models(self, tenant_id: str) -> tuple[str, ...]:
        """Models that this tenant has vectors from."""
        return self._router.fleet.embedding_models(tenant_id)

    async def embed(self, model: EmbeddingModel, texts: Sequence[str], batch: int) -> EmbeddedTexts:
        """Vectors from whichever route to the model gives them. Raises the last `EngineFailed`."""
        return await embed_texts(self._router, model, texts, batch)

    async def get(self, tenant_id: str, name: str) -> RouteEntry:
        """One of `list_for`. Raises `NotFound`."""
        for entry in await self.list_for(tenant_id):
            if entry.route.name == name:
                return entry
        raise NotFound("There is no route of that name.")

    def _complete(self, described: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
        """Fill in secrets that are not told again; count versions of keys and prices."""
        described = dict(described)
        if "keys" in described:
            kept = {key["id"]: key.get("secret", "") for key in before.get("keys", ())}
            keys = [{**key, "secret": key.get("secret") or kept.get(key["id"], "")} for key in described["keys"]]
            described["keys"] = keys
            version = before.get("key_version", 0)
            described["key_version"] = version if _same_keys(keys, before.get("keys", ())) else version + 1
        dearer = any(described.get(price) != before.get(price) for price in _PRICES)
        if dearer and described.get("price_version", "") == before.get("price_version", ""):
            described["price_version"] = datetime.fromtimestamp(self._clock.now_ms() / 1000, UTC).date().isoformat()
        return described

    def _check_usable(self, described: dict[str, Any]) -> None:
        """What a client cannot be made of is refused before it is kept."""
        route = read_route(described)
        for key in route.keys:
            self._connect(route, key)

    async def remove(self, tenant_id: str, name: str) -> None:
        """Forget the description; a shared route then serves as it is. Raises `NotFound`."""
        if not await self._book.drop(tenant_id, name):
            raise NotFound("There is no route of that name to remove.")

    async def standings(self, tenant_id: str) -> list[RouteStanding]:
        """How this tenant's routes stand. What others do on a shared one is not told."""
        serving = {(route.tenant, route.name) for route in self._router.fleet.catalog.routes_for(tenant_id)}
        found = [one for one in await self._router.standings() if (one.tenant, one.name) in serving]
        return [one if one.tenant == tenant_id else _without_counts(one) for one in found]


def _check_changeable(described: dict[str, Any]) -> None:
    fixed = sorted(described.keys() - CHANGEABLE - {"key_version", "price_version"})
    if fixed:
        detail = "not to be changed of a route that all share; give a route of your own another name"
        raise Invalid("This route is shared by all.", errors=[FieldError(f"$.{name}", detail) for name in fixed])
    for name in ("key_version", "price_version"):
        described.pop(name, None)


def _read_off(shared: Route | None, own: dict[str, Any]) -> Route:
    base: dict[str, Any] = msgspec.to_builtins(shared) if shared is not None else {}
    return read_route({**base, **own})


def _same_keys(one: list[dict[str, Any]], other: Any) -> bool:
    return [msgspec.convert(key, RouteKey) for key in one] == [msgspec.convert(key, RouteKey) for key in other]


def _without_counts(standing: RouteStanding) -> RouteStanding:
    keys = tuple(
        msgspec.structs.replace(key, account="", in_flight=0, requests_left=None, tokens_left=None)
        for key in standing.keys
    )
    return msgspec.structs.replace(
        standing,
        keys=keys,
        in_flight=0,
        attempts=0,
        failures=0,
        throttled=0,
        input_tokens=0,
        output_tokens=0,
        cost_micro=0,
    )

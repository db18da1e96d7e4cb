"""All lines at once: swapped as a whole when the catalog changes, while what is under way goes on undisturbed."""

from __future__ import annotations

from collections.abc import Mapping

from miaohui.engines.breaker import Rules
from miaohui.engines.lines import Connect, Line, Wire, signature_of
from miaohui.engines.routes import EMBEDDINGS, TIERS, Catalog, Route, RouteKey, Tier
from miaohui.engines.selection import Rotation
from miaohui.kit.aio import launch

RETIRED_S = 600.0
"""A key that was taken away may finish what it began, but no longer than this."""


class TierLines:
    """The lines of one tier, and whose turn it is."""

    __slots__ = ("lines", "rotation")

    def __init__(self, lines: tuple[Line, ...], chance: float) -> None:
        self.lines = lines
        self.rotation = Rotation()
        self.rotation.seed((line.route.name for line in lines), chance)


class Choice:
    """What one tenant may be answered by."""

    __slots__ = ("has_local", "names", "needs_tokens", "tiers")

    def __init__(self, lines: tuple[Line, ...], chance: float) -> None:
        self.tiers: Mapping[Tier, TierLines] = {
            tier: TierLines(tuple(line for line in lines if line.route.tier == tier), chance) for tier in TIERS
        }
        self.names = {line.route.name: line for line in lines}
        self.has_local = bool(self.tiers["local"].lines)
        self.needs_tokens = any(line.route.tpm or line.route.window_tokens for line in lines)
        """Somebody must know how long the prompt is."""


class Fleet:
    """Lines by tenant and name."""

    def __init__(self, connect: Connect, rules: Rules | None, chance: float) -> None:
        self._connect = connect
        self._rules = rules
        self._chance = chance
        self._lines: dict[tuple[str, str], Line] = {}
        self._choices: dict[tuple[str, str], Choice] = {}
        self._retired: list[tuple[float, Wire]] = []
        self.catalog = Catalog(version="")

    def adopt(self, catalog: Catalog, now: float) -> None:
        """Serve this catalog from now on. Raises `Invalid`, and then everything stays as it was."""
        before = self._lines
        wires = {wire.signature: wire for line in before.values() for wire in line.wires}
        ready = {
            (route.tenant, route.name): [(key, self._wire(route, key, wires)) for key in route.keys]
            for route in catalog.every_route()
        }
        # Nothing below fails, so nobody sees half a catalog.
        self._lines = {}
        for route in catalog.every_route():
            line = _kept(before.get((route.tenant, route.name)), route) or Line(route, self._rules)
            line.route = route
            line.wires = tuple(wire for _, wire in ready[route.tenant, route.name])
            for key, wire in ready[route.tenant, route.name]:
                wire.serve(route, key)
            self._lines[route.tenant, route.name] = line
        self.catalog = catalog
        self._choices = {}
        self._retire([wire for wire in wires.values() if wire not in self._wires()], now)

    def _wire(self, route: Route, key: RouteKey, wires: dict[tuple[object, ...], Wire]) -> Wire:
        signature = (route.tenant, route.name, *signature_of(route, key))
        wire = wires.get(signature)
        if wire is None:
            wire = wires[signature] = Wire(self._connect(route, key), signature)
        return wire

    def _wires(self) -> set[Wire]:
        return {wire for line in self._lines.values() for wire in line.wires}

    def _retire(self, wires: list[Wire], now: float) -> None:
        self._retired += [(now + RETIRED_S, wire) for wire in wires]
        self.sweep(now)

    def sweep(self, now: float) -> None:
        """Close what was taken away and is idle by now, or has had its time."""
        for until, wire in self._retired:
            if not wire.in_flight or now >= until:
                launch(wire.engine.close(), name="engine-close")
        self._retired = [(until, wire) for until, wire in self._retired if wire.in_flight and now < until]

    def choice_for(self, tenant_id: str, embeds: str = "") -> Choice:
        """What this tenant may be answered by; for an embedding model the routes to it, and to no other.

        Vectors of two models cannot be compared, so none stands in for another.
        """
        tenant = tenant_id if tenant_id in self.catalog.of_tenants else ""
        choice = self._choices.get((tenant, embeds))
        if choice is None:
            routes = [route for route in self.catalog.routes_for(tenant) if _gives(route) == embeds]
            lines = tuple(self._lines[route.tenant, route.name] for route in routes)
            choice = Choice(lines, self._chance)
            if lines or not embeds:
                self._choices[tenant, embeds] = choice
        return choice

    def embedding_models(self, tenant_id: str) -> tuple[str, ...]:
        """Models that this tenant has vectors from."""
        return tuple(sorted({_gives(route) for route in self.catalog.routes_for(tenant_id)} - {""}))

    def lines(self) -> tuple[Line, ...]:
        """Every line."""
        return tuple(self._lines.values())

    @property
    def retired(self) -> int:
        """Keys that were taken away and still finish something."""
        return len(self._retired)

    async def close(self) -> None:
        """Close every engine."""
        for wire in (*self._wires(), *(wire for _, wire in self._retired)):
            await wire.engine.close()


def _gives(route: Route) -> str:
    """The model whose vectors it gives; empty for one that answers."""
    return route.model if EMBEDDINGS in route.capabilities else ""


def _kept(line: Line | None, route: Route) -> Line | None:
    """The line there was, if it still leads to the same model."""
    if line is None:
        return None
    old = line.route
    same = (old.provider, old.base_url, old.model) == (route.provider, route.base_url, route.model)
    return line if same else None

"""Which route is asked next. Pure.

Shares come from smooth weighted round-robin, as nginx does it (`ngx_http_upstream_round_robin.c`): deterministic, exact
over time, and without runs of one route. A route that cannot take part, because it is full or was tried, neither gains
nor loses by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from miaohui.engines.routes import Route

_SAFETY = 1.05
"""Tokens are estimated; a window is taken for so much smaller."""


class Demand(msgspec.Struct, frozen=True, kw_only=True):
    """What a request asks of its route."""

    needs: frozenset[str] = frozenset()
    tokens: int = 0
    """Prompt and longest answer together."""
    larger_than: int = 0
    """A window of this size was too small already."""
    only: str = ""
    """The one route that may be asked; empty: any."""


def suits(route: Route, demand: Demand) -> bool:
    """Whether the route can do it at all."""
    if demand.only and route.name != demand.only:
        return False
    if demand.needs and not demand.needs.issubset(route.capabilities):
        return False
    window = route.window_tokens
    if not window:
        return not demand.larger_than
    return window > demand.larger_than and demand.tokens * _SAFETY <= window


class Rotation:
    """Takes turns among the routes of one tier."""

    __slots__ = ("_credit",)

    def __init__(self) -> None:
        self._credit: dict[str, float] = {}

    def seed(self, names: Iterable[str], chance: float) -> None:
        """Begin elsewhere than other processes do: so many do not ask the same route first."""
        self._credit = {name: (chance + i * 0.618033988749895) % 1.0 - 0.5 for i, name in enumerate(names)}

    def choose(self, weights: Mapping[str, float]) -> str:
        """Whose turn it is; nothing changes yet. `weights` is not empty."""
        credit = self._credit
        return max(weights, key=lambda name: credit.get(name, 0.0) + weights[name])

    def charge(self, name: str, weights: Mapping[str, float]) -> None:
        """The route of this name was asked, out of those in `weights`."""
        credit = self._credit
        total = 0.0
        for other, weight in weights.items():
            credit[other] = credit.get(other, 0.0) + weight
            total += weight
        credit[name] = credit.get(name, 0.0) - total

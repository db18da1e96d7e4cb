"""Routes at work: each with its breaker, its keys and what it has done so far."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import TypeAlias

from miaohui.engines import numbers
from miaohui.engines.breaker import Breaker, Rules
from miaohui.engines.cache_key import digest
from miaohui.engines.ledger import OUTCOMES, Outcome
from miaohui.engines.limits import Quota
from miaohui.engines.ports import Engine
from miaohui.engines.prices import cost_micro
from miaohui.engines.providers import get_provider
from miaohui.engines.routes import Route, RouteKey
from miaohui.engines.types import Usage

Connect: TypeAlias = Callable[[Route, RouteKey], Engine]
"""The engine that speaks to a route with one of its keys."""
_RECENT = 200


class Wire:
    """One key of a line, and the engine that speaks with it."""

    __slots__ = ("engine", "in_flight", "key", "quota", "scopes", "signature")

    def __init__(self, engine: Engine, signature: tuple[object, ...]) -> None:
        self.engine = engine
        self.signature = signature
        """Wires of the same signature speak alike; what only selection reads is not part of it."""
        self.in_flight = 0
        self.key: RouteKey
        self.quota: Quota
        self.scopes: tuple[str, str, str]
        """What may have to rest: the limit, the key, the account."""

    def serve(self, route: Route, key: RouteKey) -> None:
        """From now on it is this key of this route."""
        provider = get_provider(route.provider)
        mark = blake2b(key.secret.encode(), digest_size=6).hexdigest()
        # Two may call their accounts the same and not mean one.
        place = (
            f"{route.owner}:{provider.name}@{route.base_url}" if route.owner else f"{provider.name}@{route.base_url}"
        )
        one = f"{place}:{key.id}:{mark}"
        account = f"{place}:{key.account}" if key.account else one
        counted = account if provider.quota_scope == "account" else one
        self.key = key
        self.quota = Quota(f"{counted}:{route.model}", route.rpm, route.tpm, provider.smooths)
        self.scopes = (self.quota.key, one, account)


class Tally:
    """What a route has done since the process started."""

    __slots__ = (
        "_cost",
        "_first",
        "_tokens_in",
        "_tokens_out",
        "attempts",
        "correction",
        "cost_micro",
        "failures",
        "first_contents_ms",
        "input_tokens",
        "output_tokens",
        "throttled",
    )

    def __init__(self, name: str) -> None:
        self.attempts = 0
        self.failures = 0
        self.throttled = 0
        self.input_tokens = 0
        self.output_tokens = 0
        self.cost_micro = 0
        self.correction = 1.0
        """Tokens reported for each that we estimated, of late."""
        self.first_contents_ms: deque[float] = deque(maxlen=_RECENT)
        self._first = numbers.FIRST_CONTENT.labels(name)
        self._tokens_in = numbers.TOKENS.labels(name, "input")
        self._tokens_out = numbers.TOKENS.labels(name, "output")
        self._cost = numbers.COST.labels(name)

    def hear(self, first_content_ms: float) -> None:
        """A first word came."""
        self.first_contents_ms.append(first_content_ms)
        self._first.observe(first_content_ms / 1000)

    def spend(self, usage: Usage, cost: int) -> None:
        """Tokens were used."""
        self.input_tokens += usage.input_tokens
        self.output_tokens += usage.output_tokens
        self._tokens_in.inc(usage.input_tokens)
        self._tokens_out.inc(usage.output_tokens)
        if cost:
            self.cost_micro += cost
            self._cost.inc(cost)

    def learn(self, estimated: int, reported: int) -> None:
        """How far our estimate of a prompt was off."""
        if estimated > 0 < reported:
            self.correction += 0.1 * (min(max(reported / estimated, 0.25), 4.0) - self.correction)

    def share(self, part: float) -> float | None:
        """The first-content time that this part of the last 200 stayed under, milliseconds."""
        ordered = sorted(self.first_contents_ms)
        return ordered[min(int(part * len(ordered)), len(ordered) - 1)] if ordered else None


class Line:
    """A route at work. Survives a change of its weight, price, limits or keys, not one of its model or address."""

    __slots__ = ("_outcomes", "_turn", "breaker", "route", "tally", "wires")

    def __init__(self, route: Route, rules: Rules | None = None) -> None:
        lease_s = (route.first_content_ms + route.idle_ms) / 1000
        self.breaker = Breaker(rules or Rules(lease_s=lease_s))
        self.tally = Tally(route.name)
        self.route = route
        self.wires: tuple[Wire, ...] = ()
        self._turn = 0
        self._outcomes = {outcome: numbers.ATTEMPTS.labels(route.name, outcome) for outcome in OUTCOMES}

    @property
    def identity(self) -> str:
        """The same on every node that serves this route."""
        route = self.route
        return digest([route.tenant, route.name, route.provider, route.base_url, route.model])

    @property
    def is_paid(self) -> bool:
        """Whether a provider is paid for it: a local one only counts what it costs."""
        route = self.route
        return route.tier != "local" and bool(route.price_in or route.price_out or route.price_cached)

    @property
    def is_full(self) -> bool:
        """As many requests are under way as it has slots."""
        return 0 < self.route.slots <= self.in_flight

    @property
    def in_flight(self) -> int:
        """Attempts under way."""
        return sum(wire.in_flight for wire in self.wires)

    def wires_in_turn(self) -> Iterator[Wire]:
        """Its active keys, another first each time."""
        wires = self.wires
        if len(wires) == 1:
            if wires[0].key.state == "active":
                yield wires[0]
            return
        self._turn = turn = (self._turn + 1) % len(wires)
        for wire in (*wires[turn:], *wires[:turn]):
            if wire.key.state == "active":
                yield wire

    def count(self, outcome: Outcome) -> None:
        """An attempt ended so."""
        self._outcomes[outcome].inc()

    def price(self, usage: Usage) -> int:
        """Millionths of a currency unit."""
        return cost_micro(self.route, usage)


def signature_of(route: Route, key: RouteKey) -> tuple[object, ...]:
    """What makes an engine speak differently."""
    times = (route.connect_ms, route.first_content_ms, route.idle_ms, route.total_ms)
    place = (route.provider, route.base_url, route.model, route.api_version, route.public_only)
    return (*place, route.temperature, times, key.secret)

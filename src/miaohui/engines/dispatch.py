"""Who is asked next: walks the tiers, and takes the first line that has room for this request."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import msgspec

from miaohui.engines import numbers
from miaohui.engines.bookkeeping import Attempt, Bookkeeper
from miaohui.engines.breaker import Ticket
from miaohui.engines.budget import Allowance, Bounds, Hedging, RetryBucket
from miaohui.engines.classify import Failure, FailureClass
from miaohui.engines.purses import NoPurses, Purse, Purses
from miaohui.engines.selection import Demand, suits
from miaohui.engines.tokens import estimate_tokens
from miaohui.engines.types import EngineRequest, Usage
from miaohui.kit.ids import new_id

if TYPE_CHECKING:
    from miaohui.engines.fleet import Choice, TierLines
    from miaohui.engines.limits import Limits
    from miaohui.engines.lines import Line, Wire
    from miaohui.engines.routes import Tier
    from miaohui.kit.clock import Clock

Compress: TypeAlias = Callable[[EngineRequest], EngineRequest | None]
"""Makes a prompt shorter; None when it cannot."""

_TRIED_REST_S = 0.05
"""A key that just failed is not asked again at once, whatever the provider says."""
_SLACK_S = 0.005
OVER_BUDGET = "budget_reached"
"""Why a route was not asked, in the journal and to clients."""
_OTHER_KEY = frozenset({FailureClass.RATE_LIMIT, FailureClass.QUOTA, FailureClass.CREDENTIAL})


class Policy(NamedTuple):
    """How far a request may go."""

    bounds: Bounds
    hedging: Hedging
    chance: Callable[[], float]
    purses: Purses = NoPurses()


class Trip:
    """One request on its way from attempt to attempt."""

    __slots__ = (
        "again",
        "allowance",
        "attempt",
        "choice",
        "cloud",
        "demand",
        "done_local",
        "failure",
        "passed_over",
        "purse",
        "racing",
        "request",
        "retried",
        "shortened",
        "silent",
        "tried",
        "tried_wires",
        "wait",
    )

    def __init__(self, request: EngineRequest, choice: Choice, allowance: Allowance) -> None:
        self.request = request
        self.choice = choice
        self.purse: Purse | None = None
        """Of a company with a budget."""
        self.passed_over = ""
        """Why a route that could answer was not asked; empty: none was left out."""
        self.allowance = allowance
        self.attempt: Attempt | None = None
        self.again: Line | None = None
        """Another key of this line is tried before other lines."""
        self.tried: set[Line] = set()
        self.tried_wires: set[Wire] = set()
        self.cloud: Ticket | None = None
        self.demand: Demand | None = None
        self.done_local = False
        self.racing = False
        """Two attempts may be under way, who tell their own names."""
        self.retried = False
        self.silent = False
        """The last attempt ended by a deadline."""
        self.shortened = False
        self.failure: Failure | None = None
        self.wait = float("inf")
        """Seconds until some line may have room."""

    @property
    def reason(self) -> str:
        """Why the last attempt failed."""
        return "" if self.failure is None else self.failure.code

    def affords(self, line: Line) -> bool:
        """Whether the company's budget leaves room for one more; that it does not is remembered."""
        if self.purse is None or self.purse.left > 0 or not line.is_paid:
            return True
        if not self.passed_over:
            self.passed_over = OVER_BUDGET
            numbers.PASSED_OVER.inc()
        return False


class Dispatch:
    """Holds what selection remembers between requests."""

    def __init__(self, policy: Policy, clock: Clock, limits: Limits, books: Bookkeeper) -> None:
        bounds, hedging, chance, self._purses = policy
        self._bounds = bounds
        self._hedging = hedging
        self._clock = clock
        self._limits = limits
        self._books = books
        self._chance = chance
        self._sticky: OrderedDict[str, Line] = OrderedDict()
        self._local_share = 0.0
        self.cooldowns = books.cooldowns
        self.retries = RetryBucket(bounds.retry_capacity, bounds.retry_refill)
        self._hedges = RetryBucket(1.0, hedging.share)

    def set_out(self, request: EngineRequest, choice: Choice) -> Trip:
        """Begin a request."""
        trip = Trip(request, choice, Allowance(self._bounds, self._clock.monotonic()))
        trip.purse = self._purses.find(request.tenant_id)
        if choice.needs_tokens or request.needs or request.only or trip.purse is not None:
            trip.demand = self._demand_of(request)
        return trip

    def _demand_of(self, request: EngineRequest) -> Demand:
        prompt = sum(estimate_tokens(message.content) for message in request.messages)
        tokens = prompt + request.max_output_tokens
        return Demand(needs=frozenset(request.needs), tokens=tokens, only=request.only)

    async def next_attempt(self, trip: Trip) -> Attempt | None:
        """The next attempt, begun; None when only the last resort is left."""
        if self._starts_local(trip) and (attempt := await self._ask_local(trip)) is not None:
            return attempt
        if self._may_go_on(trip):
            attempt = await self._ask_providers(trip)
            if attempt is None and not trip.choice.has_local:
                attempt = await self._ask_patiently(trip)
            if attempt is not None:
                trip.allowance.count()
                return attempt
        return await self._ask_local(trip)

    def _starts_local(self, trip: Trip) -> bool:
        """Too many timeouts at the providers: most new turns begin at the local tier until they have recovered."""
        if not trip.choice.has_local or trip.allowance.attempts:
            trip.cloud = trip.cloud or self._books.cloud.begin(self._clock.monotonic())
            return False
        now = self._clock.monotonic()
        cloud = self._books.cloud
        share = 1.0 if cloud.is_due(now) else cloud.weight(now)
        if share < 1.0:
            self._local_share += 1.0 - share
            if self._local_share >= 1.0:
                self._local_share -= 1.0
                return True
        trip.cloud = cloud.begin(now)
        return False

    def _may_go_on(self, trip: Trip) -> bool:
        allowance = trip.allowance
        if not allowance.attempts:
            self.retries.earn()
            self._hedges.earn()
            return True
        if not allowance.has_attempts:
            return False
        if allowance.first_content_s(self._clock.monotonic(), 60.0) < self._bounds.least_s:
            return False
        free = trip.failure is not None and trip.failure.failure_class is FailureClass.CREDENTIAL
        # A move to another line after a clean failure is bounded by the attempts; what repeats or was slow draws more.
        draws = trip.silent or (trip.again is not None and not free)
        return not draws or self.retries.spend()

    async def _ask_providers(self, trip: Trip) -> Attempt | None:
        line, trip.again = trip.again, None
        if line is not None:
            attempt = await self._take(line, trip)
            if attempt is not None:
                return attempt
        return await self._ask_tier("primary", trip) or await self._ask_tier("fallback", trip)

    async def _ask_tier(self, tier: Tier, trip: Trip) -> Attempt | None:
        found = trip.choice.tiers[tier]
        if not found.lines:
            return None
        now = self._clock.monotonic()
        weights: dict[str, float] = {}
        probed: Line | None = None
        for line in found.lines:
            if line in trip.tried or (trip.demand is not None and not suits(line.route, trip.demand)):
                continue
            if not trip.affords(line):
                continue
            share = line.breaker.weight(now)
            if share > 0:
                weights[line.route.name] = share * line.route.weight
            elif line.breaker.is_due(now):
                probed = line
        if probed is not None and (attempt := await self._take(probed, trip)) is not None:
            return attempt
        return await self._take_turns(found, weights, trip) if weights else None

    async def _take_turns(self, tier: TierLines, weights: dict[str, float], trip: Trip) -> Attempt | None:
        """The line that the conversation stays on, or whose turn it is, or the next that has room."""
        conversation = trip.request.conversation_id
        sticky = self._sticky.get(conversation) if conversation else None
        name = sticky.route.name if sticky is not None and sticky.breaker.is_closed else ""
        while weights:
            if name not in weights:
                name = tier.rotation.choose(weights)
            line = trip.choice.names[name]
            attempt = await self._take(line, trip)
            if attempt is not None:
                tier.rotation.charge(name, weights)
                if conversation:
                    self._stay(conversation, line)
                return attempt
            del weights[name]
        return None

    def _stay(self, conversation: str, line: Line) -> None:
        sticky = self._sticky
        sticky[conversation] = line
        sticky.move_to_end(conversation)
        if len(sticky) > self._bounds.sticky:
            sticky.popitem(last=False)

    async def _take(self, line: Line, trip: Trip) -> Attempt | None:
        """Reserve room with one of the line's keys."""
        if line.is_full:
            trip.wait = min(trip.wait, 0.1)
            return None
        attempt_id = new_id("att")
        tokens = round(trip.demand.tokens * line.tally.correction) if trip.demand is not None else 0
        for wire in line.wires_in_turn():
            now = self._clock.monotonic()
            wait = self.cooldowns.wait(wire.scopes, now)
            if wire in trip.tried_wires:
                wait = max(wait, _TRIED_REST_S)
            elif wait <= 0 and (wire.quota.rpm or wire.quota.tpm):
                wait = await self._limits.reserve(wire.quota, attempt_id, tokens)
            if wait > 0:
                trip.wait = min(trip.wait, wait)
                continue
            if not line.breaker.weight(now) and not await self._books.news.lease(line.identity, line.breaker.lease_s):
                # Another node probes it.
                self._limits.settle(wire.quota, attempt_id, 0)
                return None
            return self._begin(line, wire, trip, attempt_id)
        return None

    def _begin(self, line: Line, wire: Wire, trip: Trip, attempt_id: str) -> Attempt | None:
        now = self._clock.monotonic()
        # Looked at again: others may have begun while room was reserved.
        ticket = line.breaker.begin(now) if trip.affords(line) else None
        if ticket is None:
            self._limits.settle(wire.quota, attempt_id, 0)
            return None
        self.cooldowns.take(wire.scopes, now)
        attempt = Attempt(attempt_id, line, wire, ticket)
        if line.route.tier != "local":
            attempt.cloud, trip.cloud = trip.cloud, None
        if trip.purse is not None and line.is_paid:
            attempt.hold(trip.purse, self._estimate_micro(line, trip))
        trip.attempt = attempt
        return attempt

    def _estimate_micro(self, line: Line, trip: Trip) -> int:
        """What the longest answer would cost."""
        output = trip.request.max_output_tokens
        demand = trip.demand or self._demand_of(trip.request)
        asked = round((demand.tokens - output) * line.tally.correction)
        return line.price(Usage(input_tokens=asked, output_tokens=output, estimated=True))

    async def _ask_patiently(self, trip: Trip) -> Attempt | None:
        """Nobody has room now, or the only line failed: a short wait is better than no provider at all."""
        while True:
            wait = trip.wait
            failure = trip.failure
            if wait == float("inf") and failure is not None and not trip.retried:
                if failure.failure_class is not FailureClass.TRANSIENT or not self.retries.spend():
                    return None
                trip.retried = True
                trip.tried.clear()
                wait = 0.1 + 0.2 * self._chance()
            if wait > trip.allowance.wait_s(self._clock.monotonic()):
                return None
            trip.allowance.waited_s += wait
            await asyncio.sleep(wait + _SLACK_S)
            trip.wait = float("inf")
            trip.tried_wires.clear()
            attempt = await self._ask_providers(trip)
            if attempt is not None or trip.wait == float("inf"):
                return attempt

    async def _ask_local(self, trip: Trip) -> Attempt | None:
        if trip.done_local or not trip.choice.has_local:
            return None
        trip.done_local = True
        return await self._ask_tier("local", trip)

    def note(self, trip: Trip, attempt: Attempt, failure: Failure) -> None:
        """An attempt failed: who must not be asked again, and who may."""
        trip.failure = failure
        trip.silent = failure.failure_class is FailureClass.TIMEOUT
        line = attempt.line
        if failure.failure_class in _OTHER_KEY:
            trip.tried_wires.add(attempt.wire)
            trip.again = line
            if failure.failure_class is FailureClass.CREDENTIAL:
                trip.allowance.forgive()
            return
        trip.tried.add(line)
        if failure.failure_class is FailureClass.CONTEXT:
            demand = trip.demand or self._demand_of(trip.request)
            trip.demand = msgspec.structs.replace(demand, larger_than=line.route.window_tokens or 1)

    def shorten(self, trip: Trip, attempt: Attempt, compress: Compress) -> None:
        """The prompt was too long: the same line may be asked with a shorter one, once."""
        shorter = None if trip.shortened else compress(trip.request)
        trip.shortened = True
        if shorter is not None:
            trip.request = shorter
            trip.demand = self._demand_of(shorter)
            trip.tried.discard(attempt.line)

    def hedge_after_s(self, trip: Trip, attempt: Attempt) -> float | None:
        """Seconds after which a second route may be asked as well; None when none may."""
        line = attempt.line
        if attempt.number > 1 or line.route.tier == "local" or trip.request.parameters.tools:
            return None
        if trip.request.embeds:
            return None
        if not line.breaker.is_closed or not self.retries.is_half_full:
            return None
        return max((line.tally.share(0.95) or 0.0) / 1000, self._hedging.least_s)

    async def find_rival(self, trip: Trip) -> Attempt | None:
        """Another provider to ask for the same answer."""
        first = trip.attempt
        if first is None or not self.retries.is_half_full or not self._hedges.spend():
            return None
        tried = trip.tried
        provider = first.line.route.provider
        others = {
            line for line in trip.choice.names.values() if line.route.provider == provider or not line.breaker.is_closed
        }
        trip.tried = tried | others
        rival = await self._ask_tier("primary", trip) or await self._ask_tier("fallback", trip)
        trip.tried, trip.attempt = tried, first
        if rival is not None:
            trip.allowance.count()
        return rival

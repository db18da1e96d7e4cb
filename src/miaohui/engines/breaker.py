"""When to stop asking a route, and how to begin again. Pure: time and chance are arguments.

    CLOSED ── 5 failures in a row, or of at least 20 in 60 s more than 5 % timeouts or 50 % failures ──> OPEN
    OPEN ── after 30 s x 2^(k-1), at most 300 s, give or take a tenth ──> HALF_OPEN
    HALF_OPEN ── one probe at a time: two successes ──> RAMP;  a failure ──> OPEN, k + 1
    RAMP ── weight x 0.1, 0.3, 0.6, 1 for 5 s each ──> CLOSED;  five minutes without a failure: k - 1

Every opening and every probe begins a generation; what was begun in an earlier one no longer counts.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import msgspec

_BUCKETS = 10


class Phase(IntEnum):
    """Where a breaker stands; the number is what the metric shows."""

    CLOSED = 0
    RAMP = 1
    HALF_OPEN = 2
    OPEN = 3


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """When it opens and how it recovers; seconds and shares."""

    consecutive: int = 5
    """Failures in a row that open it; 0 does not count them."""
    least: int = 20
    """Attempts in the window below which shares say nothing."""
    timeout_share: float = 0.05
    failure_share: float = 0.5
    window_s: float = 60.0
    open_s: float = 30.0
    open_most_s: float = 300.0
    lease_s: float = 15.0
    """A probe that has not ended by then is given up."""
    probes: int = 2
    ramp: tuple[float, ...] = (0.1, 0.3, 0.6, 1.0)
    ramp_step_s: float = 5.0
    clean_s: float = 300.0


class Ticket(NamedTuple):
    """An attempt's place in the breaker's history."""

    generation: int
    probe: bool


class Breaker:
    """The state of one route or one tier."""

    __slots__ = (
        "_buckets",
        "_clean_since",
        "_in_a_row",
        "_leased_until",
        "_openings",
        "_passed",
        "_ramp_since",
        "_rules",
        "_until",
        "generation",
        "phase",
    )

    def __init__(self, rules: Rules | None = None) -> None:
        self._rules = rules or Rules()
        self.phase = Phase.CLOSED
        self.generation = 0
        self._openings = 0
        self._clean_since = 0.0
        self._until = 0.0
        self._leased_until = 0.0
        self._passed = 0
        self._ramp_since = 0.0
        self._in_a_row = 0
        self._buckets: dict[int, list[int]] = {}

    def weight(self, now: float) -> float:
        """The share of its traffic that may be sent, 0 to 1; probes are asked for with `is_due`."""
        if self.phase is Phase.CLOSED:
            return 1.0
        if self.phase is not Phase.RAMP:
            return 0.0
        step = int((now - self._ramp_since) / self._rules.ramp_step_s)
        if step < len(self._rules.ramp):
            return self._rules.ramp[step]
        self.phase = Phase.CLOSED
        self._clean_since = now
        return 1.0

    def is_due(self, now: float) -> bool:
        """A probe may be sent, and none is under way."""
        if self.phase is Phase.OPEN:
            return now >= self._until
        return self.phase is Phase.HALF_OPEN and now >= self._leased_until

    @property
    def is_calm(self) -> bool:
        """Closed, without a failure in sight: a success will change nothing."""
        return self.phase is Phase.CLOSED and not self._in_a_row

    @property
    def is_closed(self) -> bool:
        """Nothing holds it back."""
        return self.phase is Phase.CLOSED

    def begin(self, now: float) -> Ticket | None:
        """Begin an attempt; as the one probe when that is due. None: nothing may be sent."""
        if self.weight(now) > 0:
            return Ticket(self.generation, probe=False)
        if not self.is_due(now):
            return None
        if self.phase is Phase.OPEN:
            self._passed = 0
        self.phase = Phase.HALF_OPEN
        self.generation += 1
        self._leased_until = now + self._rules.lease_s
        return Ticket(self.generation, probe=True)

    def succeed(self, ticket: Ticket, now: float, chance: float) -> bool:
        """The attempt came to its proper end; whether the phase changed."""
        if ticket.generation != self.generation:
            return False
        if self.phase is Phase.HALF_OPEN:
            return self._pass_probe(now)
        self._in_a_row = 0
        if not self._count(now)[1]:
            return False
        return self._is_sick() and self._open(now, chance)

    def _pass_probe(self, now: float) -> bool:
        self._passed += 1
        self._leased_until = now
        if self._passed < self._rules.probes:
            return False
        self._begin_ramp(now)
        return True

    def _begin_ramp(self, now: float) -> None:
        self._buckets.clear()
        self._in_a_row = 0
        self._ramp_since = now
        self.phase = Phase.RAMP
        self.generation += 1

    def fail(self, ticket: Ticket, now: float, chance: float, *, timeout: bool = False) -> bool:
        """The attempt failed by the route's fault; whether the phase changed. `chance` is 0 to 1."""
        if ticket.generation != self.generation:
            return False
        if self.phase is Phase.HALF_OPEN:
            return self._open(now, chance)
        bucket = self._count(now)
        bucket[1] += 1
        bucket[2] += timeout
        self._in_a_row += 1
        self._forgive(now)
        return (self._is_past_a_row() or self._is_sick()) and self._open(now, chance)

    def excuse(self, ticket: Ticket, now: float) -> None:
        """The attempt ended without saying anything of the route; a probe may be sent again."""
        if ticket.probe and ticket.generation == self.generation and self.phase is Phase.HALF_OPEN:
            self._leased_until = now

    def counts(self, ticket: Ticket) -> bool:
        """The attempt is ordinary traffic, and nothing has changed since it began."""
        return not ticket.probe and ticket.generation == self.generation

    def forget(self) -> None:
        """The cause of what was counted is gone."""
        self._buckets.clear()
        self._in_a_row = 0

    def force_open(self, now: float, chance: float) -> bool:
        """The route is gone; whether the phase changed."""
        was_open = self.phase is Phase.OPEN
        if not was_open:
            self._open(now, chance)
        return not was_open

    def adopt_open(self, now: float, rests_s: float, openings: int) -> bool:
        """Another node opened it; whether that changes anything here."""
        if self.phase in {Phase.OPEN, Phase.HALF_OPEN} or rests_s <= 0:
            return False
        self._openings = max(self._openings, openings)
        self._rest(now + rests_s)
        return True

    def adopt_ramp(self, now: float) -> bool:
        """Another node's probes passed; whether that changes anything here."""
        if self.phase not in {Phase.OPEN, Phase.HALF_OPEN}:
            return False
        self._begin_ramp(now)
        return True

    @property
    def openings(self) -> int:
        """How often it opened of late."""
        return self._openings

    def rests_s(self, now: float) -> float:
        """What is left of its rest."""
        return max(0.0, self._until - now) if self.phase is Phase.OPEN else 0.0

    @property
    def lease_s(self) -> float:
        """How long a probe may take."""
        return self._rules.lease_s

    def _open(self, now: float, chance: float) -> bool:
        rules = self._rules
        self._forgive(now)
        self._openings += 1
        wait_s = min(rules.open_s * 2 ** min(self._openings - 1, 20), rules.open_most_s)
        self._rest(now + wait_s * (0.9 + 0.2 * chance))
        return True

    def _rest(self, until: float) -> None:
        self._until = until
        self._buckets.clear()
        self._in_a_row = 0
        self.phase = Phase.OPEN
        self.generation += 1

    def _forgive(self, now: float) -> None:
        """Openings weigh less for every clean while behind us."""
        if self.phase is Phase.CLOSED and self._openings:
            self._openings = max(0, self._openings - int((now - self._clean_since) / self._rules.clean_s))
        self._clean_since = now

    def _count(self, now: float) -> list[int]:
        """Add one attempt to the window; its bucket of attempts, failures, timeouts."""
        width = self._rules.window_s / _BUCKETS
        index = int(now / width)
        bucket = self._buckets.get(index)
        if bucket is None:
            for old in [one for one in self._buckets if one <= index - _BUCKETS]:
                del self._buckets[old]
            bucket = self._buckets[index] = [0, 0, 0]
        bucket[0] += 1
        return bucket

    def _is_past_a_row(self) -> bool:
        return 0 < self._rules.consecutive <= self._in_a_row

    def _is_sick(self) -> bool:
        attempts = failures = timeouts = 0
        for bucket in self._buckets.values():
            attempts += bucket[0]
            failures += bucket[1]
            timeouts += bucket[2]
        if attempts < self._rules.least:
            return False
        return timeouts > self._rules.timeout_share * attempts or failures > self._rules.failure_share * attempts

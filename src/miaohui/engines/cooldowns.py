"""Which keys must rest, and until when. Pure: time is an argument.

A scope is what rests: one key on one route (a rate limit), one key (refused), one account (its balance is used up).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

DEAD_S = 900.0
"""A key without credit or refused is probed again after so long, by one request."""
DEFAULT_COOLDOWN_S = 5.0
"""For a rate limit that does not say when to come back."""
_PROBE_S = 30.0


class Rest(NamedTuple):
    """A scope at rest."""

    until: float
    dead: bool
    reason: str


class Cooldowns:
    """Rests by scope; empty while all is well, and then costs nothing."""

    __slots__ = ("_rests",)

    def __init__(self) -> None:
        self._rests: dict[str, Rest] = {}

    def cool(self, scope: str, now: float, seconds: float, reason: str = "rate_limit") -> None:
        """Let it rest; a longer rest stays."""
        until = now + seconds
        rest = self._rests.get(scope)
        if rest is None or rest.until < until:
            self._rests[scope] = Rest(until, dead=rest is not None and rest.dead, reason=reason)

    def kill(self, scope: str, now: float, reason: str) -> None:
        """It is dead until a probe shows otherwise."""
        self._rests[scope] = Rest(now + DEAD_S, dead=True, reason=reason)

    def wait(self, scopes: Iterable[str], now: float) -> float:
        """Seconds until all of these may be used; 0 is now."""
        if not self._rests:
            return 0.0
        return max((self._rests[scope].until - now for scope in scopes if scope in self._rests), default=0.0)

    def take(self, scopes: Iterable[str], now: float) -> None:
        """They are about to be used: what was dead is probed by this request alone, what has cooled is forgotten."""
        if not self._rests:
            return
        for scope in scopes:
            rest = self._rests.get(scope)
            if rest is None:
                continue
            if rest.dead:
                self._rests[scope] = rest._replace(until=now + _PROBE_S)
            else:
                del self._rests[scope]

    def revive(self, scopes: Iterable[str]) -> None:
        """An answer came: they are well."""
        if self._rests:
            for scope in scopes:
                rest = self._rests.get(scope)
                if rest is not None and rest.dead:
                    del self._rests[scope]

    def find(self, scopes: Iterable[str], now: float) -> Rest | None:
        """The longest rest among these that still holds."""
        rests = [self._rests[scope] for scope in scopes if scope in self._rests and self._rests[scope].until > now]
        return max(rests, default=None, key=lambda rest: rest.until)

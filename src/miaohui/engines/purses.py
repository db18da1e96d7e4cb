"""How much a company may still spend on providers, as selection looks at it. Pure: who knows the sums fills the purses.

Days and months are those of UTC, as everywhere in the ledger.
"""

from __future__ import annotations

from datetime import date
from typing import Protocol

import msgspec

DAY_MS = 86_400_000
NEAR = 0.8
"""From this part of a budget on somebody is told."""
_EPOCH = date(1970, 1, 1).toordinal()


class Budget(msgspec.Struct, frozen=True, gc=False):
    """Millionths of a currency unit; 0 is none."""

    day_micro: int = 0
    month_micro: int = 0

    def __bool__(self) -> bool:
        return bool(self.day_micro or self.month_micro)


class Spent(msgspec.Struct, frozen=True, gc=False):
    """What attempts came to that have ended, in millionths of a currency unit."""

    day_micro: int = 0
    month_micro: int = 0


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """One budget, and how it stands."""

    budget_micro: int
    """0 is none."""
    spent_micro: int
    ends_at_ms: int


class Purse:
    """What one company has left. Everything in millionths of a currency unit."""

    __slots__ = ("budget", "day_micro", "held", "left", "month_micro")

    def __init__(self) -> None:
        self.budget = Budget()
        self.day_micro = 0
        self.month_micro = 0
        self.held = 0
        """What attempts under way may come to."""
        self.left = 0
        """Until 0 or below, where routes with a price are left out."""

    def fill(self, budget: Budget, spent: Spent) -> None:
        """The sums are known anew."""
        self.budget = budget
        self.day_micro, self.month_micro = spent.day_micro, spent.month_micro
        rests = [
            whole - gone
            for whole, gone in ((budget.day_micro, spent.day_micro), (budget.month_micro, spent.month_micro))
            if whole
        ]
        self.left = min(rests) - self.held if rests else 1

    def hold(self, micro: int) -> None:
        """An attempt begins that may come to so much."""
        self.held += micro
        self.left -= micro

    def release(self, micro: int) -> None:
        """It ended."""
        self.held -= micro
        self.left += micro

    def spend(self, micro: int) -> None:
        """It came to so much. The next filling corrects what ended after its day did."""
        self.day_micro += micro
        self.month_micro += micro
        self.left -= micro

    @property
    def share(self) -> float:
        """The part that is spent of the budget of which most is: 1 is all of it."""
        day, month = self.budget.day_micro, self.budget.month_micro
        return max(self.day_micro / day if day else 0.0, self.month_micro / month if month else 0.0)


class Purses(Protocol):
    """Who has a budget."""

    def find(self, tenant_id: str) -> Purse | None:
        """None for a company without one."""
        ...


class NoPurses:
    """Nobody has."""

    def find(self, tenant_id: str) -> Purse | None:
        del tenant_id
        return None


def first_of_month(day: int) -> int:
    """The first day of the month that a day is in; both in days since 1970-01-01."""
    return date.fromordinal(_EPOCH + day).replace(day=1).toordinal() - _EPOCH


def month_after(day: int) -> int:
    """The first day of the next month."""
    first = date.fromordinal(_EPOCH + day).replace(day=1)
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return following.toordinal() - _EPOCH

"""What is left of a budget, and where its periods begin and end."""

from __future__ import annotations

from datetime import date

import pytest

from miaohui.engines.purses import Budget, Purse, Spent, first_of_month, month_after

EPOCH = date(1970, 1, 1).toordinal()


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal() - EPOCH


def purse(day_micro: int, month_micro: int, spent: Spent) -> Purse:
    filled = Purse()
    filled.fill(Budget(day_micro, month_micro), spent)
    return filled


@pytest.mark.parametrize(
    ("budget", "spent", "left", "share"),
    [
        ((100, 0), Spent(30, 900), 70, 0.3),
        ((0, 1_000), Spent(30, 900), 100, 0.9),
        ((100, 1_000), Spent(30, 900), 70, 0.9),
        ((100, 1_000), Spent(10, 950), 50, 0.95),
        ((100, 0), Spent(100, 100), 0, 1.0),
        ((100, 0), Spent(150, 150), -50, 1.5),
    ],
)
def test_the_tighter_of_both_budgets_says_what_is_left(
    budget: tuple[int, int], spent: Spent, left: int, share: float
) -> None:
    filled = purse(*budget, spent)
    assert (filled.left, filled.share) == (left, share)


def test_what_is_under_way_is_held_until_it_has_ended_and_then_counts_as_it_was() -> None:
    filled = purse(100, 0, Spent())
    filled.hold(80)
    assert filled.left == 20
    filled.fill(Budget(100, 0), Spent(10, 10))
    assert filled.left == 10, "a filling forgets nothing that is under way"
    filled.release(80)
    filled.spend(25)
    assert (filled.left, filled.day_micro) == (65, 35)


@pytest.mark.parametrize(
    ("today", "first", "following"),
    [
        ("2026-11-21", "2026-11-01", "2026-12-01"),
        ("2026-12-31", "2026-12-01", "2027-01-01"),
        ("2028-02-29", "2028-02-01", "2028-03-01"),
        ("2027-01-01", "2027-01-01", "2027-02-01"),
    ],
)
def test_months_begin_and_end_where_calendars_say(today: str, first: str, following: str) -> None:
    assert (first_of_month(day(today)), month_after(day(today))) == (day(first), day(following))

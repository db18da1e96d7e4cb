"""Clocks of tickets run in business hours only."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaohui.inboxes.hours import Hours, Span, after_open_ms, check_hours, is_open, next_opening, open_ms_between
from miaohui.kit.comma import BOM, format_table, safe
from miaohui.kit.errors import Invalid
from miaohui.tickets import policy
from miaohui.tickets.types import Rule, Ticket

SHANGHAI = ZoneInfo("Asia/Shanghai")
NINE_TO_SIX = (Span(540, 1080),)
WEEKDAYS = Hours(week=(*[NINE_TO_SIX] * 5, (), ()), holidays={"2026-11-24": (), "2026-11-28": (Span(600, 720),)})
NEW_YORK = Hours(timezone="America/New_York", week=tuple([(Span(0, 1440),)] * 7))
HOUR_MS = 3_600_000


def at(text: str, zone: ZoneInfo = SHANGHAI) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


def ticket(**changes: object) -> Ticket:
    values: dict[str, object] = {"id": "t", "tenant_id": "ten", "subject": "s", "opened_by": "key:k"}
    return Ticket(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        ("2026-11-23T09:00", True),  # a Monday
        ("2026-11-23T08:59", False),
        ("2026-11-23T17:59", True),
        ("2026-11-23T18:00", False),
        ("2026-11-22T12:00", False),  # a Sunday
        ("2026-11-24T12:00", False),  # a holiday
        ("2026-11-28T11:00", True),  # a Saturday on which they work
        ("2026-11-28T09:30", False),
    ],
)
def test_an_inbox_is_attended_in_its_hours_and_on_no_holiday(moment: str, *, open_: bool) -> None:
    assert is_open(WEEKDAYS, at(moment)) is open_
    assert is_open(None, at(moment))


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-23T12:00", "2026-11-23T12:00"),
        ("2026-11-23T18:00", "2026-11-25T09:00"),  # over the holiday
        ("2026-11-27T20:00", "2026-11-28T10:00"),
        ("2026-11-28T12:00", "2026-11-30T09:00"),
    ],
)
def test_the_next_opening_steps_over_nights_weekends_and_holidays(moment: str, opens: str) -> None:
    assert next_opening(WEEKDAYS, at(moment)) == at(opens)


def test_a_deadline_counts_working_time_only() -> None:
    assert after_open_ms(WEEKDAYS, at("2026-11-23T17:00"), 2 * HOUR_MS) == at("2026-11-25T10:00")
    assert after_open_ms(None, 1_000, 500) == 1_500
    assert open_ms_between(WEEKDAYS, at("2026-11-23T17:00"), at("2026-11-25T10:00")) == 2 * HOUR_MS
    assert open_ms_between(WEEKDAYS, at("2026-11-21T00:00"), at("2026-11-22T00:00")) == 0


def test_a_day_of_a_clock_change_is_as_long_as_it_is() -> None:
    new_york = ZoneInfo("America/New_York")
    spring = (at("2026-03-08T00:00", new_york), at("2026-03-09T00:00", new_york))
    autumn = (at("2026-11-01T00:00", new_york), at("2026-11-02T00:00", new_york))
    assert open_ms_between(NEW_YORK, *spring) == 23 * HOUR_MS
    assert open_ms_between(NEW_YORK, *autumn) == 25 * HOUR_MS


@given(st.integers(0, 60 * 24 * 60), st.integers(1, 20_000))
def test_after_so_much_working_time_exactly_so_much_has_passed(start_minutes: int, minutes: int) -> None:
    start = at("2026-11-01T00:00") + start_minutes * 60_000
    end = after_open_ms(WEEKDAYS, start, minutes * 60_000)
    assert open_ms_between(WEEKDAYS, start, end) == minutes * 60_000
    assert is_open(WEEKDAYS, end - 1)


@pytest.mark.parametrize(
    "wrong",
    [
        Hours(timezone="Mars/Olympus", week=WEEKDAYS.week),
        Hours(timezone="../etc/passwd", week=WEEKDAYS.week),
        Hours(week=((),) * 7),
        Hours(week=WEEKDAYS.week[:6]),
        Hours(week=((Span(600, 540),), *WEEKDAYS.week[1:])),
        Hours(week=((Span(0, 600), Span(540, 700)), *WEEKDAYS.week[1:])),
        Hours(week=((Span(0, 1441),), *WEEKDAYS.week[1:])),
        Hours(week=WEEKDAYS.week, holidays={"2026-02-30": ()}),
        Hours(week=WEEKDAYS.week, holidays={"20261001": ()}),
    ],
)
def test_hours_that_cannot_be_are_refused(wrong: Hours) -> None:
    check_hours(WEEKDAYS)
    with pytest.raises(Invalid):
        check_hours(wrong)


def test_a_clock_stands_still_while_somebody_outside_is_waited_for() -> None:
    due = ticket(due_at_ms=at("2026-11-25T10:00"))
    stopped = policy.after_status(due, "waiting", WEEKDAYS, at("2026-11-23T17:00"))
    assert stopped == (0, 2 * HOUR_MS)
    waiting = ticket(status="waiting", left_ms=2 * HOUR_MS)
    assert policy.after_status(waiting, "open", WEEKDAYS, at("2026-11-30T09:00")) == (at("2026-11-30T11:00"), 0)


def test_a_clock_that_has_run_out_is_not_wound_up_by_waiting() -> None:
    late = ticket(due_at_ms=at("2026-11-23T10:00"))
    assert policy.after_status(late, "waiting", WEEKDAYS, at("2026-11-23T11:00")) == (late.due_at_ms, 0)
    waiting = ticket(status="waiting", due_at_ms=late.due_at_ms)
    assert policy.after_status(waiting, "open", WEEKDAYS, at("2026-11-27T11:00")) == (late.due_at_ms, 0)


def test_another_priority_moves_the_due_time_by_working_time() -> None:
    now = at("2026-11-23T10:00")
    due = ticket(due_at_ms=after_open_ms(WEEKDAYS, now, 8 * HOUR_MS))
    sooner, _ = policy.after_priority(due, (480, 240), WEEKDAYS, now)
    assert sooner == at("2026-11-23T14:00")
    at_once, _ = policy.after_priority(due, (480, 240), WEEKDAYS, at("2026-11-23T16:00"))
    assert at_once == at("2026-11-23T16:00")
    still = ticket(status="waiting", left_ms=8 * HOUR_MS)
    assert policy.after_priority(still, (480, 240), WEEKDAYS, now) == (0, 4 * HOUR_MS)


def test_a_ticket_is_overdue_by_when_it_was_done() -> None:
    assert policy.is_overdue(ticket(due_at_ms=100), 100)
    assert not policy.is_overdue(ticket(due_at_ms=100), 99)
    assert not policy.is_overdue(ticket(due_at_ms=100, closed_at_ms=90), 500)
    assert policy.is_overdue(ticket(due_at_ms=100, closed_at_ms=110), 500)
    assert not policy.is_overdue(ticket(due_at_ms=0), 500)


@pytest.mark.parametrize(
    ("text", "category"),
    [("我要退款", "refund"), ("快递三天没到", "delivery"), ("Where is my invoice?", "payment"), ("你好", "other")],
)
def test_a_ticket_is_classified_by_its_words(text: str, category: str) -> None:
    assert policy.classify(text) == category


def test_a_rule_needs_all_that_it_asks_for() -> None:
    rule = Rule(id="r", tenant_id="t", name="n", handoff_reason="sentiment", label="vip", subject="s")
    assert policy.applies(rule, "sentiment", ("vip", "x"))
    assert not policy.applies(rule, "sentiment", ())
    assert not policy.applies(rule, None, ("vip",))
    assert not policy.applies(Rule(id="r", tenant_id="t", name="n", subject="s"), "sentiment", ("vip",))


FORMULAS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "\ufeff=1", "\u200b=1", "＝1", "＠x",
    "|calc", '=HYPERLINK("http://evil","x")', "=cmd|' /C calc'!A0", "%0A=1",
]  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_a_table_is_taken_for_a_formula(text: str) -> None:
    assert str(safe(text)).startswith("'")
    line = format_table(["a"], [[text]]).removeprefix(BOM).partition("\r\n")[2]
    assert line.lstrip('"').startswith("'")


@pytest.mark.parametrize("cell", ["plain", "a=b", "5-3", "", "你好", 5, -5, 2.5, None])
def test_what_is_no_formula_stays_as_it_is(cell: object) -> None:
    assert safe(cell) == cell  # type: ignore[arg-type]

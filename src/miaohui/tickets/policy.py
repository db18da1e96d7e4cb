"""Clocks of tickets, which run in business hours only, and what a ticket is about. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from miaohui.inboxes.hours import Hours, after_open_ms, open_ms_between
from miaohui.kit.errors import FieldError, Invalid
from miaohui.tickets.types import Priority, Rule, Status, Ticket

MINUTE_MS = 60_000
DUE_MINUTES: Mapping[Priority, int] = {"urgent": 4 * 60, "high": 8 * 60, "medium": 24 * 60, "low": 72 * 60}
"""Working minutes until a ticket should be done, where a company says nothing else."""
MOST_MINUTES = 365 * 24 * 60
RUNNING: frozenset[Status] = frozenset({"open", "in_progress"})
TEXT_CHARS = 10_000
SUBJECT_CHARS = 200

_CATEGORIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("complaint", ("投诉", "差评", "举报", "complain", "lawyer", "律师")),
    ("refund", ("退款", "退货", "退钱", "换货", "refund", "return", "exchange")),
    ("delivery", ("物流", "快递", "发货", "没到", "送达", "delivery", "shipping", "parcel", "tracking")),
    ("payment", ("支付", "付款", "发票", "扣款", "账单", "payment", "invoice", "charge", "billing")),
    ("account", ("登录", "密码", "账号", "注册", "login", "password", "account")),
    ("product", ("坏了", "故障", "质量", "怎么用", "broken", "defect", "quality", "warranty", "保修")),
)


def classify(*texts: str) -> str:
    """What it is about, by the first list that has a word of it; `other` when none has."""
    words = " ".join(texts).lower()
    return next((category for category, signs in _CATEGORIES if any(sign in words for sign in signs)), "other")


def due_at(hours: Hours | None, from_ms: int, minutes: int) -> int:
    """When so many working minutes are over."""
    return after_open_ms(hours, from_ms, minutes * MINUTE_MS)


def stop(ticket: Ticket, hours: Hours | None, now_ms: int) -> tuple[int, int]:
    """Due time and time left of a clock that stands still from now on; one that is over time stays so."""
    if not ticket.due_at_ms or ticket.due_at_ms <= now_ms:
        return ticket.due_at_ms, 0
    return 0, open_ms_between(hours, now_ms, ticket.due_at_ms)


def go_on(ticket: Ticket, hours: Hours | None, now_ms: int) -> tuple[int, int]:
    """Due time and time left of a clock that runs again."""
    if ticket.due_at_ms or not ticket.left_ms:
        return ticket.due_at_ms, 0
    return after_open_ms(hours, now_ms, ticket.left_ms), 0


def after_status(ticket: Ticket, status: Status, hours: Hours | None, now_ms: int) -> tuple[int, int]:
    """Due time and time left when a ticket gets another status. A clock that ended keeps its time, to be judged by."""
    if status == "waiting" and ticket.status in RUNNING:
        return stop(ticket, hours, now_ms)
    if status in RUNNING and ticket.status == "waiting":
        return go_on(ticket, hours, now_ms)
    return ticket.due_at_ms, ticket.left_ms


def after_priority(ticket: Ticket, minutes: tuple[int, int], hours: Hours | None, now_ms: int) -> tuple[int, int]:
    """Due time and time left when the allowed minutes change from the first to the second."""
    more_ms = (minutes[1] - minutes[0]) * MINUTE_MS
    if not ticket.due_at_ms:
        return 0, max(1, ticket.left_ms + more_ms)
    left_ms = open_ms_between(hours, now_ms, ticket.due_at_ms) - open_ms_between(hours, ticket.due_at_ms, now_ms)
    return (now_ms if left_ms + more_ms <= 0 else after_open_ms(hours, now_ms, left_ms + more_ms)), 0


def is_overdue(ticket: Ticket, now_ms: int) -> bool:
    """Whether it should have been done by now, or was done too late."""
    until_ms = ticket.closed_at_ms or now_ms
    return 0 < ticket.due_at_ms <= until_ms


def applies(rule: Rule, handoff_reason: str | None, labels: tuple[str, ...]) -> bool:
    """Whether a conversation has all that a rule asks for; one that asks for nothing never applies."""
    wanted = (rule.handoff_reason, rule.label)
    return (
        any(wanted) and rule.handoff_reason in {"", handoff_reason or "-"} and (not rule.label or rule.label in labels)
    )


def check_rule(rule: Rule) -> None:
    """Raises `Invalid` when it asks for nothing: it would open a ticket for everything, or never one."""
    if not (rule.handoff_reason or rule.label):
        wanted = "a reason of handoff or a label"
        raise Invalid("A rule asks for something.", errors=[FieldError("$.handoff_reason", wanted)])


def checked_subject(subject: str) -> str:
    """On one line. Raises `Invalid`."""
    line = " ".join(subject.replace("\x00", "").split())
    if not 0 < len(line) <= SUBJECT_CHARS:
        raise Invalid("A ticket needs a subject.", errors=[FieldError("$.subject", f"1 to {SUBJECT_CHARS} characters")])
    return line

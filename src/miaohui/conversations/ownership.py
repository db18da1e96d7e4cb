"""Who owns a thread, and what each act makes of that. Pure, and the only place that decides it.

The statements of `statements.py` are derived from `step`, so the database cannot think otherwise; the model in
`tests/desk` explores every order in which the acts can happen.

    pending  the assistant answers           open, nobody  the visitor waits in the queue
    snoozed  put aside until a moment        open, agent   that agent answers          resolved  done
"""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import msgspec

from miaohui.conversations.types import Act, Status

STATUSES: tuple[Status, ...] = get_args(Status)


class Ownership(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a conversation that decides who may speak."""

    status: Status = "pending"
    epoch: int = 1
    """Goes up with every change of status or assignee, and only then."""
    assignee_id: str = ""


def step(now: Ownership, act: Act, agent_id: str = "") -> Ownership | None:
    """The ownership after an act (`now` itself when it changes nothing), or None when the act is refused."""
    return _STEPS[act](now, agent_id)


def may_answer(now: Ownership, epoch: int) -> bool:
    """Whether the assistant, whose turn began under `epoch`, may say one more word."""
    return now.status == "pending" and now.epoch == epoch


def is_queued(now: Ownership) -> bool:
    """Whether the visitor waits for some agent."""
    return now.status == "open" and not now.assignee_id


def _received(now: Ownership, _: str) -> Ownership:
    """The visitor's word wakes what was put aside, and opens what was done: with the assistant."""
    if now.status == "snoozed":
        return _moved(now, "open", now.assignee_id)
    return _moved(now, "pending") if now.status == "resolved" else now


def _answered(now: Ownership, _: str) -> Ownership | None:
    return now if may_answer(now, now.epoch) else None


def _handed_off(now: Ownership, _: str) -> Ownership | None:
    return _moved(now, "open") if now.status == "pending" else None


def _requested(now: Ownership, _: str) -> Ownership:
    return _moved(now, "open", now.assignee_id if _with_humans(now) else "")


def _given(now: Ownership, agent_id: str) -> Ownership:
    return _moved(now, "open", agent_id)


def _taken(now: Ownership, agent_id: str) -> Ownership | None:
    """From the queue only: two who reach for the same one do not both get it."""
    mine = now.status == "open" and now.assignee_id == agent_id
    return _moved(now, "open", agent_id) if mine or is_queued(now) else None


def _released(now: Ownership, agent_id: str) -> Ownership | None:
    return _moved(now, now.status) if _with_humans(now) and now.assignee_id == agent_id != "" else None


def _handed_back(now: Ownership, _: str) -> Ownership | None:
    return _moved(now, "pending") if _with_humans(now) else None


def _resolved(now: Ownership, _: str) -> Ownership:
    return _moved(now, "resolved", now.assignee_id)


def _snoozed(now: Ownership, _: str) -> Ownership | None:
    return _moved(now, "snoozed", now.assignee_id) if _with_humans(now) else None


def _woken(now: Ownership, _: str) -> Ownership | None:
    return _moved(now, "open", now.assignee_id) if now.status == "snoozed" else None


_STEPS: dict[Act, Callable[[Ownership, str], Ownership | None]] = {
    "receive": _received,
    "answer": _answered,
    "hand_off": _handed_off,
    "request": _requested,
    "take_over": _given,
    "claim": _taken,
    "assign": _taken,
    "transfer": _given,
    "release": _released,
    "hand_back": _handed_back,
    "resolve": _resolved,
    "snooze": _snoozed,
    "wake": _woken,
}


def _with_humans(now: Ownership) -> bool:
    """And not done."""
    return now.status in {"open", "snoozed"}


def _moved(now: Ownership, status: Status, assignee_id: str = "") -> Ownership:
    if (status, assignee_id) == (now.status, now.assignee_id):
        return now
    return Ownership(status=status, epoch=now.epoch + 1, assignee_id=assignee_id)

"""When a person should take over though nobody asked for one. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from miaohui.desk.summary import sentiment_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miaohui.conversations.types import HandoffReason
    from miaohui.journal.types import TurnEntry
    from miaohui.tenants.types import OwnLimits

LOOKED_AT = 3
"""Messages of a visitor that their mood is taken from."""
_BROKEN = frozenset({"failed", "timeout"})


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """After how much a person is called; 0 is never."""

    unanswered: int = 3
    """Questions in a row to which the knowledge base had no answer."""
    upset: int = 2
    """Upset messages among the last three."""
    turns: int = 0
    """Answers in a row."""
    tool_failure: bool = True

    def changed_by(self, own: OwnLimits) -> Rules:
        """As a company set them for itself."""
        return Rules(
            unanswered=self.unanswered if own.handoff_unanswered is None else own.handoff_unanswered,
            upset=self.upset if own.handoff_upset is None else own.handoff_upset,
            turns=self.turns if own.handoff_turns is None else own.handoff_turns,
            tool_failure=self.tool_failure if own.handoff_tool_failure is None else own.handoff_tool_failure,
        )


def suspicions(rules: Rules, question: str, page: TurnEntry, last_seq: int) -> tuple[HandoffReason, ...]:
    """What is worth a look after a turn, most telling first; nearly always nothing. No I/O, a few microseconds."""
    found: list[HandoffReason] = []
    if page.outcome != "answered":
        return ()
    if rules.tool_failure and _failed_for_good(page):
        found.append("tool_failure")
    if rules.upset and sentiment_of([question]) < 0:
        found.append("sentiment")
    if rules.unanswered and page.reason == "unknown_answer":
        found.append("missing_knowledge")
    # A turn is two messages at least, and its answer is not counted yet.
    if rules.turns and last_seq >= 2 * rules.turns - 1:
        found.append("usage_limit")
    return tuple(found)


def _failed_for_good(page: TurnEntry) -> bool:
    """Some tool broke, and was not run well after that."""
    outcomes = {str(one.facts.get("tool")): one.facts.get("outcome") for one in page.stages if one.name == "tool"}
    return any(outcome in _BROKEN for outcome in outcomes.values())


def is_upset(rules: Rules, texts: Sequence[str]) -> bool:
    """Whether enough of a visitor's last messages are."""
    return bool(rules.upset) and sum(sentiment_of([text]) < 0 for text in texts[-LOOKED_AT:]) >= rules.upset


def is_unanswered(rules: Rules, reasons: Sequence[str]) -> bool:
    """Whether the last questions all went unanswered; `reasons` are those of the last turns, the last first."""
    last = reasons[: rules.unanswered]
    return len(last) == rules.unanswered > 0 and all(reason == "unknown_answer" for reason in last)


def is_spent(rules: Rules, answered: int) -> bool:
    """Whether the assistant has tried for long enough."""
    return 0 < rules.turns <= answered

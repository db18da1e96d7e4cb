"""A turn's page in the journal, told as spans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from miaohui.kit.tracing import Span, span_of, trace_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from miaohui.conversations.types import Turn
    from miaohui.journal.types import Stage, TurnEntry
    from miaohui.kit.tracing import Fact

    Part = Callable[[str, float, float, dict[str, Fact]], Span]

_NAMES = {"stream": "engine", "failed": "engine"}
"""What providers are told to be part of has one name, however it ends."""
_FAILURES = ("failed", "handed_off")


def spans_of(page: TurnEntry, turn: Turn, now_ms: int) -> list[Span]:
    """From the visitor's message to the end that everybody is told; one span for each stage."""
    trace, root = trace_of(turn.id), span_of(turn.id)
    began_ms, waited_ms = turn.created_at_ms, max(0, page.started_at_ms - turn.created_at_ms)
    facts: dict[str, Fact] = {
        "miaohui.turn": turn.id,
        "miaohui.conversation": turn.conversation_id,
        "miaohui.tenant": turn.tenant_id,
        "miaohui.outcome": page.outcome,
        "miaohui.reason": page.reason,
        "miaohui.attempt": turn.attempt,
    }

    def part(name: str, at_ms: float, took_ms: float, told: dict[str, Fact]) -> Span:
        own = span_of(turn.id, name)
        return Span(trace=trace, id=own, parent=root, name=name, began_ms=at_ms, took_ms=took_ms, facts=told)

    whole = Span(
        trace=trace,
        id=root,
        name="turn",
        began_ms=began_ms,
        took_ms=max(0, now_ms - began_ms),
        facts=facts,
        failed=page.outcome in _FAILURES and page.reason == "engines_unavailable",
    )
    stages = [_stage(one, number, page, part) for number, one in enumerate(page.stages)]
    commit = part("conclude", page.ended_at_ms, max(0, now_ms - page.ended_at_ms), {})
    return [whole, part("accept", began_ms, waited_ms, {}), *stages, commit]


def _stage(stage: Stage, number: int, page: TurnEntry, part: Part) -> Span:
    name = _NAMES.get(stage.name, stage.name)
    same = any(_NAMES.get(one.name, one.name) == name for one in page.stages[:number])
    told = {f"miaohui.{fact}": value for fact, value in stage.facts.items() if not isinstance(value, list)}
    return part(f"{name} {number}" if same else name, page.started_at_ms + stage.at_ms, stage.took_ms, told)

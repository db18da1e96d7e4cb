"""The turn's page in the journal, written as the story goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from miaohui.journal.types import Stage, TurnEntry

if TYPE_CHECKING:
    from miaohui.conversations.types import Turn
    from miaohui.engines.errors import EngineFailed
    from miaohui.engines.types import EngineRequest, Finished, Started, ToolUsed
    from miaohui.guard.types import Verdict
    from miaohui.journal.types import Fact
    from miaohui.kit.clock import Clock
    from miaohui.turns.types import Informed


class Entry:
    """Notes each stage with when it began (milliseconds after the claim) and how long it took."""

    __slots__ = ("_began", "_clock", "_mark", "_route", "_stages", "_started_at_ms", "_turn", "knowledge_version")

    def __init__(self, turn: Turn, clock: Clock) -> None:
        self._turn = turn
        self._clock = clock
        self._began = self._mark = clock.monotonic()
        self._started_at_ms = clock.now_ms()
        self._stages: list[Stage] = []
        self._route = ""
        self.knowledge_version = 0
        if turn.attempt > 1:
            self._note("adopted", {"attempt": turn.attempt})

    def judged(self, verdict: Verdict) -> None:
        """What the guard said."""
        self._note(
            "guard",
            {"allowed": verdict.allowed, "reason": verdict.reason, "suspicion": round(verdict.suspicion, 3)},
        )

    def informed(self, informed: Informed) -> None:
        """What was remembered and found."""
        recollection, retrieval = informed.recollection, informed.retrieval
        self.knowledge_version = retrieval.version
        self._note(
            "recall_and_retrieve",
            {
                "exchanges": len(recollection.exchanges),
                "facts": len(recollection.facts),
                "business": len(recollection.business),
                "missing": list(recollection.missing),
                "knowledge_version": retrieval.version,
                "answerability": round(retrieval.answerability, 3),
                "answerable": retrieval.answerable,
                "passages": [f"{p.chunk.id} {p.score:.3f} {p.chunk.title}" for p in retrieval.passages],
            },
        )

    def composed(self, request: EngineRequest) -> None:
        """What the prompt is made of, each part in characters."""
        first, *earlier, question = request.messages
        self._note(
            "compose",
            {
                "messages": len(request.messages),
                "sources": len(request.sources),
                "system_chars": len(first.content),
                "earlier_chars": sum(len(message.content) for message in earlier),
                "question_chars": len(question.content),
                "prompt_version": request.prompt_version,
            },
        )

    def asked(self, started: Started) -> None:
        """An engine was asked."""
        facts: dict[str, Fact] = {"route": started.route, "attempt": started.attempt}
        self._note("ask", facts | ({"passed_over": started.passed_over} if started.passed_over else {}))

    def used(self, used: ToolUsed) -> None:
        """A tool was run for the engine."""
        facts: dict[str, Fact] = {"tool": used.name, "outcome": used.outcome, "tool_ms": round(used.took_ms, 1)}
        self._note("tool", facts | ({"handoff": used.handoff} if used.handoff else {}))

    def failed(self, failure: EngineFailed) -> None:
        """No engine could answer."""
        self._note("failed", {"failure": failure.failure_class, "code": failure.code})

    def finished(self, finished: Finished, *, withheld: bool) -> None:
        """The answer is whole."""
        usage = finished.usage
        self._route = finished.route
        self._note(
            "stream",
            {
                "route": finished.route,
                "first_content_ms": round(finished.first_content_ms, 1),
                "reason": finished.reason,
                "input_tokens": usage.input_tokens,
                "output_tokens": usage.output_tokens,
                "estimated": usage.estimated,
                "withheld": withheld,
            },
        )

    def grounded(self, withheld: list[str]) -> None:
        """What was claimed and stood nowhere was not shown."""
        if withheld:
            self._note("ground", {"withheld": [sentence[:200] for sentence in withheld[:20]]})

    def close(self, state: str, reason: str) -> TurnEntry:
        """The finished page."""
        return TurnEntry(
            turn_id=self._turn.id,
            tenant_id=self._turn.tenant_id,
            conversation_id=self._turn.conversation_id,
            started_at_ms=self._started_at_ms,
            ended_at_ms=self._clock.now_ms(),
            outcome=state,
            reason=reason,
            route=self._route,
            stages=tuple(self._stages),
        )

    def _note(self, name: str, facts: dict[str, Fact]) -> None:
        now = self._clock.monotonic()
        at_ms, took_ms = _hundredths(self._mark - self._began), _hundredths(now - self._mark)
        self._stages.append(Stage(name=name, at_ms=at_ms, took_ms=took_ms, facts=facts))
        self._mark = now


def _hundredths(seconds: float) -> float:
    """Milliseconds to two places; `round` to places goes by way of decimal text, and costs ten times as much."""
    return int(seconds * 100_000) / 100

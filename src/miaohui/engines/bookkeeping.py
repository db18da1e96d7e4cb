"""What an attempt leaves behind, however it ends: breaker, keys, limits, numbers and ledger learn of it, once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

from miaohui.engines import numbers
from miaohui.engines.breaker import Breaker, Phase, Rules, Ticket
from miaohui.engines.classify import Failure, FailureClass
from miaohui.engines.cooldowns import DEFAULT_COOLDOWN_S, Cooldowns
from miaohui.engines.ledger import AttemptEntry, Ledger, Outcome
from miaohui.engines.news import News, NoNews, RouteNews
from miaohui.engines.tokens import estimate_tokens
from miaohui.engines.traces import span_of_attempt
from miaohui.engines.types import EngineRequest, Finished, Usage
from miaohui.kit.telemetry import get_log
from miaohui.kit.tracing import TRACES

if TYPE_CHECKING:
    from miaohui.engines.limits import Limits
    from miaohui.engines.lines import Line, Wire
    from miaohui.engines.purses import Purse
    from miaohui.kit.clock import Clock

_log = get_log(__name__)
_OURS = frozenset({"pool_exhausted"})
"""Failures that are no fault of the route."""
_BLAMED = frozenset({FailureClass.TRANSIENT, FailureClass.TIMEOUT})
_LEARNS_EVERY = 8
"""How far estimates are off changes slowly; looking at each answer would cost each of them."""
OUT_OF_TIME = Failure(failure_class=FailureClass.TIMEOUT, code="out_of_time", detail="the engine took too long")
"""The request's own deadline passed."""


class Attempt:
    """One request on one wire. Whoever opens it settles it; settling again changes nothing."""

    __slots__ = (
        "began",
        "cloud",
        "first_content_ms",
        "heard",
        "held",
        "hurried",
        "id",
        "line",
        "number",
        "purse",
        "request",
        "sent",
        "settled",
        "started_at_ms",
        "ticket",
        "wire",
    )

    def __init__(self, attempt_id: str, line: Line, wire: Wire, ticket: Ticket) -> None:
        self.id = attempt_id
        self.line = line
        self.wire = wire
        self.ticket = ticket
        self.cloud: Ticket | None = None
        """Its place in the history of the provider tiers; None on the local tier."""
        self.purse: Purse | None = None
        """Of a company with a budget, where it is paid for."""
        self.held = 0
        self.request: EngineRequest
        self.number = 1
        self.began = 0.0
        self.started_at_ms = 0
        self.first_content_ms = -1.0
        self.heard: list[str] = []
        self.hurried = False
        """The request had little time left; that no word came says nothing of the route."""
        self.sent = False
        """The request has left; what ends before that never happened to the provider."""
        self.settled = False

    def hold(self, purse: Purse, micro: int) -> None:
        """It may cost so much, in millionths, which nobody else may spend until it has ended."""
        self.purse, self.held = purse, micro
        purse.hold(micro)


class Bookkeeper:
    """Settles attempts. Nothing here waits, so a cancelled turn is settled like any other."""

    def __init__(
        self, clock: Clock, limits: Limits, ledger: Ledger, chance: Callable[[], float], news: News | None = None
    ) -> None:
        self._clock = clock
        self.news = news or NoNews()
        self._newest: dict[str, int] = {}
        """Of each route, the last news that was heard."""
        self._limits = limits
        self._ledger = ledger
        self.cooldowns = Cooldowns()
        self._chance = chance
        self.cloud = Breaker(Rules(consecutive=0, failure_share=2.0))
        """Of the provider tiers as a whole."""

    def begin(self, attempt: Attempt, request: EngineRequest, number: int) -> None:
        """The attempt is sent now."""
        attempt.request = request
        attempt.number = number
        attempt.began = self._clock.monotonic()
        attempt.started_at_ms = self._clock.now_ms()
        attempt.wire.in_flight += 1
        attempt.line.tally.attempts += 1

    def hear(self, attempt: Attempt, text: str) -> None:
        """Some of the answer came."""
        if attempt.first_content_ms < 0:
            attempt.first_content_ms = (self._clock.monotonic() - attempt.began) * 1000
            attempt.line.tally.hear(attempt.first_content_ms)
        attempt.heard.append(text)

    def win(self, attempt: Attempt, finished: Finished) -> None:
        """The answer is whole, and it is the one that is given."""
        if attempt.settled:
            return
        now = self._clock.monotonic()
        line = attempt.line
        if line.breaker.succeed(attempt.ticket, now, self._chance_of(line.breaker)):
            self._tell(line)
        if attempt.cloud is not None:
            self.cloud.succeed(attempt.cloud, now, self._chance_of(self.cloud))
        self.cooldowns.revive(attempt.wire.scopes)
        if line.tally.attempts % _LEARNS_EVERY == 1 and not finished.usage.estimated:
            line.tally.learn(_estimate_prompt(attempt.request), finished.usage.input_tokens)
        self._close(attempt, "winner", finished.usage)

    def _chance_of(self, breaker: Breaker) -> float:
        return 0.5 if breaker.is_calm else self._chance()

    def fail(self, attempt: Attempt, failure: Failure, usage: Usage | None = None) -> None:
        """It gave no whole answer."""
        if attempt.settled:
            return
        line, now = attempt.line, self._clock.monotonic()
        line.tally.failures += 1
        numbers.FAILURES.labels(line.route.name, failure.failure_class.value).inc()
        self._judge_route(attempt, failure, now)
        self._judge_key(attempt, failure, now)
        self._close(attempt, "failed", usage or self._estimate(attempt, failure), failure)

    def _judge_route(self, attempt: Attempt, failure: Failure, now: float) -> None:
        breaker, cloud, kind = attempt.line.breaker, attempt.cloud, failure.failure_class
        haste = attempt.hurried and failure.code == OUT_OF_TIME.code
        changed = False
        if kind is FailureClass.ROUTE_GONE:
            changed = breaker.force_open(now, self._chance())
        elif kind in _BLAMED and failure.code not in _OURS and not haste:
            late = kind is FailureClass.TIMEOUT
            # What a route's own breaker answers for is not held against its tier.
            if cloud is not None and breaker.counts(attempt.ticket):
                self.cloud.fail(cloud, now, self._chance(), timeout=late)
                cloud = None
            changed = breaker.fail(attempt.ticket, now, self._chance(), timeout=late)
        else:
            breaker.excuse(attempt.ticket, now)
        if cloud is not None:
            self.cloud.excuse(cloud, now)
        if changed:
            self.cloud.forget()
            self._tell(attempt.line)

    def _tell(self, line: Line) -> None:
        self._note_phase(line)
        breaker = line.breaker
        if breaker.phase in {Phase.OPEN, Phase.RAMP}:
            rests_s = breaker.rests_s(self._clock.monotonic())
            kind: Literal["open", "ramp"] = "open" if breaker.phase is Phase.OPEN else "ramp"
            self.news.tell(RouteNews(route=line.identity, phase=kind, rests_s=rests_s, openings=breaker.openings))

    async def hear_news(self, lines: Sequence[Line]) -> None:
        """Take over what other nodes found out of these routes."""
        known = {line.identity: line for line in lines}
        for news in await self.news.look(list(known)):
            if news.version <= self._newest.get(news.route, 0):
                continue
            self._newest[news.route] = news.version
            line, now = known[news.route], self._clock.monotonic()
            breaker = line.breaker
            opens = news.phase == "open"
            if breaker.adopt_open(now, news.rests_s, news.openings) if opens else breaker.adopt_ramp(now):
                self._note_phase(line)

    def _note_phase(self, line: Line) -> None:
        phase = line.breaker.phase
        numbers.STATE.labels(line.route.name).set(phase)
        _log.warning("engine.route_changed", route=line.route.name, state=phase.name.lower())

    def _judge_key(self, attempt: Attempt, failure: Failure, now: float) -> None:
        limit, key, account = attempt.wire.scopes
        match failure.failure_class:
            case FailureClass.RATE_LIMIT:
                attempt.line.tally.throttled += 1
                numbers.THROTTLED.labels(attempt.line.route.name).inc()
                wait_s = failure.retry_after_s
                self.cooldowns.cool(limit, now, DEFAULT_COOLDOWN_S if wait_s is None else wait_s)
            case FailureClass.QUOTA:
                self._bury(attempt, account, now, "quota")
            case FailureClass.CREDENTIAL:
                self._bury(attempt, key, now, "credential")
            case _:
                pass

    def _bury(self, attempt: Attempt, scope: str, now: float, reason: str) -> None:
        self.cooldowns.kill(scope, now, reason)
        _log.error("engine.key_dead", route=attempt.line.route.name, key=attempt.wire.key.id, reason=reason)

    def _estimate(self, attempt: Attempt, failure: Failure | None = None) -> Usage:
        """Nobody said how many tokens it took; nothing when the provider refused or was never reached."""
        words = "".join(attempt.heard)
        refused = failure is not None and not words and failure.failure_class is not FailureClass.TIMEOUT
        asked = 0 if refused else _estimate_prompt(attempt.request)
        asked = round(asked * attempt.line.tally.correction)
        return Usage(input_tokens=asked, output_tokens=estimate_tokens(words), estimated=True)

    def abandon(self, attempt: Attempt, outcome: Outcome = "abandoned") -> None:
        """Nobody wants the answer any more, or another was quicker."""
        if attempt.settled:
            return
        now = self._clock.monotonic()
        attempt.line.breaker.excuse(attempt.ticket, now)
        if attempt.cloud is not None:
            self.cloud.excuse(attempt.cloud, now)
        self._close(attempt, outcome, self._estimate(attempt))

    def _close(self, attempt: Attempt, outcome: Outcome, usage: Usage, failure: Failure | None = None) -> None:
        attempt.settled = True
        line, wire, request = attempt.line, attempt.wire, attempt.request
        route = line.route
        wire.in_flight -= 1
        if attempt.purse is not None:
            attempt.purse.release(attempt.held)
        if not attempt.sent and outcome == "abandoned":
            self._limits.settle(wire.quota, attempt.id, 0)
            return
        self._limits.settle(wire.quota, attempt.id, usage.input_tokens + usage.output_tokens)
        cost = line.price(usage)
        line.tally.spend(usage, cost)
        line.count(outcome)
        entry = AttemptEntry(
            id=attempt.id,
            tenant_id=request.tenant_id,
            turn_id=request.turn_id,
            conversation_id=request.conversation_id,
            number=attempt.number,
            route=route.name,
            provider=route.provider,
            model=route.model,
            key_id=wire.key.id,
            outcome=outcome,
            failure="" if failure is None else failure.failure_class.value,
            code="" if failure is None else failure.code,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cached_tokens=usage.cached_tokens,
            reasoning_tokens=usage.reasoning_tokens,
            source="estimated" if usage.estimated else "reported",
            price_version=route.price_version,
            cost_micro=cost,
            first_content_ms=round(attempt.first_content_ms),
            took_ms=round((self._clock.monotonic() - attempt.began) * 1000),
            started_at_ms=attempt.started_at_ms,
        )
        self._ledger.add(entry)
        if TRACES.on:
            TRACES.note((span_of_attempt(entry),))


def _estimate_prompt(request: EngineRequest) -> int:
    return sum(estimate_tokens(message.content) for message in request.messages)

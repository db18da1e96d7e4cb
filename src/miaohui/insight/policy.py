"""How facts add up to figures. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import mean, median

from miaohui.insight.types import Bucket, Fact, Figures, Period, Thread
from miaohui.kit.errors import FieldError, Invalid

QUIET_MS = 30 * 60_000
CONTENT = 4
"""From this score on a visitor was content."""
MOST_STEPS = 400
HOUR_MS = 3_600_000


def check_period(period: Period) -> None:
    """Raises `Invalid` when it goes backwards or has too many steps."""
    steps = (period.until_ms - period.from_ms) / period.step_ms
    if not 0 < steps <= MOST_STEPS:
        wanted = f"after `from`, and at most {MOST_STEPS} steps later"
        raise Invalid("The period is not in form.", errors=[FieldError("until", wanted)])


def bucket_of(period: Period, at_ms: int) -> int:
    """The beginning of the step that a moment is in."""
    local = at_ms + period.offset_ms
    return local - local % period.step_ms - period.offset_ms


def steps_of(period: Period) -> list[int]:
    """The beginnings of all steps, in order."""
    return list(range(bucket_of(period, period.from_ms), period.until_ms, period.step_ms))


def over_time(
    period: Period, threads: Sequence[Thread], facts: Sequence[Fact], costs: Mapping[int, tuple[int, int]]
) -> tuple[Bucket, ...]:
    """Figures step by step. `costs`: by step, the sum and the number of conversations that it was spent on."""
    began: dict[int, list[Thread]] = {}
    for thread in threads:
        began.setdefault(bucket_of(period, thread.created_at_ms), []).append(thread)
    happened: dict[int, list[Fact]] = {}
    for fact in facts:
        happened.setdefault(bucket_of(period, fact.at_ms), []).append(fact)
    return tuple(
        Bucket(
            from_ms=step,
            figures=figures(
                Period(from_ms=max(step, period.from_ms), until_ms=min(step + period.step_ms, period.until_ms)),
                began.get(step, ()),
                happened.get(step, ()),
                costs.get(step, (0, 0)),
            ),
        )
        for step in steps_of(period)
    )


def figures(period: Period, threads: Iterable[Thread], facts: Iterable[Fact], cost: tuple[int, int]) -> Figures:
    """Of conversations that began in the period, and of what happened in it."""
    here = [thread for thread in threads if period.from_ms <= thread.created_at_ms < period.until_ms]
    told = sorted(
        (fact for fact in facts if period.from_ms <= fact.at_ms < period.until_ms), key=lambda fact: fact.at_ms
    )
    by_thread: dict[str, list[Fact]] = {}
    for fact in told:
        by_thread.setdefault(fact.conversation_id, []).append(fact)
    reasons = Counter(fact.reason for fact in told if fact.what == "handed_off")
    responses = [wait for its in by_thread.values() for wait in _responses_s(its)]
    resolutions = _resolutions_s(here, by_thread)
    involved, resolved_alone = _automation(here, by_thread, period.until_ms)
    ratings = Counter(fact.rating for fact in told if fact.rating)
    scores = list({fact.conversation_id: int(fact.reason) for fact in told if _is_score(fact)}.values())
    involvement = _share(len(involved), len(here))
    resolution = _share(len(resolved_alone), len(involved))
    return Figures(
        conversations=len(here),
        messages=sum(fact.what == "visitor" for fact in told),
        handed_off=sum(any(fact.what in {"handed_off", "taken"} for fact in its) for its in by_thread.values()),
        handoff_reasons=dict(sorted(reasons.items())),
        first_response_s=median(responses) if responses else None,
        first_response_p90_s=_quantile(responses, 0.9),
        resolved=sum(any(fact.what == "resolved" for fact in its) for its in by_thread.values()),
        resolution_s=median(resolutions) if resolutions else None,
        reopened=sum(_spoke_after_the_end(its) for its in by_thread.values()),
        involvement=involvement,
        resolution=resolution,
        automation=None if involvement is None or resolution is None else involvement * resolution,
        good=ratings[1],
        bad=ratings[-1],
        csat=_share(ratings[1], ratings[1] + ratings[-1]),
        scored=len(scores),
        score=mean(scores) if scores else None,
        content=_share(sum(score >= CONTENT for score in scores), len(scores)),
        cost_micro=cost[0],
        cost_per_conversation_micro=cost[0] / cost[1] if cost[1] else None,
    )


def _is_score(fact: Fact) -> bool:
    return fact.what == "scored" and fact.reason in {"1", "2", "3", "4", "5"}


def _spoke_after_the_end(facts: Sequence[Fact]) -> bool:
    ended = False
    for fact in facts:
        if ended and fact.what == "visitor":
            return True
        ended = ended or fact.what == "resolved"
    return False


def _responses_s(facts: Sequence[Fact]) -> Iterable[float]:
    """Each time that it came to humans: until an agent's first words."""
    since: int | None = None
    answered = False
    for fact in facts:
        if fact.what in {"handed_off", "taken"}:
            since = fact.at_ms if since is None else since
        elif fact.what in {"resolved", "handed_back"}:
            since, answered = None, False
        elif fact.what == "agent" and since is not None and not answered:
            answered = True
            yield (fact.at_ms - since) / 1000


def _resolutions_s(threads: Iterable[Thread], by_thread: Mapping[str, Sequence[Fact]]) -> list[float]:
    ends = {
        thread_id: max(fact.at_ms for fact in its if fact.what == "resolved")
        for thread_id, its in by_thread.items()
        if any(fact.what == "resolved" for fact in its)
    }
    return [(ends[one.id] - one.created_at_ms) / 1000 for one in threads if one.id in ends]


def _automation(
    threads: Iterable[Thread], by_thread: Mapping[str, Sequence[Fact]], now_ms: int
) -> tuple[list[str], list[str]]:
    """Where the assistant answered; and where that was all it took."""
    involved, alone = [], []
    for thread in threads:
        its = by_thread.get(thread.id, ())
        if not any(fact.what == "assistant" for fact in its):
            continue
        involved.append(thread.id)
        last = its[-1]
        quiet = last.what == "assistant" and now_ms - last.at_ms >= QUIET_MS
        humans = any(fact.what in {"handed_off", "taken", "agent"} for fact in its)
        if not humans and (thread.status == "resolved" or (thread.status == "pending" and quiet)):
            alone.append(thread.id)
    return involved, alone


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _quantile(values: Sequence[float], share: float) -> float | None:
    """The least value that so many do not exceed."""
    if not values:
        return None
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]

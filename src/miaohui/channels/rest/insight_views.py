"""What REST answers with about how the place is doing. Encoded by msgspec, as `views` says."""

from __future__ import annotations

import msgspec

from miaohui.insight.steps import Strain
from miaohui.insight.types import Demand, Figures, Now, OverTime, Topic
from miaohui.realtime.frames import rfc3339


class AgentsNow(msgspec.Struct, frozen=True, kw_only=True):
    """Who is there."""

    online: int
    away: int
    offline: int
    capacity: int
    """Of those online."""
    load: int
    """Conversations that agents have."""


class StrainView(msgspec.Struct, frozen=True, kw_only=True):
    """What is done without, because too much is asked."""

    step: str
    """Empty: nothing; `small`: kept answers and the small route; `leave`: a message is left for people; `refuse`."""
    why: str
    """`turns`: too many answers under way; `lag`: the machine does not keep up."""
    since: str
    nodes: int
    """How many of the installation's are on any step."""
    route: str
    """The small route; empty: whichever it is otherwise."""
    notices: list[dict[str, str]]
    """What visitors are told besides, each by language."""


class NowView(msgspec.Struct, frozen=True, kw_only=True):
    """This moment."""

    pending: int
    """With the assistant."""
    open: int
    snoozed: int
    waiting: int
    longest_wait_s: float
    running_turns: int
    agents: AgentsNow
    strain: StrainView


class StepView(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one step."""

    at: str
    """Its beginning."""
    figures: Figures


class OverTimeView(msgspec.Struct, frozen=True, kw_only=True):
    """Step by step, together, and against the same length of time before."""

    steps: list[StepView]
    total: Figures
    previous: Figures
    complete: bool
    """False when there was more than could be counted."""


class DemandView(msgspec.Struct, frozen=True, kw_only=True):
    """What visitors asked about, and what answering took."""

    topics: list[Topic]
    """Articles, the most cited first."""
    answers: int
    kept: int
    """Of the answers, told from the cache."""
    kept_share: float | None
    attempts: int
    """Calls to providers."""
    throttled: int
    """Of those, refused because of a rate or a quota."""
    throttled_share: float | None
    complete: bool
    """False when there was more than could be read."""


def demand(of: Demand) -> DemandView:
    """With its shares."""
    return DemandView(
        topics=list(of.topics),
        answers=of.answers,
        kept=of.kept,
        kept_share=of.kept_share,
        attempts=of.attempts,
        throttled=of.throttled,
        throttled_share=of.throttled_share,
        complete=of.complete,
    )


def strain(of: Strain, route: str, notices: list[dict[str, str]]) -> StrainView:
    """With what visitors see."""
    return StrainView(
        step=of.step,
        why=of.why,
        since=rfc3339(of.since_ms) if of.since_ms else "",
        nodes=of.nodes,
        route=route,
        notices=notices,
    )


def now(of: Now, agents: AgentsNow, under: StrainView) -> NowView:
    """With who is there."""
    return NowView(
        pending=of.pending,
        open=of.open,
        snoozed=of.snoozed,
        waiting=of.waiting,
        longest_wait_s=of.longest_wait_s,
        running_turns=of.running_turns,
        agents=agents,
        strain=under,
    )


def over_time(of: OverTime) -> OverTimeView:
    """As charts need it."""
    return OverTimeView(
        steps=[StepView(at=rfc3339(one.from_ms), figures=one.figures) for one in of.buckets],
        total=of.total,
        previous=of.previous,
        complete=of.complete,
    )

"""What REST answers about how good it was. Encoded by msgspec, as `views` says."""

from __future__ import annotations

import msgspec

from miaohui.channels.rest.views import StageView
from miaohui.conversations.types import Citation
from miaohui.desk.types import Case, Notice, Rating, Review
from miaohui.realtime.frames import rfc3339
from miaohui.turns.rehearsal import Rehearsed


class RatingView(msgspec.Struct, frozen=True, kw_only=True):
    """What the visitor found; `score` is null while nothing was said."""

    score: int | None
    comment: str = ""
    at: str | None = None


class ReviewView(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation that somebody should look at again, or has."""

    conversation_id: str
    person_id: str
    """Who served last; empty is the assistant."""
    why: str
    """`sample` by chance, `rated_low` because the visitor was not content."""
    sampled_at: str
    reviewer_id: str
    score: int | None
    note: str
    reviewed_at: str | None


class ReviewPage(msgspec.Struct, frozen=True):
    """Reviews, the last drawn first."""

    data: list[ReviewView]
    next_cursor: str = ""


class NoticeView(msgspec.Struct, frozen=True, kw_only=True):
    """What everybody is told."""

    id: str
    inbox_id: str
    texts: dict[str, str]
    until: str
    created_at: str


class NoticeList(msgspec.Struct, frozen=True):
    """What holds now, the last put up first."""

    data: list[NoticeView]


class RehearsedView(msgspec.Struct, frozen=True, kw_only=True):
    """What would be said. Nothing of it is stored, and no visitor saw it."""

    text: str
    citations: list[Citation]
    known: bool
    """False when it says that the knowledge base does not hold the answer."""
    route: str
    took_ms: int
    stages: list[StageView]


class CaseView(msgspec.Struct, frozen=True, kw_only=True):
    """A question that was answered wrongly once."""

    id: str
    turn_id: str
    conversation_id: str
    question: str
    wanted: str
    holds: list[str]
    lacks: list[str]
    created_at: str
    outcome: str
    """`held`, `broke`, or empty while it was never tried."""
    answer: str
    tried_at: str | None


class CasePage(msgspec.Struct, frozen=True):
    """Cases, the last written first."""

    data: list[CaseView]
    next_cursor: str = ""


def rating(of: Rating | None) -> RatingView:
    """None: nothing was said."""
    if of is None:
        return RatingView(score=None)
    return RatingView(score=of.score, comment=of.comment, at=rfc3339(of.at_ms))


def review(of: Review) -> ReviewView:
    """For agents."""
    return ReviewView(
        conversation_id=of.conversation_id,
        person_id=of.person_id,
        why=of.why,
        sampled_at=rfc3339(of.sampled_at_ms),
        reviewer_id=of.reviewer_id,
        score=of.score or None,
        note=of.note,
        reviewed_at=rfc3339(of.reviewed_at_ms) if of.reviewed_at_ms else None,
    )


def notice(of: Notice) -> NoticeView:
    """With its end."""
    return NoticeView(
        id=of.id,
        inbox_id=of.inbox_id,
        texts=of.texts,
        until=rfc3339(of.until_ms),
        created_at=rfc3339(of.created_at_ms),
    )


def rehearsed(of: Rehearsed) -> RehearsedView:
    """With how it came about."""
    return RehearsedView(
        text=of.text,
        citations=list(of.citations),
        known=of.known,
        route=of.entry.route,
        took_ms=of.entry.ended_at_ms - of.entry.started_at_ms,
        stages=[
            StageView(name=stage.name, at_ms=stage.at_ms, took_ms=stage.took_ms, facts=dict(stage.facts))
            for stage in of.entry.stages
        ],
    )


def case(of: Case) -> CaseView:
    """With what became of it last."""
    return CaseView(
        id=of.id,
        turn_id=of.turn_id,
        conversation_id=of.conversation_id,
        question=of.question,
        wanted=of.wanted,
        holds=list(of.holds),
        lacks=list(of.lacks),
        created_at=rfc3339(of.created_at_ms),
        outcome=of.outcome,
        answer=of.answer,
        tried_at=rfc3339(of.tried_at_ms) if of.tried_at_ms else None,
    )

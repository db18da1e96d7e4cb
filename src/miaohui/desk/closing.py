"""SQL of what comes after a conversation: what the visitor found of it, and who looks at it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import bindparam, insert, or_, select, update

from miaohui.desk.tables import desk_ratings, desk_reviews
from miaohui.desk.types import Rating, Review

if TYPE_CHECKING:
    from miaohui.kit.database import Database, Operation, Row
    from miaohui.kit.paging import Cursor

_a = desk_ratings.c
_ITS_RATING = (_a.tenant_id == bindparam("its_tenant"), _a.conversation_id == bindparam("its_conversation"))
_FIND_RATING = select(desk_ratings).where(*_ITS_RATING)
_INSERT_RATING = insert(desk_ratings)
_RATE_AGAIN = (
    update(desk_ratings)
    .where(*_ITS_RATING)
    .values({_a.score: bindparam("its_score"), _a.comment: bindparam("its_comment"), _a.at_ms: bindparam("its_now")})
)
_r = desk_reviews.c
_ITS_REVIEW = (_r.tenant_id == bindparam("its_tenant"), _r.conversation_id == bindparam("its_conversation"))
_FIND_REVIEW = select(desk_reviews).where(*_ITS_REVIEW)
_INSERT_REVIEW = insert(desk_reviews)
_REVIEW = (
    update(desk_reviews)
    .where(*_ITS_REVIEW)
    .values(
        {
            _r.reviewer_id: bindparam("its_reviewer"),
            _r.score: bindparam("its_score"),
            _r.note: bindparam("its_note"),
            _r.reviewed_at_ms: bindparam("its_now"),
        }
    )
    .returning(desk_reviews)
)
_LIST_REVIEWS = (
    select(desk_reviews)
    .where(
        _r.tenant_id == bindparam("tenant_id"),
        or_(bindparam("done") == -1, (_r.reviewed_at_ms > 0) == (bindparam("done") == 1)),
        or_(
            _r.sampled_at_ms < bindparam("at"),
            (_r.sampled_at_ms == bindparam("at")) & (_r.conversation_id < bindparam("id")),
        ),
    )
    .order_by(_r.sampled_at_ms.desc(), _r.conversation_id.desc())
    .limit(bindparam("limit"))
)


def rate(rating: Rating) -> Operation[bool]:
    """What was found of it, in place of what was found before; whether the score is another one."""
    key = {"its_tenant": rating.tenant_id, "its_conversation": rating.conversation_id}
    known = yield _FIND_RATING, key
    if not known:
        yield _INSERT_RATING, msgspec.structs.asdict(rating)
        return True
    yield _RATE_AGAIN, {**key, "its_score": rating.score, "its_comment": rating.comment, "its_now": rating.at_ms}
    return bool(known[0]["score"] != rating.score)


def sample(review: Review) -> Operation[bool]:
    """Somebody should look at it; False when that was noted before."""
    key = {"its_tenant": review.tenant_id, "its_conversation": review.conversation_id}
    if (yield _FIND_REVIEW, key):
        return False
    yield _INSERT_REVIEW, msgspec.structs.asdict(review)
    return True


def review(done: Review) -> Operation[Review]:
    """Somebody has looked at it, whether or not it was drawn."""
    yield from sample(done)
    values = {
        "its_tenant": done.tenant_id,
        "its_conversation": done.conversation_id,
        "its_reviewer": done.reviewer_id,
        "its_score": done.score,
        "its_note": done.note,
        "its_now": done.reviewed_at_ms,
    }
    return _review((yield _REVIEW, values)[0])


class ClosingRepository:
    """Reads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find_rating(self, tenant_id: str, conversation_id: str) -> Rating | None:
        """What was found of it; None when nothing was said."""
        key = {"its_tenant": tenant_id, "its_conversation": conversation_id}
        rows = await self._database.read(_FIND_RATING, key)
        return Rating(**dict(rows[0])) if rows else None

    async def list_reviews(self, tenant_id: str, done: bool | None, before: Cursor, limit: int) -> list[Review]:
        """The last drawn first; None: whether or not somebody has looked."""
        values = {"tenant_id": tenant_id, "done": -1 if done is None else int(done)}
        rows = await self._database.read(_LIST_REVIEWS, {**values, "at": before.at, "id": before.id, "limit": limit})
        return [_review(row) for row in rows]


def _review(row: Row) -> Review:
    return Review(**dict(row))

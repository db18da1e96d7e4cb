"""After a conversation: what the visitor found of it, and a share of all that is looked at again."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING

from miaohui.desk import closing
from miaohui.desk.types import Rating, Review
from miaohui.kit.aio import spawn
from miaohui.kit.errors import Conflict, FieldError, Invalid, Unavailable
from miaohui.kit.paging import Cursor, Page, page, parse_cursor

if TYPE_CHECKING:
    from miaohui.conversations.service import Conversations
    from miaohui.conversations.types import Conversation
    from miaohui.identity.types import Principal
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database, Operation

BEST = 5
LOW = 2
"""Up to this score somebody looks at the conversation."""
COMMENT_CHARS = 1_000
_FIRST = Cursor(2**62, "")


class Aftercare:
    """Ratings of visitors, reviews of colleagues. `share` of what is resolved is drawn for review."""

    def __init__(self, database: Database, clock: Clock, conversations: Conversations, *, share: float = 0.05) -> None:
        self._database = database
        self._clock = clock
        self._conversations = conversations
        self._repository = closing.ClosingRepository(database)
        self._share = share
        self._tasks: set[asyncio.Task[None]] = set()

    # Ratings

    async def rate(self, conversation: Conversation, by: Principal, score: int, comment: str) -> Rating:
        """1 to 5, of the whole conversation; said again it replaces what was said. Raises `Invalid`."""
        rating = Rating(
            conversation_id=conversation.id,
            tenant_id=conversation.tenant_id,
            person_id=conversation.assignee_id,
            score=_checked_score(score),
            comment=comment.strip()[:COMMENT_CHARS],
            at_ms=self._clock.now_ms(),
        )

        def given() -> Operation[bool]:
            if score <= LOW:
                yield from closing.sample(self._drawn(conversation, rating.at_ms, low=True))
            return (yield from closing.rate(rating))

        await self._conversations.note_fact(conversation, f"rated:{score}", by, given)
        return rating

    async def find_rating(self, tenant_id: str, conversation_id: str) -> Rating | None:
        """None when nothing was said."""
        return await self._repository.find_rating(tenant_id, conversation_id)

    # Reviews

    def conversation_changed(self, conversation: Conversation) -> None:
        """Told of every change of owner: some of what is resolved is drawn."""
        if conversation.status == "resolved" and is_drawn(conversation.id, self._share):
            task = spawn(self._sample(conversation), name="desk:sample")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _sample(self, conversation: Conversation) -> None:
        drawn = self._drawn(conversation, self._clock.now_ms(), low=False)
        with suppress(Conflict, Unavailable):
            await self._database.write(lambda: closing.sample(drawn), key=conversation.id)

    @staticmethod
    def _drawn(conversation: Conversation, now_ms: int, *, low: bool) -> Review:
        return Review(
            conversation_id=conversation.id,
            tenant_id=conversation.tenant_id,
            person_id=conversation.assignee_id,
            why="rated_low" if low else "sample",
            sampled_at_ms=now_ms,
        )

    async def settle(self) -> None:
        """Return when nothing is being drawn, so that the records may be closed."""
        while self._tasks:
            await asyncio.wait(self._tasks, timeout=5)

    async def list_reviews(
        self, tenant_id: str, *, done: bool | None = None, cursor: str = "", limit: int = 50
    ) -> Page[Review]:
        """What was drawn, the last first. Raises `Invalid` on a cursor that is not ours."""
        before = parse_cursor(cursor) or _FIRST
        rows = await self._repository.list_reviews(tenant_id, done, before, limit + 1)
        return page(rows, limit, lambda one: Cursor(one.sampled_at_ms, one.conversation_id))

    async def review(self, conversation: Conversation, by: Principal, score: int, note: str) -> Review:
        """Say what to think of it, whether or not it was drawn. Raises `Invalid`."""
        now_ms = self._clock.now_ms()
        done = Review(
            conversation_id=conversation.id,
            tenant_id=conversation.tenant_id,
            person_id=conversation.assignee_id,
            sampled_at_ms=now_ms,
            reviewer_id=by.id,
            score=_checked_score(score),
            note=note.strip(),
            reviewed_at_ms=now_ms,
        )
        return await self._database.write(lambda: closing.review(done), key=conversation.id)


def is_drawn(conversation_id: str, share: float) -> bool:
    """Always the same for a conversation; `share` of all are, from 0 to 1."""
    number = int.from_bytes(hashlib.sha256(conversation_id.encode()).digest()[:4], "big")
    return number < share * 2**32


def _checked_score(score: int) -> int:
    if not 1 <= score <= BEST:
        raise Invalid("The score is not in form.", errors=[FieldError("$.score", f"1 to {BEST}")])
    return score

"""Canned replies, and the mentions of an agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from miaohui.conversations.policy import check_text
from miaohui.desk import notebook
from miaohui.desk.errors import NameTaken
from miaohui.desk.policy import checked_short_code
from miaohui.desk.types import Mention, Reply
from miaohui.kit.errors import Conflict, NotFound
from miaohui.kit.ids import new_id
from miaohui.kit.paging import Cursor, Page, page, parse_cursor

if TYPE_CHECKING:
    from miaohui.identity.types import Principal
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database

MOST_REPLIES = 2_000
REPLY_BYTES = 16_384
_FIRST = Cursor(2**62, "")


class Notebook:
    """What agents have at hand."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._repository = notebook.NotebookRepository(database)

    async def search(self, tenant_id: str, words: str, *, after: str = "", limit: int = 50) -> list[Reply]:
        """By code, those whose code or text holds the words; all when there are none."""
        return await self._repository.search_replies(tenant_id, words, after, limit)

    async def create(self, by: Principal, short_code: str, text: str) -> Reply:
        """Raises `Invalid`, `NameTaken`, `Conflict` when there are too many."""
        if await self._repository.count_replies(by.tenant_id) >= MOST_REPLIES:
            raise Conflict(f"A company has at most {MOST_REPLIES} canned replies.", code="reply_limit")
        now_ms = self._clock.now_ms()
        reply = Reply(
            id=new_id("rep"),
            tenant_id=by.tenant_id,
            short_code=checked_short_code(short_code),
            text=check_text(text, REPLY_BYTES),
            created_by=by.key,
            created_at_ms=now_ms,
            updated_at_ms=now_ms,
        )
        try:
            return await self._database.write(lambda: notebook.insert_reply(reply))
        except Conflict:
            raise NameTaken(f"/{reply.short_code} stands for another reply.") from None

    async def change(self, tenant_id: str, reply_id: str, short_code: str, text: str) -> Reply:
        """Raises as `create`, and `NotFound`."""
        code, words, now_ms = checked_short_code(short_code), check_text(text, REPLY_BYTES), self._clock.now_ms()
        try:
            changed = await self._database.write(
                lambda: notebook.change_reply(tenant_id, reply_id, code, words, now_ms)
            )
        except Conflict:
            raise NameTaken(f"/{code} stands for another reply.") from None
        if changed is None:
            raise NotFound("There is no such reply.")
        return changed

    async def delete(self, tenant_id: str, reply_id: str) -> None:
        """Raises `NotFound`."""
        if not await self._database.write(lambda: notebook.delete_reply(tenant_id, reply_id)):
            raise NotFound("There is no such reply.")

    async def mentions(self, agent: Principal, *, cursor: str = "", limit: int = 50) -> Page[Mention]:
        """Notes that name the agent, the newest first."""
        before = parse_cursor(cursor) or _FIRST
        rows = await self._repository.list_mentions(agent.tenant_id, agent.id, before, limit + 1)
        return page(rows, limit, lambda mention: Cursor(mention.at_ms, mention.message_id))

    async def see_mentions(self, agent: Principal, conversation_id: str) -> None:
        """The agent has looked at the conversation."""
        now_ms = self._clock.now_ms()
        await self._database.write(lambda: notebook.see_mentions(agent.tenant_id, agent.id, conversation_id, now_ms))

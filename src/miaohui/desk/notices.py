"""Telling everybody at once, while something is wrong: who waits, who comes, and who opens the widget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from miaohui.desk import board
from miaohui.desk.types import Notice
from miaohui.kit.cache import Cache
from miaohui.kit.errors import Conflict, FieldError, Invalid, NotFound
from miaohui.kit.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from miaohui.conversations.service import Conversations
    from miaohui.conversations.types import Conversation
    from miaohui.desk.ports import Inboxes
    from miaohui.identity.types import Principal
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database, Operation

MOST = 20
LONGEST_MINUTES = 7 * 24 * 60
TEXT_CHARS = 500
CACHED_S = 2.0


class Notices:
    """What holds is read once in two seconds, however many come."""

    def __init__(self, database: Database, clock: Clock, conversations: Conversations, inboxes: Inboxes) -> None:
        self._database = database
        self._clock = clock
        self._conversations = conversations
        self._inboxes = inboxes
        self._repository = board.BoardRepository(database)
        self._known: Cache[str, list[Notice]] = Cache(clock, size=10_000, seconds=CACHED_S)

    async def list_holding(self, tenant_id: str) -> list[Notice]:
        """The last put up first."""
        return await self._repository.list_holding(tenant_id, self._clock.now_ms())

    async def put_up(self, by: Principal, texts: Mapping[str, str], minutes: int, inbox_id: str = "") -> Notice:
        """Hold it for so long. Raises `Invalid`, `NotFound` on an inbox that is not here, `Conflict` on too many."""
        said = {locale: text.strip() for locale, text in texts.items() if text.strip()}
        if not said or any(len(text) > TEXT_CHARS for text in said.values()):
            wanted = f"at least one text, each up to {TEXT_CHARS} characters"
            raise Invalid("A notice says something.", errors=[FieldError("$.texts", wanted)])
        if not 0 < minutes <= LONGEST_MINUTES:
            raise Invalid("A notice ends.", errors=[FieldError("$.minutes", f"1 to {LONGEST_MINUTES}")])
        if inbox_id:
            await self._inboxes.get(by.tenant_id, inbox_id)
        if len(await self.list_holding(by.tenant_id)) >= MOST:
            raise Conflict(f"At most {MOST} notices hold at a time.", code="notice_limit")
        now_ms = self._clock.now_ms()
        notice = Notice(
            id=new_id("ntc"),
            tenant_id=by.tenant_id,
            inbox_id=inbox_id,
            texts=said,
            until_ms=now_ms + minutes * 60_000,
            created_by=by.key,
            created_at_ms=now_ms,
        )
        await self._database.write(lambda: board.put_up(notice))
        self._known.forget(by.tenant_id)
        return notice

    async def take_down(self, tenant_id: str, notice_id: str) -> None:
        """It holds no longer. Raises `NotFound`."""
        if not await self._database.write(lambda: board.take_down(tenant_id, notice_id)):
            raise NotFound("There is no such notice.")
        self._known.forget(tenant_id)

    async def holding_at(self, tenant_id: str, inbox_id: str) -> list[Notice]:
        """What is told at this inbox, or was a moment ago."""
        return [one for one in await self.list_known(tenant_id) if one.inbox_id in {"", inbox_id}]

    async def list_known(self, tenant_id: str) -> list[Notice]:
        """What holds, or held a moment ago."""
        known = self._known.get(tenant_id)
        if known is None:
            known = await self.list_holding(tenant_id)
            self._known.put(tenant_id, known)
        now_ms = self._clock.now_ms()
        return [one for one in known if one.until_ms > now_ms]

    async def tell(self, conversations: Sequence[Conversation], notice: Notice) -> int:
        """To those who wait already, each in the language of the inbox; how many were told."""
        told = 0
        for conversation in conversations:
            if notice.inbox_id in {"", conversation.inbox_id}:
                inbox = await self._inboxes.get(conversation.tenant_id, conversation.inbox_id)
                told += await self._conversations.tell(conversation, notice.text_for(inbox.locale), _yes)
        return told


def _yes() -> Operation[bool]:
    yield from ()
    return True

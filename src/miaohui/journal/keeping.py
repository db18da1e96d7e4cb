"""What was kept for long enough is erased, and the chain says so."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import bindparam, delete, select

from miaohui.contacts.repository import forget_visits
from miaohui.conversations.tables import conversations, messages, turns
from miaohui.journal import sealing
from miaohui.journal.chain import Seal
from miaohui.journal.tables import journal_turns
from miaohui.kit import metrics
from miaohui.kit.errors import Conflict, MiaohuiError
from miaohui.kit.telemetry import get_log

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miaohui.conversations.ports import Leaving
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database, Operation

EVERY_S = 3_600.0
_AT_ONCE = 50
VISIT_DAYS = 30
"""Which page somebody was on says nothing any more after that."""
_DAY_MS = 86_400_000
ERASED = metrics.counter("miaohui_conversations_erased_total", "Conversations erased, because they were kept for long.")
_log = get_log(__name__)

_c = conversations.c
_OLD = (
    select(_c.id)
    .where(_c.tenant_id == bindparam("tenant"), _c.status == "resolved", _c.updated_at_ms < bindparam("before"))
    .order_by(_c.updated_at_ms)
    .limit(_AT_ONCE)
)
_STILL = (
    delete(conversations)
    .where(
        _c.tenant_id == bindparam("tenant"),
        _c.id == bindparam("conversation"),
        _c.status == "resolved",
        _c.updated_at_ms < bindparam("before"),
    )
    .returning(_c.id)
)
_PARTS = tuple(
    delete(table).where(table.c.tenant_id == bindparam("tenant"), table.c.conversation_id == bindparam("conversation"))
    for table in (messages, turns, journal_turns)
)
_JOURNAL = delete(journal_turns).where(
    journal_turns.c.tenant_id == bindparam("tenant"), journal_turns.c.started_at_ms < bindparam("before")
)


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """For how many days; 0 for ever."""

    conversations_days: int = 0
    """After a resolved conversation's last change."""
    journal_days: int = 0


class Keeping:
    """Erases by the terms. Any number of nodes may."""

    def __init__(self, database: Database, clock: Clock, terms: Terms, elsewhere: Sequence[Leaving] = ()) -> None:
        """`elsewhere` are the rooms above that keep something of a conversation."""
        self._database = database
        self._clock = clock
        self._terms = terms
        self._elsewhere = elsewhere

    async def run(self) -> None:
        """Every hour, until cancelled."""
        while True:
            try:
                await self.sweep()
            except MiaohuiError as error:
                _log.warning("keeping.not_swept", reason=error.code)
            await asyncio.sleep(EVERY_S)

    async def sweep(self) -> int:
        """Once around; how many conversations were erased."""
        now_ms, erased = self._clock.now_ms(), 0
        for tenant_id in await sealing.list_tenants(self._database):
            long_ago_ms = now_ms - VISIT_DAYS * _DAY_MS
            await self._database.write(lambda its=tenant_id, ago=long_ago_ms: forget_visits(its, ago))  # type: ignore[misc]
            if self._terms.conversations_days:
                erased += await self._erase(tenant_id, now_ms - self._terms.conversations_days * _DAY_MS)
            if self._terms.journal_days:
                key = {"tenant": tenant_id, "before": now_ms - self._terms.journal_days * _DAY_MS}
                await self._database.write(lambda key=key: _forget_journal(key))  # type: ignore[misc]
        if erased:
            _log.info("keeping.erased", conversations=erased)
        return erased

    async def _erase(self, tenant_id: str, before_ms: int) -> int:
        erased = 0
        while rows := await self._database.read(_OLD, {"tenant": tenant_id, "before": before_ms}):
            with suppress(Conflict):  # another node adds to the chain just now; once again
                erased += await self._erase_these(tenant_id, [str(row["id"]) for row in rows], before_ms)
        return erased

    async def _erase_these(self, tenant_id: str, ids: Sequence[str], before_ms: int) -> int:
        now_ms = self._clock.now_ms()
        erased = await self._database.write(
            lambda: _erase(tenant_id, ids, before_ms, now_ms, self._elsewhere), key=f"audit:{tenant_id}"
        )
        ERASED.inc(erased)
        return erased


def _forget_journal(key: dict[str, object]) -> Operation[None]:
    yield _JOURNAL, key


def _erase(
    tenant_id: str, ids: Sequence[str], before_ms: int, now_ms: int, elsewhere: Sequence[Leaving]
) -> Operation[int]:
    """What was opened again meanwhile stays."""
    seals = []
    for one in ids:
        key = {"tenant": tenant_id, "conversation": one}
        if not (yield _STILL, key | {"before": before_ms}):
            continue
        for leave in elsewhere:  # while the words are there that name what goes with them
            yield from leave(tenant_id, one)
        for part in _PARTS:
            yield part, key
        seals.append(Seal(kind="erased", subject=one, digest=hashlib.sha256(one.encode()).hexdigest()))
    yield from sealing.append(tenant_id, seals, now_ms)
    return len(seals)

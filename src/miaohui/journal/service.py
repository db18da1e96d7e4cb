"""Reading the journal; writing and reading the audit."""

from __future__ import annotations

from collections.abc import Mapping

from miaohui.identity.types import Principal
from miaohui.journal import repository
from miaohui.journal.types import AuditEntry, Fact, TurnEntry
from miaohui.kit.clock import Clock, SystemClock
from miaohui.kit.database import Database
from miaohui.kit.ids import new_id
from miaohui.kit.paging import Cursor, Page, page, parse_cursor


class Journal:
    """What happened, and why. Turns are recorded by `repository.record_turn`, in the transaction that ends them."""

    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        self._database = database
        self._clock = clock or SystemClock()

    async def find_turn(self, tenant_id: str, turn_id: str) -> TurnEntry | None:
        """A turn's entry; None while it runs, and for another tenant's."""
        return await repository.find_turn(self._database, tenant_id, turn_id)

    async def audit(
        self, principal: Principal, act: str, subject: str = "", detail: Mapping[str, Fact] | None = None
    ) -> None:
        """Record an administrative act of `principal`; `act` is `<noun>.<past>`."""
        entry = AuditEntry(
            id=new_id("aud"),
            tenant_id=principal.tenant_id,
            at_ms=self._clock.now_ms(),
            actor=principal.key,
            actor_name=principal.name,
            act=act,
            subject=subject,
            detail=dict(detail or {}),
        )
        await self._database.write(lambda: repository.record_act(entry))

    async def list_audit(self, tenant_id: str, *, cursor: str = "", limit: int = 50) -> Page[AuditEntry]:
        """The newest first. Raises `Invalid` on a cursor that is not ours."""
        rows = await repository.list_audit(self._database, tenant_id, parse_cursor(cursor), limit + 1)
        return page(rows, limit, lambda entry: Cursor(entry.at_ms, entry.id))

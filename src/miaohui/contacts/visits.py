"""Which page each visitor is on: the last one only, for as long as it is of use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from miaohui.contacts import repository
from miaohui.contacts.pages import clean_title, clean_url
from miaohui.contacts.types import Page, Visit

if TYPE_CHECKING:
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database


class Visits:
    """Told of by the widget, looked at by agents."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def note(self, tenant_id: str, contact_id: str, page: Page) -> bool:
        """They are on this page now. False, and nothing is kept, where it is no page of the web."""
        clean = msgspec.structs.replace(
            page, url=clean_url(page.url), title=clean_title(page.title), referrer=clean_url(page.referrer)
        )
        if clean.url:
            now_ms = self._clock.now_ms()
            visit = Visit(tenant_id=tenant_id, contact_id=contact_id, page=clean, since_ms=now_ms, seen_at_ms=now_ms)
            await self._database.write(lambda: repository.note_visit(visit), key=f"visit:{contact_id}")
        return bool(clean.url)

    async def find(self, tenant_id: str, contact_id: str) -> Visit | None:
        """Where they were last; None when that was never told, or is forgotten."""
        return await repository.find_visit(self._database, tenant_id, contact_id)

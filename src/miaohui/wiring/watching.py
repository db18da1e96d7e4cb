"""The folder that the settings name, and whose turn it is to look at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from miaohui.channels.cursors import repository as cursors
from miaohui.kit.ids import new_id
from miaohui.knowledge.watching import FolderWatch

if TYPE_CHECKING:
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database
    from miaohui.knowledge.service import Knowledge
    from miaohui.settings.types import Settings
    from miaohui.tenants.service import Tenants

_CURSOR = "knowledge-folder"
_LEASE_S = 30.0


async def watch_folder(
    settings: Settings, database: Database, clock: Clock, tenants: Tenants, knowledge: Knowledge
) -> None:
    """Import the folder whenever something in it changes, in one process of all. Until cancelled.

    `clock` is the one that all processes agree on.
    """
    if settings.knowledge_folder is None:
        return
    owner = new_id("node")
    seconds = settings.knowledge_folder_seconds
    lease_ms = round((_LEASE_S + 3 * seconds) * 1000)

    async def is_ours() -> bool:
        now_ms = clock.now_ms()
        taken = database.write(lambda: cursors.lease(_CURSOR, owner, now_ms, now_ms + lease_ms), key=_CURSOR)
        return await taken is not None

    async def find_tenant() -> str:
        known = [one for one in await tenants.list_() if tenants.standings.serves(one.id)]
        wanted = settings.knowledge_folder_tenant
        if not wanted:
            return known[0].id if len(known) == 1 else ""
        return next((tenant.id for tenant in known if tenant.slug == wanted), "")

    watch = FolderWatch(knowledge, settings.knowledge_folder, find_tenant)
    try:
        await watch.run(is_ours, seconds)
    finally:
        await database.write(lambda: cursors.release(_CURSOR, owner), key=_CURSOR)

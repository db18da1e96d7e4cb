"""What erases a company, and what else keeps something of one beside the tables."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from miaohui.kit.records import sqlite_file
from miaohui.kit.versioned import FOLLOWED_S
from miaohui.knowledge.server.leaving import forget as forget_searchable
from miaohui.migrations.tables import MODULES
from miaohui.tenants.erasing import Erasing

if TYPE_CHECKING:
    from miaohui.wiring.house import House

NOTICE_S = FOLLOWED_S * 2
"""Other processes look every `FOLLOWED_S`, and a look takes its time."""


def build_erasing(house: House) -> Erasing:
    """Over the tables of all rooms."""
    for module in MODULES:
        importlib.import_module(module)
    alone = sqlite_file(house.settings.records_url) is not None
    erasing = Erasing(house.database, house.clock, house.tenants.standings, notice_s=0.0 if alone else NOTICE_S)
    erasing.elsewhere = (partial(_forget_index, house),)
    erasing.forget_talks = partial(_forget_talks, house)
    return erasing


async def _forget_index(house: House, tenant_id: str) -> int:
    """What articles are searched by: files of this node, which other nodes remove for themselves, and search tables."""
    await house.knowledge.forget(tenant_id)
    if house.settings.records_url.startswith(("postgresql://", "postgres://")):
        return await forget_searchable(house.database, tenant_id)
    return 0


async def _forget_talks(house: House, conversation_ids: Sequence[str]) -> None:
    """The last turns, kept for a while; in Redis for all processes."""
    await asyncio.gather(*map(house.memory.forget, conversation_ids))

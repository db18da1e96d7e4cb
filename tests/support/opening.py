"""A database that is open for a block."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from miaohui.kit.clock import SystemClock
from miaohui.kit.database import Database
from miaohui.kit.records import RecordsOptions, open_database


@asynccontextmanager
async def opened(url: str, folder: Path, *, lanes: int = 1, readers: int = 1, **more: int) -> AsyncIterator[Database]:
    """With as few connections as a test needs; `more` are other `RecordsOptions`."""
    options = RecordsOptions(lanes=lanes, readers=readers, **more)
    database = await open_database(url, clock=SystemClock(), data_dir=folder, options=options)
    try:
        yield database
    finally:
        await database.close()

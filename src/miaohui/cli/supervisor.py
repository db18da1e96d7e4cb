"""Several processes on one port: each has its own listening socket, and the kernel spreads the connections.

The supervisor reserves the port, starts the workers, passes a stop on to them, and starts one anew that died, waiting
longer each time it dies young. It answers no request itself.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from typing import TYPE_CHECKING

import click

from miaohui.cli.output import Refused
from miaohui.kit.clock import SystemClock

if TYPE_CHECKING:
    from miaohui.settings.types import Settings

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
YOUNG_S = 10.0
"""A worker that lived less than this died young."""
GRACE_S = 10.0
"""Beyond the drain, before a worker is killed."""


def check_shareable(settings: Settings) -> None:
    """Raises `Refused` where several processes would not see each other's messages."""
    if not settings.database_url.startswith("postgres"):
        raise Refused("--workers needs PostgreSQL: SQLite belongs to one process. Set --database postgresql://…")
    if not settings.redis_url:
        raise Refused("--workers needs Redis, which wakes the other processes. Set --redis redis://…")


async def supervise(settings: Settings) -> None:
    """Run `settings.workers` processes until told to stop."""
    check_shareable(settings)
    reserved = reserve(settings.host, settings.port)
    try:
        chosen = settings.model_copy(update={"port": reserved.getsockname()[1]})
        await _prepare(chosen)
        await _Supervisor(chosen).run()
    finally:
        reserved.close()


async def _prepare(settings: Settings) -> None:
    """Once for all workers: the database's form, and the sample shop."""
    from miaohui.migrations import migrate

    await asyncio.to_thread(migrate, settings.records_url)
    if settings.demo:
        from miaohui.cli.demo import format_screen, prepare
        from miaohui.wiring import open_house

        async with open_house(settings, background=False) as house:
            click.echo(format_screen(await prepare(house, settings)))


def reserve(host: str, port: int) -> socket.socket:
    """A bound socket that does not listen: it holds the port, and port 0 becomes a real one."""
    if not hasattr(socket, "SO_REUSEPORT"):
        raise Refused("This system cannot share a port between processes; start with one worker.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        raise Refused(f"Port {port} on {host} cannot be had: {error.strerror}.") from error
    return sock


def serve_worker(settings: Settings) -> None:
    """Be one of the workers: an own socket on the shared port."""
    from miaohui.app import serve
    from miaohui.cli.demo import sample_folder

    check_shareable(settings)
    serve(settings, shop=sample_folder() / "shop" if settings.demo else None, shared=True)


class _Supervisor:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stopping = asyncio.Event()
        self._clock = SystemClock()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        for told in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(told, self._stopping.set)
        click.echo(f"Miaohui: {self._settings.workers} workers on http://{self._settings.host}:{self._settings.port}")
        async with asyncio.TaskGroup() as group:
            for number in range(self._settings.workers):
                group.create_task(self._keep_alive(number))

    async def _keep_alive(self, number: int) -> None:
        wait_s = FIRST_WAIT_S
        while not self._stopping.is_set():
            born = self._clock.monotonic()
            worker = await asyncio.create_subprocess_exec(*self._command(number))
            code = await self._until_ended(worker)
            if self._stopping.is_set():
                return
            lived_s = self._clock.monotonic() - born
            wait_s = min(wait_s * 2, LONGEST_WAIT_S) if lived_s < YOUNG_S else FIRST_WAIT_S
            click.echo(f"Worker {number} ended with {code} after {lived_s:.0f} s; again in {wait_s:.1f} s", err=True)
            await self._stopped_within(wait_s)

    def _command(self, number: int) -> list[str]:
        settings = self._settings
        return [
            *(sys.executable, "-m", "miaohui", "serve", "--worker"),
            *("--host", settings.host, "--port", str(settings.port), "--data", str(settings.data)),
            *("--database", settings.database_url, "--redis", settings.redis_url),
            *(["--demo"] if settings.demo else []),
            *(["--admin-port", str(settings.admin_port + number)] if settings.admin_port else []),
        ]

    async def _until_ended(self, worker: asyncio.subprocess.Process) -> int:
        """Its exit code, by itself or because we are stopping."""
        async with asyncio.TaskGroup() as group:
            stopper = group.create_task(self._stop_when_told(worker))
            code = await worker.wait()
            stopper.cancel()
        return code

    async def _stop_when_told(self, worker: asyncio.subprocess.Process) -> None:
        await self._stopping.wait()
        worker.terminate()
        await asyncio.sleep(self._settings.drain_seconds + GRACE_S)
        worker.kill()

    async def _stopped_within(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return

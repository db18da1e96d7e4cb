"""Several processes on one port: each has its own listening socket, and the kernel spreads the connections.

The supervisor reserves the port, starts the workers, passes a stop on to them, and starts one anew that died, waiting
longer each time it dies young. On SIGHUP it replaces them one after the other, each when the one before takes requests:
new settings and a new program come in without an interruption. It answers no request itself.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from miaohui.cli.output import Refused
from miaohui.kit.clock import SystemClock

if TYPE_CHECKING:
    from miaohui.settings.types import Settings
    from miaohui.wiring import House

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
YOUNG_S = 10.0
"""A worker that lived less than this died young."""
GRACE_S = 10.0
"""Beyond the drain, before a worker is killed."""
BOOT_S = 60.0
"""For a new worker to take requests, before the next one is replaced all the same."""


def check_shareable(settings: Settings) -> None:
    """Raises `Refused` where several processes would not see each other's messages."""
    from miaohui.kit.records import sqlite_file

    if sqlite_file(settings.records_url) is not None:
        raise Refused(
            "--workers needs PostgreSQL or MariaDB: SQLite belongs to one process. Set --database postgresql://…"
        )
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


def serve_worker(settings: Settings, ready_fd: int = -1) -> None:
    """Be one of the workers: an own socket on the shared port. Says over `ready_fd` when it takes requests."""
    from miaohui.app import serve
    from miaohui.cli.demo import sample_folder

    async def say_ready(_house: House, _settings: Settings) -> None:
        if ready_fd >= 0:
            with suppress(OSError):  # nobody waits for it any more
                os.write(ready_fd, b"1")
                os.close(ready_fd)

    check_shareable(settings)
    shop = sample_folder() / "shop" if settings.demo else None
    serve(settings, prepare=say_ready, shop=shop, shared=True)


class _Supervisor:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stopping = asyncio.Event()
        self._hung_up = asyncio.Event()
        self._ready = [asyncio.Event() for _ in range(settings.workers)]
        self._running: dict[int, asyncio.subprocess.Process] = {}
        self._replaced = -1
        """The worker that is told to go, so that another takes its place."""
        self._clock = SystemClock()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        for told in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(told, self._stopping.set)
        if hasattr(signal, "SIGHUP"):
            loop.add_signal_handler(signal.SIGHUP, self._hung_up.set)
        click.echo(f"Miaohui: {self._settings.workers} workers on http://{self._settings.host}:{self._settings.port}")
        async with asyncio.TaskGroup() as group:
            rolling = group.create_task(self._roll_when_told())
            keepers = [group.create_task(self._keep_alive(number)) for number in range(self._settings.workers)]
            await asyncio.wait(keepers)
            rolling.cancel()

    async def _roll_when_told(self) -> None:
        """Replace every worker, one at a time: the others go on taking what comes."""
        while True:
            await self._hung_up.wait()
            self._hung_up.clear()
            click.echo("Replacing the workers, one after the other")
            for number in range(self._settings.workers):
                self._ready[number].clear()
                self._replaced = number
                with suppress(ProcessLookupError):
                    self._running[number].terminate()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._settings.drain_seconds + GRACE_S + BOOT_S):
                        await self._ready[number].wait()
            self._replaced = -1
            click.echo("All workers are new")

    async def _keep_alive(self, number: int) -> None:
        wait_s = FIRST_WAIT_S
        while not self._stopping.is_set():
            born = self._clock.monotonic()
            worker = await self._start(number)
            code = await self._until_ended(worker)
            if self._stopping.is_set():
                return
            if self._replaced == number and not self._ready[number].is_set():
                wait_s = FIRST_WAIT_S
                continue
            lived_s = self._clock.monotonic() - born
            wait_s = min(wait_s * 2, LONGEST_WAIT_S) if lived_s < YOUNG_S else FIRST_WAIT_S
            click.echo(f"Worker {number} ended with {code} after {lived_s:.0f} s; again in {wait_s:.1f} s", err=True)
            await self._stopped_within(wait_s)

    async def _start(self, number: int) -> asyncio.subprocess.Process:
        reading, writing = os.pipe()
        loop, ready = asyncio.get_running_loop(), self._ready[number]

        def hear() -> None:
            loop.remove_reader(reading)
            if os.read(reading, 1):
                ready.set()
            os.close(reading)

        loop.add_reader(reading, hear)
        command = [*self._command(number), "--ready-fd", str(writing)]
        worker = await asyncio.create_subprocess_exec(*command, pass_fds=(writing,))
        os.close(writing)
        self._running[number] = worker
        return worker

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

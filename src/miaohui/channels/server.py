"""uvicorn inside this process: its bounds, its own socket, and a drain that loses nothing."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from miaohui.channels.bounds import Bounds
from miaohui.channels.protocols import DeadlineHttp, MiaohuiWebSocket
from miaohui.channels.rest.operators import AlertDoor
from miaohui.channels.rest.probes import Probes, metrics_response
from miaohui.kit.telemetry import get_log

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.responses import Response

    from miaohui.channels.services import Services

BACKLOG = 4096
SPARE_FILES = 200
"""For everything that is no client: records, log, providers, the admin port."""
_TELL_S = 0.2
"""For the goodbye to be written, before anything is closed."""
_LAST_WORDS_S = 2.0
"""After the sockets were closed: time for requests that are being answered."""
_log = get_log(__name__)

Ready = Callable[[str], Awaitable[None] | None]
"""Told the address once requests are taken."""


def bind(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A listening socket; `shared` lets other worker processes listen on the same port (`SO_REUSEPORT`).

    A shared one begins to listen when requests are taken: until then the kernel gives its connections to the others.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.bind((host, port))
    if not shared:
        listener.listen(BACKLOG)
    listener.setblocking(False)
    return listener


def allow_files(wanted: int) -> int:
    """Let this process open so many files, as far as the system lets it; how many it may open now."""
    try:
        import resource  # noqa: PLC0415  (absent on Windows, which has no such limit)
    except ImportError:
        return wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft in {resource.RLIM_INFINITY, -1} or soft >= wanted:
        return wanted
    most = wanted if hard in {resource.RLIM_INFINITY, -1} else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most


def address_of(listener: socket.socket) -> str:
    """`http://127.0.0.1:8000`."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Server:
    """Serves one application until told to stop."""

    def __init__(self, app: FastAPI, listener: socket.socket) -> None:
        services: Services = app.state.services
        self._app = app
        self._services = services
        self._bounds = Bounds.of(services.settings)
        self._listener = listener
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """Begin the drain; safe from a signal handler of the loop."""
        self._stop.set()

    async def serve(self, ready: Ready | None = None) -> None:
        """Take requests until `stop` or SIGTERM or SIGINT, then drain. Returns when everything has ended."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        servers = [(_Uvicorn(self._config()), self._listener)]
        if port := getattr(self._services.settings, "admin_port", 0):
            servers.append((_Uvicorn(self._admin_config()), bind(self._services.settings.admin_host, port)))
        async with asyncio.TaskGroup() as tasks:
            for server, listener in servers:
                tasks.create_task(server.serve(sockets=[listener]))
            await _started([server for server, _ in servers])
            if ready is not None and (waiting := ready(address_of(self._listener))) is not None:
                await waiting
            await self._stop.wait()
            await self._drain()
            for server, _ in servers:
                server.should_exit = True
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)

    async def _drain(self) -> None:
        """Not ready any more, everyone told; answers that are being written may end; then all are sent away."""
        state = self._app.state
        _log.info("drain.began", sockets=len(state.sockets))
        state.sockets.announce_drain()
        await asyncio.sleep(_TELL_S)
        seconds = self._bounds.drain_seconds
        await asyncio.gather(self._services.turns.drain(seconds), state.completions.drain(seconds))
        await state.sockets.close()
        state.streams.close()
        await asyncio.sleep(0.2)
        _log.info("drain.ended", sockets=len(state.sockets))

    def _config(self) -> uvicorn.Config:
        limits = self._bounds
        clients = limits.connections + 1000
        files = allow_files(clients + SPARE_FILES)
        if files < clients + SPARE_FILES:
            _log.warning("files.few", may_open=files, connections=limits.connections, hint="Raise `ulimit -n`.")
            self._app.state.sockets.most = min(limits.connections, max(files - SPARE_FILES, 1))
        return uvicorn.Config(
            self._app,
            loop="none",
            http=DeadlineHttp.with_deadlines(limits.header_seconds, limits.body_seconds),
            ws=MiaohuiWebSocket,
            ws_max_size=limits.frame_bytes,
            ws_ping_interval=None,
            ws_per_message_deflate=False,
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # `rest.app_parts.Api` reads them, where they are needed
            limit_concurrency=min(clients, max(files - SPARE_FILES, 1)),
            backlog=BACKLOG,
            timeout_graceful_shutdown=int(_LAST_WORDS_S),
            h11_max_incomplete_event_size=65_536,
        )

    def _admin_config(self) -> uvicorn.Config:
        probes = Probes(self._services, self._app.state.sockets)

        async def numbers(_: Request) -> Response:
            return metrics_response()

        routes = [
            Route("/healthz", probes.health),
            Route("/readyz", probes.readiness),
            Route("/metrics", numbers),
        ]
        if self._services.alerts is not None:
            routes += AlertDoor(self._services.alerts).routes()
        app = Starlette(routes=routes)
        return uvicorn.Config(
            app, loop="none", ws="none", lifespan="off", log_config=None, access_log=False, server_header=False,
            timeout_graceful_shutdown=1,
        )  # fmt: skip


class _Uvicorn(uvicorn.Server):
    """uvicorn without its own signal handling: the drain comes first."""

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        await self._serve(sockets)


async def _started(servers: list[_Uvicorn]) -> None:
    """Uvicorn has no event for it."""
    while not all(server.started for server in servers):  # noqa: ASYNC110
        await asyncio.sleep(0.005)

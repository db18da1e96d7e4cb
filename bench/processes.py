"""The processes of a measurement: started, watched from outside, and ended; nobody else's are touched."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from urllib.error import URLError
from urllib.request import urlopen

import msgspec

from bench.upstream import Pace

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_START_S = 60.0
_STOP_S = 30.0
_NGINX = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
worker_rlimit_nofile 20000;
events {{ worker_connections 8000; }}
http {{
  access_log off; client_body_temp_path {folder}; proxy_temp_path {folder};
  fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
  upstream provider {{ server 127.0.0.1:{upstream}; keepalive 2000; keepalive_requests 1000000; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096; keepalive_requests 1000000;
    location / {{
      proxy_pass http://provider; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;
    }}
  }}
}}
"""
LIFTED = {
    "MIAOHUI_VISITOR_MESSAGES_PER_MINUTE": "1000000",
    "MIAOHUI_VISITOR_BURST": "1000000",
    "MIAOHUI_TENANT_MESSAGES_PER_MINUTE": "10000000",
    "MIAOHUI_TENANT_BURST": "1000000",
    "MIAOHUI_NEWCOMERS_PER_SECOND": "100000",
    "MIAOHUI_NEWCOMERS_BURST": "100000",
    "MIAOHUI_NEWCOMERS_AT_ONCE": "100000",
    "MIAOHUI_STRAINED_ROUTE": "",
    "MIAOHUI_HANDOFF_UNANSWERED": "0",
    "MIAOHUI_HANDOFF_UPSET": "0",
    "MIAOHUI_LOG_LEVEL": "warning",
    "OPENBLAS_NUM_THREADS": "1",
}
"""The limits are raised, not switched off: the guard does its whole work for every message. Under strain the provider
is asked all the same, or its share of the work would not be measured; and no person is called to a visitor of ours."""


class Cores(msgspec.Struct, frozen=True):
    """Which processor cores are whose; both empty where there is only one."""

    server: frozenset[int]
    load: frozenset[int]


def share_cores() -> Cores:
    """One core for the server; another for load and upstream, which this process moves to."""
    mine = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if len(mine) < 2:
        return Cores(frozenset(), frozenset())
    cores = Cores(frozenset(mine[:1]), frozenset(mine[1:2]))
    os.sched_setaffinity(0, cores.load)
    return cores


def raise_file_limit() -> int:
    """As many open files as this process may have; how many that is."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Child:
    """One process of ours, as the system counts it."""

    def __init__(self, command: Sequence[str], cores: frozenset[int], settings: Mapping[str, str]) -> None:
        self._log = TemporaryFile()  # noqa: SIM115  lives as long as the child
        self._process = subprocess.Popen(
            ["/usr/bin/env", *(f"{name}={value}" for name, value in settings.items()), *command],
            stdout=self._log,
            stderr=self._log,
            stdin=subprocess.DEVNULL,
        )
        if cores:
            os.sched_setaffinity(self._process.pid, cores)
        self.pid = self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def cpu_s(self) -> float:
        """Processor time of all its threads so far."""
        return _cpu_s(self.pid)

    def starved_s(self) -> float:
        """How long its main thread was ready to run and did not get its core: somebody else had it."""
        return process_starved_s(self.pid)

    def rss_bytes(self) -> int:
        """Memory it holds."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * _PAGE

    def files(self) -> int:
        """Open files."""
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    def signal(self, number: signal.Signals) -> None:
        """Send it one."""
        self._process.send_signal(number)

    def said(self) -> str:
        """The end of what it wrote."""
        self._log.seek(0)
        return self._log.read().decode(errors="replace")[-3000:]

    def stop(self) -> None:
        """Ask it to end; after a while, end it."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()


@contextmanager
def start_server(data: Path, cores: Cores, settings: Mapping[str, str]) -> Iterator[tuple[Child, int]]:
    """A server over a data folder, ready; and its port. Raises `RuntimeError` when it does not get there."""
    port = free_port()
    command = [sys.executable, "-m", "miaohui", "serve", "--port", str(port), "--data", str(data)]
    child = Child(command, cores.server, {**LIFTED, **settings})
    try:
        wait_ready(child, f"http://127.0.0.1:{port}/readyz")
        yield child, port
        if not child.alive:
            raise RuntimeError(f"the server ended by itself:\n{child.said()}")
    finally:
        child.stop()


@contextmanager
def start_upstream(pace: Pace, cores: Cores) -> Iterator[tuple[Child, int]]:
    """The scripted provider, and its port."""
    port = free_port()
    command = [sys.executable, "-m", "bench.upstream", str(port), msgspec.json.encode(pace).decode()]
    child = Child(command, cores.load, {})
    try:
        wait_ready(child, f"http://127.0.0.1:{port}/stats")
        yield child, port
    finally:
        child.stop()


@contextmanager
def start_nginx(folder: Path, upstream: int, cores: Cores) -> Iterator[tuple[int, int] | None]:
    """An nginx passing everything on to `upstream`: its worker's process id and its port; None where there is none."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if program is None:
        yield None
        return
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "nginx.conf"
    config.write_text(_NGINX.format(folder=folder, upstream=upstream, port=port))
    child = Child([program, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(config)], cores.server, {})
    try:
        wait_ready(child, f"http://127.0.0.1:{port}/stats")
        children = Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text().split()
        yield int(children[0]), port
    finally:
        child.stop()


def process_cpu_s(pid: int) -> float:
    """Processor time of a child's child."""
    return _cpu_s(pid)


def process_starved_s(pid: int) -> float:
    """As `Child.starved_s`, of any process; 0.0 where it has ended or the system does not say."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError):
        return 0.0


def machine_busy_s() -> float:
    """Processor time that the machine's cores were not idle for since it was started, all together."""
    user, nice, system, _idle, _iowait, *rest = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    return (int(user) + int(nice) + int(system) + sum(int(one) for one in rest[:2])) * _TICK_S


def machine_load() -> float:
    """How many processes wanted a core, on average over the last minute."""
    return os.getloadavg()[0]


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * _TICK_S


def wait_ready(child: Child, url: str, *, every_s: float = 0.01, within_s: float = _START_S) -> None:
    """Wait until it answers, asking every so often. Raises `RuntimeError` when it does not."""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        if not child.alive:
            raise RuntimeError(f"it did not start:\n{child.said()}")
        try:
            with urlopen(url, timeout=2) as answer:  # noqa: S310  our own child
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(every_s)
    raise RuntimeError(f"{url} was not ready in time:\n{child.said()}")

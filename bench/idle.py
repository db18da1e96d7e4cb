"""The rows of many idle sockets: as many as one process may open files for, and 50,000 at three workers.

The visitors sit in processes of their own, each with its own source addresses.
"""

from __future__ import annotations

import asyncio
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import msgspec

from bench.client import now
from bench.cluster.usage import family
from bench.figures import Row
from bench.idlers import Plan, Since
from bench.processes import LIFTED, Child, free_port, process_cpu_s, raise_file_limit, wait_ready
from bench.rows import IDLE_KB, IDLE_SHARE, Bench, running
from bench.upstream import STREAM
from miaohui.settings.service import load
from miaohui.testing.history.types import Visitor
from miaohui.wiring import House, open_house

ONE_PROCESS, THREE_WORKERS, WORKERS = 19_000, 50_000, 3
PER_PROCESS = 12_500
"""Of one process of visitors."""
SPARE_FILES = 1_000
_SOURCES = 16
_VISITORS = 5_000
_CORE_FOR = 12_000
"""So many sockets may take `IDLE_SHARE` of a core."""


class _Idlers:
    """Processes full of visitors, on the same core as this one."""

    def __init__(self, port: int, visitors: Path) -> None:
        self._port = port
        self._visitors = visitors
        self._children: list[subprocess.Popen[bytes]] = []

    def join(self, count: int) -> None:
        """Come in, one process after the other. Raises `RuntimeError` when one does not get them in."""
        for number, first in enumerate(range(0, count, PER_PROCESS)):
            plan = Plan(
                port=self._port,
                visitors=str(self._visitors),
                first=first,
                count=min(PER_PROCESS, count - first),
                source=2 + _SOURCES * number,
            )
            command = [sys.executable, "-m", "bench.idlers", msgspec.json.encode(plan).decode()]
            self._children.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
            self._hear(self._children[-1])

    def look(self) -> Since:
        """What all of them saw since the last look."""
        for child in self._children:
            if child.stdin is not None:
                child.stdin.write(b"\n")
                child.stdin.flush()
        seen = [self._hear(child) for child in self._children]
        return Since(**{name: sum(getattr(one, name) for one in seen) for name in Since.__struct_fields__})

    def leave(self) -> None:
        """End."""
        for child in self._children:
            child.communicate(timeout=60)

    def _hear(self, child: subprocess.Popen[bytes]) -> Since:
        line = child.stdout.readline() if child.stdout is not None else b""
        if not line:
            raise RuntimeError(f"a process of visitors ended by itself, with {child.wait(30)}")
        return msgspec.json.decode(line, type=Since)


async def one_process(bench: Bench) -> list[Row]:
    """19,000 sockets at one process, or as many as it may open files for."""
    count = min(1_000 if bench.quick else ONE_PROCESS, raise_file_limit() - SPARE_FILES)
    with running(bench, "one-process", STREAM) as run:
        idlers = _Idlers(run.port, bench.stage.folder / "visitors.json")
        return [_hold(idlers, [run.server.pid], count, bench.seconds(60, 8))]


async def three_workers(bench: Bench) -> list[Row]:
    """50,000 sockets at three workers on one port, on PostgreSQL and Redis."""
    count = 1_500 if bench.quick else THREE_WORKERS
    with ExitStack() as stack:
        settings, visitors = await _furnish(bench, min(count, _VISITORS), stack)
        port, pids = stack.enter_context(_workers(bench, settings))
        row = _hold(_Idlers(port, visitors), pids, count, bench.seconds(60, 8))
        return [msgspec.structs.replace(row, work=f"{count:,} idle WebSockets at {WORKERS} workers on one port")]


def _hold(idlers: _Idlers, pids: Sequence[int], count: int, seconds: float) -> Row:
    before, began = _rss_bytes(pids), now()
    try:
        idlers.join(count)
        came_s = now() - began
        each_kb = (_rss_bytes(pids) - before) / count / 1024
        idlers.look()
        cpu_s, begin = _cpu_s(pids), now()
        time.sleep(seconds)
        share, seen = (_cpu_s(pids) - cpu_s) / (now() - begin), idlers.look()
        files = [len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in pids]
    finally:
        idlers.leave()
    most = IDLE_SHARE * max(1.0, count / _CORE_FOR)
    return Row(
        work=f"{count:,} idle WebSockets at one process",
        measured=f"{each_kb:.1f} KB each; {share:.1%} of a core over {seconds:.0f} s with {seen.beats:,} heartbeats; "
        f"all in within {came_s:.0f} s; {' + '.join(f'{one:,}' for one in files)} files open; "
        f"{seen.there:,} there at the end, {seen.lost} lost",
        goal=f"≤ {IDLE_KB:.0f} KB each, ≤ {most:.1%} of a core, none lost",
        reached=each_kb <= IDLE_KB and share <= most and seen.there == count and not seen.lost,
        kept=seen.there == count,
        facts={"each_kb": each_kb, "share": share, "files": files, **msgspec.structs.asdict(seen)},
    )


# Workers on a database server


async def _furnish(bench: Bench, count: int, stack: ExitStack) -> tuple[dict[str, str], Path]:
    """PostgreSQL and Redis of their own, and visitors; what the workers are told, and the visitors' file."""
    from tests.support.servers import RedisServer, database_at, postgres_server  # noqa: PLC0415  (a checkout's only)

    redis = RedisServer()
    redis.start()
    stack.callback(redis.kill)
    url = database_at(stack.enter_context(postgres_server()), "postgres")
    data = bench.work / "workers"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    chosen: Any = {"data": data, "database_url": url}
    async with open_house(load(**chosen), background=False) as house:
        tenant = await house.tenants.create("Idle", "idle")
        inbox = await house.inboxes.create(tenant.id, "Web")
        visitors: list[Visitor] = []
        while len(visitors) < count:
            part = min(100, count - len(visitors))
            visitors += await asyncio.gather(*(_make_visitor(house, inbox) for _ in range(part)))
    file = data / "visitors.json"
    file.write_bytes(msgspec.json.encode(visitors))
    return {"MIAOHUI_DATABASE_URL": url, "MIAOHUI_REDIS_URL": redis.url, "MIAOHUI_DATA": str(data)}, file


async def _make_visitor(house: House, inbox: Any) -> Visitor:
    contact = await house.contacts.create_visitor(inbox)
    token = house.identity.issue_visitor(contact)
    return Visitor(tenant=inbox.tenant_id, contact=contact.id, conversation="", token=token)


@contextmanager
def _workers(bench: Bench, settings: dict[str, str]) -> Iterator[tuple[int, list[int]]]:
    """`serve --workers` on all cores; its port and its workers, once all of them listen."""
    port = free_port()
    command = [sys.executable, "-m", "miaohui", "serve", "--workers", str(WORKERS), "--port", str(port)]
    child = Child(command, bench.cores.server | bench.cores.load, {**LIFTED, **settings})
    try:
        wait_ready(child, f"http://127.0.0.1:{port}/readyz", every_s=0.1, within_s=WORKERS * 60)
        until = now() + WORKERS * 60
        while _listening(port) < WORKERS and now() < until:
            time.sleep(0.1)
        yield port, family(child.pid)[1:]
    finally:
        child.stop()


def _listening(port: int) -> int:
    """How many sockets listen there (`/proc/net/tcp`: state 0A)."""
    lines = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    return sum(fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port for fields in lines)


def _rss_bytes(pids: Sequence[int]) -> int:
    return sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() for pid in pids)


def _cpu_s(pids: Sequence[int]) -> float:
    return sum(process_cpu_s(pid) for pid in pids)

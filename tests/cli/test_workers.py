"""Several processes on one port, over PostgreSQL and Redis."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest
from tests.support.servers import RedisServer, free_port

pytestmark = [pytest.mark.pg, pytest.mark.slow]


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    server = RedisServer()
    server.start()
    yield server
    server.kill()


@pytest.fixture
def served(empty_postgres_url: str, redis: RedisServer, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Two workers and the sample shop, ready."""
    port = free_port()
    where = ("--port", str(port), "--data", str(tmp_path), "--database", empty_postgres_url, "--redis", redis.url)
    with subprocess.Popen(
        [sys.executable, "-m", "miaohui", "serve", "--workers", "2", "--demo", *where],
        stdout=subprocess.DEVNULL,
        env=os.environ | {"MIAOHUI_SECRET": "0123456789abcdef" * 4, "MIAOHUI_DRAIN_SECONDS": "1"},
    ) as process:
        try:
            until(lambda: len(workers(process)) == 2 and ready(port))
            yield process
        finally:
            process.send_signal(signal.SIGTERM)


def until(holds: Callable[[], bool], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.1)


def workers(process: subprocess.Popen[bytes]) -> list[int]:
    """Ids of the supervisor's children."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii")
    return [int(pid) for pid in children.split()]


def ready(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="reads the supervisor's children from /proc")
def test_workers_share_a_port_and_a_killed_one_is_replaced_and_all_stop_together(
    served: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    note = json.loads((tmp_path / "demo.json").read_text(encoding="utf-8"))
    port = int(note["base_url"].rpartition(":")[2])
    first = workers(served)

    answers = [ask(note, f"visitor-{number}") for number in range(4)]
    assert all("7 天" in answer["answer"] for answer in answers)

    os.kill(first[0], signal.SIGKILL)
    until(lambda: first[0] not in workers(served) and len(workers(served)) == 2 and ready(port))
    assert "7 天" in ask(note, "after")["answer"]

    served.terminate()
    assert served.wait(timeout=30) == 0
    assert not ready(port)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="reads the supervisor's children from /proc")
def test_a_hangup_replaces_one_worker_after_the_other_and_everybody_is_answered(
    served: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    note = json.loads((tmp_path / "demo.json").read_text(encoding="utf-8"))
    old, seen, answers = set(workers(served)), list[int](), list[str]()
    over = threading.Event()

    def keep_asking(name: str) -> None:
        while not over.is_set():
            answers.append(ask_until_answered(note, f"{name}-{len(answers)}")["answer"])

    asking = [threading.Thread(target=keep_asking, args=(f"v{number}",)) for number in range(3)]
    for thread in asking:
        thread.start()
    served.send_signal(signal.SIGHUP)

    def all_are_new() -> bool:
        now = workers(served)
        seen.append(len(now))
        return len(now) == 2 and not old & set(now)

    until(all_are_new)
    until(lambda: ready(int(note["base_url"].rpartition(":")[2])))
    over.set()
    for thread in asking:
        thread.join(timeout=30)
    assert min(seen) >= 1
    assert len(answers) >= 3
    assert all("7 天" in answer for answer in answers)


def ask_until_answered(note: dict[str, str], visitor: str) -> dict[str, str]:
    """As every client does: a node that goes away is no answer, so it asks again."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return ask(note, visitor)
        except (URLError, OSError):
            assert time.monotonic() < deadline, "nobody answers"
            time.sleep(0.1)


def ask(note: dict[str, str], visitor: str) -> dict[str, str]:
    request = Request(
        f"{note['base_url']}/v1/chat",
        data=json.dumps({"visitor_id": visitor, "question": "如何退货?"}).encode(),
        headers={"Authorization": f"Bearer {note['api_key']}", "Content-Type": "application/json"},
    )
    with urlopen(request, timeout=20) as answer:
        reply: dict[str, str] = json.load(answer)
        return reply

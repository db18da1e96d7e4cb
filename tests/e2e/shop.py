"""The real server with the sample shop, as a process of its own."""

from __future__ import annotations

import atexit
import functools
import json
import os
import shutil
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.nursery import Child, nursery
from tests.support.servers import free_port

LOG = "server.log"
FURNISHED = "Ctrl+C stops the server"
"""The last that is said of a shop that is furnished."""
READY_SECONDS = 90
FREE = {
    "MIAOHUI_VISITOR_MESSAGES_PER_MINUTE": "600",
    "MIAOHUI_VISITOR_BURST": "100",
    "MIAOHUI_LOGIN_ATTEMPTS_PER_MINUTE": "1000",
}


@contextmanager
def sample_shop(data: Path) -> Iterator[str]:
    """Its base address, once it answers; the process is gone afterwards."""
    shutil.copytree(_furnished(), data, dirs_exist_ok=True)
    with _serving(data, os.environ) as base:
        yield base


@functools.cache
def _furnished() -> Path:
    """A data folder as the first start leaves it, to copy from: furnishing takes longer than most tests."""
    folder = Path(tempfile.mkdtemp(prefix="miaohui-shop-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    plain = {name: value for name, value in os.environ.items() if not name.startswith("MIAOHUI_")}
    with _serving(folder, plain):
        pass
    (folder / LOG).unlink()
    return folder


@contextmanager
def _serving(data: Path, environment: Mapping[str, str]) -> Iterator[str]:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    words = ["serve", "--demo", "--port", str(port), "--data", str(data)]
    with (data / LOG).open("wb") as log:
        server = nursery().start_now(words, {**environment, **FREE}, log.fileno())
        try:
            _wait_until_ready(base, server, data)
            yield base
        finally:
            server.end()


def fetch(url: str, *, token: str = "", body: dict[str, Any] | None = None) -> Any:
    """One JSON call of the API."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def _wait_until_ready(base: str, server: Child, data: Path) -> None:
    """Until it answers and the shop is furnished, which may take a moment longer."""
    log = data / LOG
    due = time.monotonic() + READY_SECONDS
    while time.monotonic() < due:
        if server.has_ended():
            break
        try:
            for path in ("/readyz", "/demo/"):
                urllib.request.urlopen(base + path, timeout=2).close()
        except OSError:
            time.sleep(0.1)
        else:
            if FURNISHED in log.read_text(errors="replace"):
                return
            time.sleep(0.1)
    raise AssertionError(f"The server did not come up:\n{log.read_text(errors='replace')[-3000:]}")

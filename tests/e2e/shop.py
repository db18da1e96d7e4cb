"""The real server with the sample shop, as a process of its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

READY_SECONDS = 60


@contextmanager
def sample_shop(data: Path) -> Iterator[str]:
    """Its base address, once it answers; the process is gone afterwards."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "miaohui", "serve", "--demo", "--port", str(port), "--data", str(data)]
    with (data / "server.log").open("wb") as log:
        environment = {**os.environ, "MIAOHUI_VISITOR_MESSAGES_PER_MINUTE": "600", "MIAOHUI_VISITOR_BURST": "100"}
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment)
        try:
            _wait_until_ready(base, process, data)
            yield base
        finally:
            process.terminate()
            process.wait(timeout=40)


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def fetch(url: str, *, token: str = "", body: dict[str, Any] | None = None) -> Any:
    """One JSON call of the API."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def _wait_until_ready(base: str, process: subprocess.Popen[bytes], data: Path) -> None:
    """Until it answers and the shop is furnished, which may take a moment longer."""
    log = data / "server.log"
    due = time.monotonic() + READY_SECONDS
    while time.monotonic() < due:
        if process.poll() is not None:
            break
        try:
            for path in ("/readyz", "/demo/"):
                urllib.request.urlopen(base + path, timeout=2).close()
        except OSError:
            time.sleep(0.1)
        else:
            if (data / "demo.json").exists():
                return
            time.sleep(0.1)
    raise AssertionError(f"The server did not come up:\n{log.read_text(errors='replace')[-3000:]}")

"""`miaohui serve` says that it is ready when everything is there, and not before."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import aiohttp
from tests.support.nursery import nursery
from tests.support.servers import free_port

SPARED = ("aiohttp", "alembic", "redis", "sqlalchemy.dialects.postgresql", "sqlalchemy.ext.asyncio")


def test_a_start_does_not_wait_for_what_only_some_need() -> None:
    code = f"import sys, miaohui.app, miaohui.cli.demo; print([one for one in {SPARED} if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]", "each of these takes a twentieth of a second or more"


async def test_it_is_ready_only_when_the_sample_shop_is_there(tmp_path: Path) -> None:
    port = free_port()
    environment = {**os.environ, "MIAOHUI_DATA": str(tmp_path), "MIAOHUI_LOG_LEVEL": "error"}
    process = await nursery().start(["serve", "--demo", "--port", str(port)], environment)
    seen = set[tuple[int, str, bool]]()
    try:
        async with asyncio.timeout(60), aiohttp.ClientSession() as http:
            while not any(status == 200 for status, _, _ in seen):
                try:
                    async with http.get(f"http://127.0.0.1:{port}/readyz") as answer:
                        checks = (await answer.json())["checks"]
                        seen.add((answer.status, checks["prepared"], (tmp_path / "demo.json").exists()))
                except aiohttp.ClientConnectionError:
                    await asyncio.sleep(0.02)
        assert (503, "failing", False) in seen, "it never said that it was not ready yet"
        assert {there for status, _, there in seen if status == 200} == {True}
    finally:
        process.send_signal(signal.SIGKILL)
        await process.wait()

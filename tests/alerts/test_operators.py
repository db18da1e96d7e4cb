"""Operators see and silence alerts at the admin port of a running server, and nobody else does."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import aiohttp
import pytest
from click.testing import CliRunner, Result
from tests.conformance.house import serving
from tests.support.servers import free_port

from miaohui.cli import main


def call(*words: str) -> Result:
    return CliRunner().invoke(main, ["alerts", *words])


@pytest.mark.slow
async def test_what_is_wrong_is_listed_silenced_and_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    admin = f"--admin=http://127.0.0.1:{port}"
    options = {"admin_port": str(port), "alert_for_seconds": "0", "alert_disk_gigabytes": "1000000"}
    async with serving(tmp_path / "data", **options) as node:
        monkeypatch.setenv("MIAOHUI_ADMIN_PORT", str(port))
        async with asyncio.timeout(10):
            while "FIRING" not in (await asyncio.to_thread(call, "list", admin)).output:  # noqa: ASYNC110
                await asyncio.sleep(0.2)
        made = await asyncio.to_thread(call, "silence", "disk", "--reason", "新磁盘", admin, "--json")
        silence = json.loads(made.output)["id"]
        listed = (await asyncio.to_thread(call, "list")).output  # where the settings say that it is
        assert "新磁盘" in listed
        assert " GB" in listed, "in units that people read"
        refused = await asyncio.to_thread(call, "silence", "nothing", admin)
        assert (refused.exit_code, refused.output) == (1, "Error: There is no such alert.\n")
        assert (await asyncio.to_thread(call, "end", silence, admin)).exit_code == 0
        assert (await asyncio.to_thread(call, "end", silence, admin)).exit_code == 1
        assert "No way to anybody" in (await asyncio.to_thread(call, "test", admin)).output
        async with aiohttp.ClientSession() as http:
            async with http.get(f"{node.base}/alerts") as answer:
                assert answer.status == 404
            silences = f"http://127.0.0.1:{port}/alerts/silences"
            as_json = {"content-type": "application/json"}
            async with http.post(silences, data=b"nonsense", headers=as_json) as answer:
                assert answer.status == 400
            async with http.post(silences, data=b'{"minutes": 5}', headers={"content-type": "text/plain"}) as answer:
                assert answer.status == 415


def test_without_a_server_the_exit_code_says_so() -> None:
    assert call("list", "--admin=http://127.0.0.1:9").exit_code == 3

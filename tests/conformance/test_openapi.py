"""What the OpenAPI document says is so: generated requests, valid and not, against a real server."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import aiohttp
import pytest
from tests.conformance.house import PASSWORD, Process, serving

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.slow
async def test_generated_requests_find_nothing_that_is_not_documented(
    http: aiohttp.ClientSession, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    async with serving(tmp_path / "data") as server:  # of its own: they change limits, inboxes and people
        body = {"email": server.tenants[0].email, "password": PASSWORD}
        async with http.post(f"{server.base}/v1/auth/login", json=body) as answer:
            token = (await answer.json())["access_token"]
        # The coverage phase, which is the larger part, is the same by day and by night.
        output, code = await _generate(server, token, tmp_path, "30" if pytestconfig.getoption("--nightly") else "2")
    assert code == 0, output[-40_000:]


async def _generate(server: Process, token: str, folder: Path, most: str) -> tuple[str, int | None]:
    """What it said, and how it ended."""
    # Streams never end; Telegram and mail servers would be asked themselves.
    run = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("schemathesis")), "run", f"{server.base}/openapi.json",
        "--header", f"Authorization: Bearer {token}", "--phases", "examples,coverage,fuzzing", "--max-examples", most,
        "--request-timeout", "30", "--exclude-path-regex", "/(stream|events|telegram|transcript|door/test)$",
        "--generation-database", "none", "--seed", "7", "--no-color",
        cwd=folder, env={**os.environ, "SCHEMATHESIS_HOOKS": str(Path(__file__).with_name("openapi_hooks.py"))},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await run.communicate()
    return output.decode(), run.returncode

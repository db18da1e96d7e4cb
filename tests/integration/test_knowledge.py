"""What one process publishes, every process serves."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from tests.conformance.house import Process
from tests.integration.cluster import Cluster

pytestmark = [pytest.mark.pg, pytest.mark.asyncio(loop_scope="session"), pytest.mark.xdist_group("cluster")]

QUESTION = "积分什么时候过期"


async def found(cluster: Cluster, node: Process) -> list[str]:
    """Titles of what a node finds."""
    headers = {"authorization": f"Bearer {node.tenants[0].api_key}"}
    path = f"{node.base}/v1/articles/search"
    async with cluster.http.post(path, json={"question": QUESTION}, headers=headers) as answer:
        body = await answer.json()
        assert answer.status == 200, body
        return [hit["title"] for hit in body["data"]]


async def test_an_import_by_another_process_is_served_by_both_nodes(cluster: Cluster, tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "points.md").write_text("# 会员积分\n\n积分在次年年底过期, 过期前三十天提醒。\n", encoding="utf-8")
    assert "会员积分" not in await found(cluster, cluster.a) + await found(cluster, cluster.b)
    importer = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "miaohui", "kb", "import", str(folder), "--tenant", "ours", "--json",
        env=cluster.a.environment, stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    async with asyncio.timeout(30):
        assert await importer.wait() == 0
    async with asyncio.timeout(8):
        for node in (cluster.a, cluster.b):
            while "会员积分" not in await found(cluster, node):  # noqa: ASYNC110
                await asyncio.sleep(0.2)

"""A budget that is set at one node, and spent there, holds at the other within the time that is promised."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.conformance.client import Site
from tests.conformance.house import Process
from tests.integration.cluster import Cluster
from tests.integration.test_suspending import command

pytestmark = [pytest.mark.pg, pytest.mark.asyncio(loop_scope="session"), pytest.mark.xdist_group("cluster")]

PROMISED_S = 2.5
SLACK_S = 8.0
"""Two processes and their databases share this machine with all other tests."""
LIMITS = "/v1/admin/limits"


@asynccontextmanager
async def a_price(cluster: Cluster, folder: Path) -> AsyncIterator[None]:
    """The provider that all share costs something, for a block."""
    file = folder / "price.toml"
    file.write_text('[[route]]\nname = "chunks:4"\nprice_in = 1_000_000\nprice_out = 1_000_000\n', encoding="utf-8")
    await command(cluster.a, "engines", "put", str(file))
    try:
        yield
    finally:
        await command(cluster.a, "engines", "remove", "chunks:4")


async def key_of(cluster: Cluster, admin: Site) -> dict[str, str]:
    body = {"name": "budgets", "scopes": ["admin"]}
    async with cluster.http.post(f"{admin.base}/v1/keys", json=body, headers=admin.headers) as answer:
        assert answer.status == 201, await answer.text()
        return {"authorization": f"Bearer {(await answer.json())['key']}"}


async def ask(cluster: Cluster, node: Process, key: dict[str, str]) -> tuple[int, str]:
    """How a completion ends."""
    body = {"model": "miaohui", "messages": [{"role": "user", "content": "如何退货?"}]}
    async with cluster.http.post(f"{node.base}/v1/chat/completions", json=body, headers=key) as answer:
        told: dict[str, Any] = await answer.json()
        return answer.status, told.get("error", {}).get("code", "")


async def put(cluster: Cluster, admin: Site, **budgets: int) -> None:
    async with cluster.http.get(f"{admin.base}{LIMITS}", headers=admin.headers) as answer:
        version = (await answer.json())["own"]["version"]
    body = {"version": version, **budgets}
    async with cluster.http.put(f"{admin.base}{LIMITS}", json=body, headers=admin.headers) as answer:
        assert answer.status == 200, await answer.text()


async def soon(cluster: Cluster, node: Process, key: dict[str, str], wanted: tuple[int, str]) -> None:
    """The node answers so within the time."""
    async with asyncio.timeout(PROMISED_S + SLACK_S):
        while await ask(cluster, node, key) != wanted:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def test_what_one_node_spent_stops_the_other_and_more_of_a_budget_lets_it_go_on(
    cluster: Cluster, tmp_path: Path
) -> None:
    ours, theirs = await cluster.agent(cluster.a), await cluster.agent(cluster.a, 1)
    key, other_key = await key_of(cluster, ours), await key_of(cluster, theirs)
    async with a_price(cluster, tmp_path):
        try:
            await put(cluster, ours, cost_day_micro=1)
            await soon(cluster, cluster.a, key, (429, "insufficient_quota"))
            await soon(cluster, cluster.b, key, (429, "insufficient_quota"))
            for node in (cluster.a, cluster.b):
                assert await ask(cluster, node, other_key) == (200, "")
            await put(cluster, ours, cost_day_micro=1_000_000_000)
            assert await ask(cluster, cluster.a, key) == (200, ""), "at once where it was changed"
            await soon(cluster, cluster.b, key, (200, ""))
        finally:
            await put(cluster, ours)

"""The completions door: what one streamed completion costs, beside nginx and LiteLLM passing the same stream.

All three answer the same requests from the same scripted provider, at the same rate, on the same core, one after the
other. LiteLLM is measured only where `scripts/litellm.sh` made it an environment of its own; it is slow, so its rate is
lower, and its figure is per completion as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from bench.client import now
from bench.figures import Row
from bench.histogram import Histogram
from bench.load import pass_through
from bench.passing import Passed, by_nginx, completion_request, measure
from bench.processes import Child, free_port, start_server, start_upstream, wait_ready
from bench.rows import Bench
from bench.stage import copy
from bench.upstream import STREAM
from miaohui.settings.service import load
from miaohui.wiring import open_house

LITELLM = Path(__file__).parent / "data" / "litellm"
"""Where `scripts/litellm.sh` puts it."""
TIMES_NGINX, SHARE_OF_LITELLM = 2.0, 1 / 20
CACHED_P50_MS = 5.0
_LITELLM_RATE = 10.0


async def door(bench: Bench) -> list[Row]:
    """Streamed completions, then one that is kept."""
    rate, seconds = (100.0, 5.0) if bench.quick else (300.0, 15.0)
    nginx = await by_nginx(bench.work, bench.cores, (rate, seconds))
    data = copy(bench.stage, bench.work / "door")
    key = await _make_key(data)
    with start_upstream(STREAM, bench.cores) as (_, upstream):
        settings = {
            "MIAOHUI_ENGINE_URL": f"http://127.0.0.1:{upstream}/v1",
            "MIAOHUI_ENGINE_MODEL": "sim",
            "MIAOHUI_COMPLETION_MODELS": "sim",
        }
        with start_server(data, bench.cores, settings) as (server, port):
            ours = await measure(server.cpu_s, port, (rate, seconds), key)
            cached = await _ask_again(port, key)
        litellm = None
        with start_litellm(bench, upstream) as found:
            if found is not None:
                litellm = await measure(found[0].cpu_s, found[1], (_LITELLM_RATE, seconds), "")
    return [_cost_row(ours, nginx, litellm, rate), _first_row(ours, nginx, rate), _cached_row(cached)]


async def _make_key(data: Path) -> str:
    async with open_house(load(data=data), background=False) as house:
        (tenant, *_) = await house.tenants.list_()
        _, plain = await house.identity.create_key(tenant.id, "bench", ["completions"])
    return plain


async def _ask_again(port: int, key: str) -> Histogram:
    """How long the answer to a question asked before takes, to its last byte."""
    request = completion_request(key, "如何退货", cached=True)
    took = Histogram()
    await pass_through(port, lambda: request, 1, 1)
    for _ in range(200):
        began = now()
        await asyncio.wait_for(_whole(port, request), 10)
        took.add(now() - began)
    return took


async def _whole(port: int, request: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    await reader.readuntil(b"0\r\n\r\n")
    writer.close()


@contextmanager
def start_litellm(bench: Bench, upstream: int) -> Iterator[tuple[Child, int] | None]:
    """LiteLLM's proxy before the same provider; None where it was not installed."""
    program = LITELLM / "bin" / "litellm"
    if not program.is_file():
        yield None
        return
    port, config = free_port(), bench.work / "litellm.yaml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(
        "model_list:\n  - model_name: sim\n    litellm_params:\n      model: openai/sim\n"
        f"      api_base: http://127.0.0.1:{upstream}/v1\n      api_key: sk-bench\n"
    )
    command = [str(program), "--config", str(config), "--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"]
    child = Child(command, bench.cores.server, {"LITELLM_LOG": "ERROR", "LITELLM_LOCAL_MODEL_COST_MAP": "True"})
    try:
        wait_ready(child, f"http://127.0.0.1:{port}/health/liveliness")
        yield child, port
    finally:
        child.stop()


def _cost_row(ours: Passed, nginx: Passed | None, litellm: Passed | None, rate: float) -> Row:
    times = ours.cpu_ms / nginx.cpu_ms if nginx else None
    share = ours.cpu_ms / litellm.cpu_ms if litellm else None
    beside = [f"nginx {nginx.cpu_ms:.2f} ms, ratio {times:.1f}"] if nginx and times else ["no nginx here"]
    if litellm and share:
        beside.append(f"LiteLLM {litellm.cpu_ms:.1f} ms, 1/{1 / share:.0f}")
    else:
        beside.append("LiteLLM not installed")
    reached = (times is None or times <= TIMES_NGINX) and (share is None or share <= SHARE_OF_LITELLM)
    return Row(
        work=f"CPU of one streamed completion at {rate:.0f}/s",
        measured=f"{ours.cpu_ms:.2f} ms over {ours.answers:,}; " + "; ".join(beside),
        goal="≤ 2.0 × nginx, ≤ 1/20 × LiteLLM",
        reached=reached,
        facts={
            "ours": msgspec.to_builtins(ours),
            "nginx": msgspec.to_builtins(nginx),
            "litellm": msgspec.to_builtins(litellm),
        },
    )


def _first_row(ours: Passed, nginx: Passed | None, rate: float) -> Row:
    """Load generator and provider are late themselves; nginx beside it says by how much."""
    base = nginx.first if nginx else dict.fromkeys(ours.first, 0.0)
    added = {name: ours.first[name] - base[name] for name in ("p50", "p99")}
    return Row(
        work=f"Added to the first content of a completion at {rate:.0f}/s",
        measured=f"P50 {added['p50']:.1f} P99 {added['p99']:.1f} ms; through nginx it is "
        f"{base['p50']:.1f} and {base['p99']:.1f} ms late by itself",
        goal="P99 ≤ 10 ms",
        reached=added["p99"] <= 10,
        facts={"ours": dict(ours.first), "nginx": dict(base)},
    )


def _cached_row(took: Histogram) -> Row:
    summary = took.summary_ms()
    return Row(
        work="A kept answer at the completions door, new connection, to its last byte",
        measured=f"P50 {summary['p50']:.1f} P99 {summary['p99']:.1f} ms",
        goal=f"P50 ≤ {CACHED_P50_MS:.0f} ms",
        reached=summary["p50"] <= CACHED_P50_MS,
        facts=dict(summary),
    )

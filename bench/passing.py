"""Streamed completions through whatever listens at a port: what they cost it, and how late their first content is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from bench.histogram import Histogram
from bench.load import pass_through
from bench.processes import Cores, process_cpu_s, start_nginx, start_upstream
from bench.upstream import STREAM

_PROMPT = "问" * 1500


class Passed(msgspec.Struct, frozen=True, kw_only=True):
    """One run through one door."""

    answers: int
    cpu_ms: float
    first: dict[str, float]
    """Milliseconds by which the first content came after the time that the provider was told to take."""


async def by_nginx(folder: Path, cores: Cores, load: tuple[float, float]) -> Passed | None:
    """Passed on by nginx, so many a second for so many seconds; None where there is none."""
    with start_upstream(STREAM, cores) as (_, upstream), start_nginx(folder / "nginx", upstream, cores) as found:
        if found is None:
            return None
        worker, port = found
        return await measure(lambda: process_cpu_s(worker), port, load, "")


async def measure(cpu_s: Callable[[], float], port: int, load: tuple[float, float], key: str) -> Passed:
    """So many requests a second for so many seconds, none the same; `cpu_s` reads the processor time spent so far."""
    rate, seconds = load
    number = 0

    def request() -> bytes:
        nonlocal number
        number += 1
        return completion_request(key, f"{_PROMPT} #{number:07d}", cached=False)

    await pass_through(port, request, rate, 1.5)
    before, first = cpu_s(), Histogram()
    answers, _ = await pass_through(port, request, rate, seconds, first=first)
    cpu_ms = (cpu_s() - before) / max(1, answers) * 1000
    late = {name: ms - STREAM.first_ms for name, ms in first.summary_ms().items()}
    return Passed(answers=answers, cpu_ms=round(cpu_ms, 3), first=late)


def completion_request(key: str, question: str, *, cached: bool) -> bytes:
    """A whole HTTP request; `cached` lets an answer that was kept do."""
    body = msgspec.json.encode({"model": "sim", "stream": True, "messages": [{"role": "user", "content": question}]})
    lines = [
        "POST /v1/chat/completions HTTP/1.1",
        "Host: bench",
        "Content-Type: application/json",
        f"Authorization: Bearer {key or 'sk-bench'}",
        *([] if cached else ["Cache-Control: no-cache"]),
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

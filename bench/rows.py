"""The measurements with a server: streamed turns, saturation, idle sockets, talking visitors."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from bench.client import Crowd, now
from bench.cold import count_running, read_cold
from bench.figures import Row
from bench.load import Load, Words
from bench.passing import Passed
from bench.processes import Child, Cores, start_server, start_upstream
from bench.stage import Stage, copy
from bench.upstream import STREAM, TALK, Pace
from miaohui.testing.history.check import Report, check
from miaohui.testing.history.types import History

REST_S = 4.0
"""A visitor of the streamed load asks again after so long at the earliest: its last turn is over by then."""
RECOVERY_S = 60.0
STARVED = 0.02
IDLE_KB, IDLE_SHARE = 25.0, 0.03
TALK_RSS_MB, TALK_P99_MS = 600.0, 100.0


class Bench(msgspec.Struct, frozen=True, kw_only=True):
    """What every measurement needs."""

    stage: Stage
    cores: Cores
    work: Path
    """Folder for what is thrown away."""
    quick: bool

    def seconds(self, whole: float, quick: float) -> float:
        """How long to measure."""
        return quick if self.quick else whole


class Running(msgspec.Struct, kw_only=True):
    """A server under measurement, and what it cost from `begin` to `end`."""

    server: Child
    port: int
    upstream: Child
    upstream_port: int = 0
    data: Path
    pace: Pace
    wall_s: float = 0.0
    cpu_s: float = 0.0
    load_s: float = 0.0
    """Processor time of the load generator."""
    upstream_s: float = 0.0
    """And of the scripted provider: together they share the other core."""
    starved_s: float = 0.0

    def begin(self) -> None:
        """From here on all work is counted."""
        self.wall_s, self.cpu_s, self.load_s, self.upstream_s = self._clocks()
        self.starved_s = self.server.starved_s()

    def end(self) -> None:
        """Up to here."""
        wall_s, cpu_s, load_s, upstream_s = self._clocks()
        self.wall_s, self.cpu_s = wall_s - self.wall_s, cpu_s - self.cpu_s
        self.load_s, self.upstream_s = load_s - self.load_s, upstream_s - self.upstream_s
        self.starved_s = self.server.starved_s() - self.starved_s

    def _clocks(self) -> tuple[float, float, float, float]:
        return now(), self.server.cpu_s(), time.process_time(), self.upstream.cpu_s()


class Streamed(msgspec.Struct, frozen=True, kw_only=True):
    """One run of streamed turns."""

    rate: float
    turns: int
    per_second: float
    cpu_ms: float
    cpu_share: float
    load_share: float
    """Of the other core, by load generator and provider; near 1 they were the bottleneck, not the server."""
    starved_share: float
    """Of the time, in which the server was ready to work and somebody else had its core. Over 0.02, latencies say more
    about that somebody."""
    rss_mb: float
    latencies: dict[str, dict[str, float]]
    refused: int
    lost: int
    overdue: int
    """Turns that had no end when the wait was over."""
    report: Report


@contextmanager
def running(bench: Bench, name: str, pace: Pace, ready: Callable[[Path], object] = id) -> Iterator[Running]:
    """A server over a fresh copy of the stage, with the scripted provider behind it; `ready` may prepare the copy."""
    data = copy(bench.stage, bench.work / name)
    ready(data)
    with start_upstream(pace, bench.cores) as (upstream, provider):
        settings = {"MIAOHUI_ENGINE_URL": f"http://127.0.0.1:{provider}/v1", "MIAOHUI_ENGINE_MODEL": "sim"}
        with start_server(data, bench.cores, settings) as (server, port):
            yield Running(server=server, port=port, upstream=upstream, upstream_port=provider, data=data, pace=pace)


# a, b: streamed turns


async def streamed(bench: Bench, rate: float, seconds: float) -> Streamed:
    """Turns at a fixed rate, each a stream of 40 chunks; all that was promised is checked afterwards."""
    with running(bench, f"streamed-{rate:.0f}", STREAM) as run:
        crowd = Crowd(run.port)
        await crowd.join(bench.stage.visitors[: min(len(bench.stage.visitors), max(50, int(rate * REST_S)))])
        load = Load(crowd, Words(bench.stage.questions), STREAM)
        await load.at_rate(rate, 1.5)  # connections to the provider, caches
        await crowd.settle(20)
        warm = crowd.figures.answered
        crowd.figures = type(crowd.figures)(answered=warm)
        run.begin()
        await load.at_rate(rate, seconds)
        await crowd.settle(20)
        run.end()
        rss = run.server.rss_bytes()
        crowd.leave()
    return _streamed(run, crowd, bench.cores, (rate, warm, rss / 1e6))


def _streamed(run: Running, crowd: Crowd, cores: Cores, known: tuple[float, int, float]) -> Streamed:
    rate, warm, rss_mb = known
    figures = crowd.figures
    turns = figures.answered - warm + figures.other_ends
    busy_s = run.wall_s - run.pace.first_s(0) - run.pace.stream_s
    return Streamed(
        rate=rate,
        turns=turns,
        per_second=round(turns / busy_s, 1),
        cpu_ms=round(run.cpu_s / max(1, turns) * 1000, 3),
        cpu_share=round(run.cpu_s / run.wall_s, 3),
        load_share=round((run.load_s + run.upstream_s) / run.wall_s, 3),
        starved_share=round(run.starved_s / run.wall_s, 3),
        rss_mb=round(rss_mb, 1),
        latencies=_latencies(crowd),
        refused=figures.refused,
        lost=figures.lost,
        overdue=figures.overdue,
        report=audit(crowd, run, cores),
    )


def audit(crowd: Crowd, run: Running, cores: Cores) -> Report:
    """Check the history against the database that the server left.

    What it left unfinished, the next process owes an end: it is started, and given a minute.
    """
    file = run.data / "miaohui.db"
    if count_running(file):
        with start_server(run.data, cores, {}):
            until = now() + RECOVERY_S
            while count_running(file) and now() < until:
                time.sleep(0.5)
    return check(History(lines=list(crowd.lines()), cold=read_cold(file)))


def _latencies(crowd: Crowd) -> dict[str, dict[str, float]]:
    figures = crowd.figures
    return {"ack": figures.ack.summary_ms(), "first": figures.first.summary_ms(), "whole": figures.whole.summary_ms()}


def streamed_row(done: Streamed, nginx: Passed | None) -> Row:
    """CPU of one turn, beside nginx's."""
    beside = f"; nginx {nginx.cpu_ms:.2f} ms, ratio {done.cpu_ms / nginx.cpu_ms:.1f}" if nginx else ""
    return Row(
        work=f"CPU of one streamed turn at {done.rate:.0f}/s",
        measured=f"{done.cpu_ms:.2f} ms{beside}; {done.report.summary()}",
        goal="≤ 1.0 ms, all kept",
        reached=done.cpu_ms <= 1.0 and done.report.kept,
        kept=done.report.kept,
        facts={"nginx": msgspec.to_builtins(nginx), **_facts(done)},
    )


def first_token_row(done: Streamed, nginx: Passed | None) -> Row:
    """What was added to the provider's own time. It and the load generator are late themselves: nginx says how late."""
    first, whole = done.latencies["first"], done.latencies["whole"]
    base = nginx.first if nginx else dict.fromkeys(first, 0.0)
    p50, p99 = first["p50"] - base["p50"], first["p99"] - base["p99"]
    starved = f"; its core taken away {done.starved_share:.0%} of the time" if done.starved_share > STARVED else ""
    return Row(
        work=f"Added to the first word and the whole turn at {done.rate:.0f}/s",
        measured=f"first P50 {p50:.1f} P99 {p99:.1f} ms (nginx: {base['p50']:.1f} and {base['p99']:.1f} ms late "
        f"by itself); whole P50 {whole['p50']:.1f} P99 {whole['p99']:.1f} ms{starved}",
        goal="first P50 ≤ 3, P99 ≤ 10 ms",
        reached=p50 <= 3 and p99 <= 10,
        facts={"nginx": msgspec.to_builtins(nginx), **_facts(done)},
    )


def peak_row(done: Streamed) -> Row:
    """The brief's peak."""
    whole = done.latencies["whole"]
    return Row(
        work=f"Streamed turns per second, {done.rate:.0f}/s offered",
        measured=f"{done.per_second:.0f}/s at {done.cpu_share:.0%} of a core, {done.rss_mb:.0f} MB; added first P99 "
        f"{done.latencies['first']['p99']:.1f}, whole P99 {whole['p99']:.1f} ms; refused {done.refused}, "
        f"overdue {done.overdue}; load and provider {done.load_share:.0%} of a core; others had ours for "
        f"{done.starved_share:.0%}; {done.report.summary()}",
        goal="820/s, added P99 ≤ 100 ms, all kept",
        reached=done.per_second >= 0.98 * 820 and whole["p99"] <= 100 and done.report.kept and not done.refused,
        kept=done.report.kept,
        facts=_facts(done),
    )


def _facts(done: Streamed) -> dict[str, Any]:
    facts: dict[str, Any] = msgspec.to_builtins(done)
    facts["report"]["violations"] = facts["report"]["violations"][:50]
    return facts


# c: idle sockets


async def idle(bench: Bench, count: int, seconds: float) -> list[Row]:
    """What so many open sockets hold and cost while nothing happens but heartbeats."""
    with running(bench, "idle", STREAM) as run:
        crowd = Crowd(run.port)
        before = run.server.rss_bytes()
        await crowd.join(bench.stage.visitors[:count], follow=False)
        await asyncio.sleep(1)
        open_kb = (run.server.rss_bytes() - before) / count / 1024
        await crowd.follow_all()
        await asyncio.sleep(1)
        following_kb = (run.server.rss_bytes() - before) / count / 1024
        crowd.beats = 0
        run.begin()
        await asyncio.sleep(seconds)
        run.end()
        lost, rss = crowd.figures.lost, run.server.rss_bytes()
        crowd.leave()
    share = run.cpu_s / run.wall_s
    return [
        Row(
            work=f"{count:,} idle WebSockets",
            measured=f"{open_kb:.1f} KB each ({following_kb:.1f} KB when each follows a conversation); {share:.1%} of "
            f"a core over {seconds:.0f} s with {crowd.beats:,} heartbeats; {rss / 1e6:.0f} MB in all; lost {lost}",
            goal=f"≤ {IDLE_KB:.0f} KB each, ≤ {IDLE_SHARE:.0%} of a core",
            reached=open_kb <= IDLE_KB and share <= IDLE_SHARE and not lost,
            facts={"open_kb": open_kb, "following_kb": following_kb, "share": share, "rss": rss, "beats": crowd.beats},
        )
    ]


# d: talking visitors


async def talking(bench: Bench, count: int, seconds: float) -> list[Row]:
    """Visitors who ask, wait 1.2 to 1.8 s for their answer, think for 5 to 15 s and ask again."""
    with running(bench, "talking", TALK) as run:
        crowd = Crowd(run.port)
        await crowd.join(bench.stage.visitors[:count])
        load = Load(crowd, Words(bench.stage.questions), TALK)
        run.begin()
        await load.in_thought(seconds, (5.0, 15.0))
        await crowd.settle(20)
        run.end()
        rss = run.server.rss_bytes() / 1e6
        crowd.leave()
    report, whole = audit(crowd, run, bench.cores), crowd.figures.whole.summary_ms()
    facts = {"latencies": _latencies(crowd), "rss_mb": rss, "cpu_s": run.cpu_s, "wall_s": run.wall_s}
    return [
        Row(
            work=f"{count:,} visitors talking for {seconds:.0f} s, upstream 1.2–1.8 s",
            measured=f"added P50 {whole['p50']:.1f} P99 {whole['p99']:.1f} ms; {rss:.0f} MB; "
            f"{run.cpu_s / run.wall_s:.0%} of a core; refused {crowd.figures.refused}; lost {crowd.figures.lost}; "
            f"{report.summary()}",
            goal="added P99 ≤ 100 ms, ≤ 600 MB, all kept",
            reached=whole["p99"] <= TALK_P99_MS and rss <= TALK_RSS_MB and report.kept,
            kept=report.kept,
            facts={**facts, "report": {"acked": report.acked, "violations": len(report.violations)}},
        )
    ]

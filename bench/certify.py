"""`miaohui bench certify`: what this machine carries, shown and kept as a certificate.

Six modes, one after the other, each on a fresh copy of the stage, each history checked by the thirteen invariants. The
report says on what it was measured, how long visitors thought, every latency as a histogram, and the checker's verdict.
"""

from __future__ import annotations

import asyncio
import gc
import importlib.metadata
import platform
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import click
import msgspec
import uvloop

import miaohui
from bench import stage
from bench.client import Crowd
from bench.figures import Machine, Row, show, this_machine
from bench.histogram import Histogram
from bench.load import Load, Words
from bench.processes import machine_load, raise_file_limit, share_cores
from bench.rows import Bench, Running, audit, idle, peak_row, running, streamed
from bench.upstream import TALK, Pace
from miaohui.testing.history.check import Report

HERE = Path(__file__).parent
SPARE_FILES = 500
THINK_S = (5.0, 15.0)
"""Of a talking visitor, between an answer and the next question."""
SESSION_THINK_S = (20.0, 60.0)
"""Of somebody who has the window open and does something else beside."""
BURST, BURST_S = 4_000, 10.0
CACHED_RATE, REPEATED = 200.0, 0.7
"""Questions a second, and how many of them were asked before by somebody."""
LIBRARIES = ("uvicorn", "uvloop", "httptools", "websockets", "starlette", "msgspec", "aiohttp", "sqlalchemy", "numpy")


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How much of everything."""

    quick: bool
    minutes: float


class Mode(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one mode."""

    name: str
    rows: list[Row]
    think_s: tuple[float, float] | None = None
    histograms: dict[str, Any] = msgspec.field(default_factory=dict)
    """Milliseconds: quantiles, and how many values lie up to each bound."""
    verdict: str = ""
    """The checker's, where a history was made."""
    kept: bool = True


async def idle_connections(bench: Bench, plan: Plan) -> Mode:
    """12,000 who say nothing, or as many as files may be opened for."""
    count = min(500 if plan.quick else 12_000, raise_file_limit() - SPARE_FILES)
    rows = await idle(bench, count, 5 if plan.quick else 60)
    return Mode(name="idle", rows=rows)


async def talking_visitors(bench: Bench, plan: Plan) -> Mode:
    """2,000 who ask, wait for the answer, think and ask again."""
    return await _in_thought(bench, "talking", (100 if plan.quick else 2_000, 8 if plan.quick else 120), THINK_S)


async def long_sessions(bench: Bench, plan: Plan) -> Mode:
    """5,000 windows that stay open for half an hour."""
    seconds = 10.0 if plan.quick else plan.minutes * 60
    return await _in_thought(bench, "sessions", (200 if plan.quick else 5_000, seconds), SESSION_THINK_S)


async def peak(bench: Bench, plan: Plan) -> Mode:
    """820 streamed turns a second."""
    done = await streamed(bench, 100.0 if plan.quick else 820.0, 5 if plan.quick else 30)
    row = peak_row(done)
    return Mode(name="peak", rows=[row], histograms=done.latencies, verdict=done.report.summary(), kept=row.kept)


async def burst(bench: Bench, plan: Plan) -> Mode:
    """4,000 visitors who all ask within ten seconds."""
    count, seconds = (200, 2.0) if plan.quick else (BURST, BURST_S)
    with running(bench, "burst", TALK) as run:
        crowd = Crowd(run.port)
        await crowd.join(bench.stage.visitors[:count])
        load = Load(crowd, Words(bench.stage.questions), TALK)
        run.begin()
        await load.at_rate(count / seconds, seconds)
        await crowd.settle(30)
        run.end()
        rss = run.server.rss_bytes() / 1e6
        crowd.leave()
    report = await asyncio.to_thread(audit, crowd, run, bench.cores)
    ack, whole = crowd.figures.ack, crowd.figures.whole
    row = Row(
        work=f"{count:,} visitors who ask within {seconds:.0f} s",
        measured=f"acks P50 {_ms(ack, 0.5)} P99 {_ms(ack, 0.99)} ms; added P99 {_ms(whole, 0.99)} ms; {rss:.0f} MB; "
        f"refused {crowd.figures.refused}; overdue {crowd.figures.overdue}; {report.summary()}",
        goal="none lost, none refused, added P99 ≤ 1000 ms",
        reached=report.kept and not crowd.figures.refused and whole.quantile(0.99) <= 1.0,
        kept=report.kept,
    )
    return _mode("burst", row, crowd, report)


async def cached_mix(bench: Bench, plan: Plan) -> Mode:
    """Questions of which seven in ten were asked before."""
    seconds, rate = (3.0, 50.0) if plan.quick else (30.0, CACHED_RATE)
    count = min(int(rate * seconds), len(bench.stage.visitors))
    with running(bench, "cached", TALK) as run:
        crowd = Crowd(run.port)
        await crowd.join(bench.stage.visitors[:count])
        load = Load(crowd, _Mixed(bench.stage.questions), Pace(chunks=0, gap_ms=0.0, first_ms=0.0, first_ms_max=0.0))
        run.begin()
        await load.at_rate(rate, count / rate)
        await crowd.settle(30)
        run.end()
        asked = _requests(run)
        crowd.leave()
    report = await asyncio.to_thread(audit, crowd, run, bench.cores)
    whole = crowd.figures.whole
    answered = crowd.figures.answered
    share = 1 - asked / max(1, answered)
    row = Row(
        work=f"{rate:.0f} questions a second, {REPEATED:.0%} asked before; upstream {TALK.first_ms / 1000}–1.8 s",
        measured=f"{share:.0%} answered without the provider; whole answer P50 {_ms(whole, 0.5)} P90 {_ms(whole, 0.9)} "
        f"P99 {_ms(whole, 0.99)} ms; {report.summary()}",
        goal="P50 ≤ 50 ms, all kept",
        reached=report.kept and whole.quantile(0.5) <= 0.05,
        kept=report.kept,
    )
    return _mode("cached", row, crowd, report)


MODES: dict[str, Callable[[Bench, Plan], Coroutine[Any, Any, Mode]]] = {
    "idle": idle_connections,
    "talking": talking_visitors,
    "sessions": long_sessions,
    "peak": peak,
    "burst": burst,
    "cached": cached_mix,
}


class _Mixed(Words, frozen=True):
    """Some questions again and again, the others each only once."""

    def text(self, number: int) -> str:
        """Message `number`."""
        if number * 0.618033988749895 % 1.0 < REPEATED:
            return self.questions[number % min(20, len(self.questions))]
        return super().text(number)


async def _in_thought(bench: Bench, name: str, size: tuple[int, float], think_s: tuple[float, float]) -> Mode:
    count, seconds = size
    with running(bench, name, TALK) as run:
        crowd = Crowd(run.port)
        await crowd.join(bench.stage.visitors[:count])
        load = Load(crowd, Words(bench.stage.questions), TALK)
        first = run.server.rss_bytes() / 1e6
        run.begin()
        await load.in_thought(seconds, think_s)
        await crowd.settle(30)
        run.end()
        rss = run.server.rss_bytes() / 1e6
        crowd.leave()
    report = await asyncio.to_thread(audit, crowd, run, bench.cores)
    whole = crowd.figures.whole
    row = Row(
        work=f"{count:,} visitors for {seconds / 60:.1f} min, thinking {think_s[0]:.0f}–{think_s[1]:.0f} s",
        measured=f"{crowd.figures.answered / seconds:.0f} turns/s; added P50 {_ms(whole, 0.5)} "
        f"P99 {_ms(whole, 0.99)} ms; {first:.0f} → {rss:.0f} MB; {run.cpu_s / run.wall_s:.0%} of a core; "
        f"refused {crowd.figures.refused}; "
        f"lost {crowd.figures.lost}; overdue {crowd.figures.overdue}; {report.summary()}",
        goal="added P99 ≤ 100 ms, ≤ 600 MB, all kept",
        reached=whole.quantile(0.99) <= 0.1 and rss <= 600 and report.kept,
        kept=report.kept,
        facts={"cpu_s": run.cpu_s, "wall_s": run.wall_s, "rss_mb": [first, rss]},
    )
    return msgspec.structs.replace(_mode(name, row, crowd, report), think_s=think_s)


def _mode(name: str, row: Row, crowd: Crowd, report: Report) -> Mode:
    figures = crowd.figures
    parts = {"ack": figures.ack, "first": figures.first, "whole": figures.whole}
    told = {part: {**one.summary_ms(), "up_to_ms": one.counts_ms()} for part, one in parts.items()}
    return Mode(name=name, rows=[row], histograms=told, verdict=report.summary(), kept=report.kept)


def _ms(histogram: Histogram, share: float) -> str:
    return f"{histogram.quantile(share) * 1000:.1f}"


def _requests(run: Running) -> int:
    with urlopen(f"http://127.0.0.1:{run.upstream_port}/stats", timeout=5) as answer:
        return int(msgspec.json.decode(answer.read())["requests"])


# The report


@click.command()
@click.option("--quick", is_flag=True, help="Everything small, within two minutes; proves that it runs, no more.")
@click.option("--minutes", default=30.0, show_default=True, help="How long the 5,000 sessions last.")
@click.option("--only", default=",".join(MODES), show_default=True, help="Which modes.")
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), help="Where the certificate goes.")
def main(*, quick: bool, minutes: float, only: str, output: Path | None) -> None:
    """Certify what this machine carries. Exit code 1 when a promise was broken."""
    raise_file_limit()
    before = machine_load()
    base = HERE / "data" / f"{'small' if quick else 'stage'}-{stage.tables_digest()}"
    made = stage.prepare(base, HERE.parent / "demo" / "knowledge", small=quick)
    cores = share_cores()
    bench = Bench(stage=made, cores=cores, work=HERE / "data" / "certify", quick=quick)
    machine = this_machine(before, len(cores.server | cores.load) or 1, pinned=bool(cores.server))
    plan = Plan(quick=quick, minutes=minutes)
    modes = []
    try:
        for name in (name for name in MODES if name in only.split(",")):
            click.echo(f"{name}: {(MODES[name].__doc__ or '').splitlines()[0]}", err=True)
            modes.append(_run(MODES[name](bench, plan)))
    finally:
        shutil.rmtree(bench.work, ignore_errors=True)
    show(machine, [row for mode in modes for row in mode.rows])
    file = _save(output or HERE / "results", machine, plan, modes)
    click.echo(f"The certificate: {file}")
    sys.exit(0 if all(mode.kept for mode in modes) else 1)


def _run(work: Coroutine[Any, Any, Mode]) -> Mode:
    gc.collect()
    gc.freeze()
    gc.disable()  # a pause of the generator would be charged to the server
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(work)
    finally:
        gc.enable()


def _versions() -> dict[str, str]:
    ours = {"miaohui": miaohui.__version__, "python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
    return {**ours, **{name: importlib.metadata.version(name) for name in LIBRARIES}}


def _save(folder: Path, machine: Machine, plan: Plan, modes: list[Mode]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    stamp = time.strftime("%Y%m%dT%H%M%S")
    told = {"made_at": stamp, "machine": machine, "versions": _versions(), "plan": plan, "modes": modes}
    (folder / f"certificate-{stamp}.json").write_bytes(msgspec.json.format(msgspec.json.encode(told)) + b"\n")
    file = folder / f"certificate-{stamp}.md"
    file.write_text("\n".join(_page(stamp, machine, plan, modes)) + "\n", encoding="utf-8")
    return file


def _page(stamp: str, machine: Machine, plan: Plan, modes: list[Mode]) -> list[str]:
    kept = "every promise was kept" if all(mode.kept for mode in modes) else "A PROMISE WAS BROKEN"
    lines = [
        f"# Capacity certificate, {stamp}",
        "",
        f"{machine.cores} × {machine.processor}, {machine.memory_gb} GB, {machine.system}.",
        f"Load before: {machine.load}.",
        "Server, load generator and scripted provider share this machine"
        + (", the server on a core of its own." if machine.pinned else "."),
        "Versions: " + ", ".join(f"{name} {version}" for name, version in _versions().items()) + ".",
        "",
        f"Verdict: {kept}." + (" (A quick run: its figures mean little.)" if plan.quick else ""),
        "",
        "| Work | Measured | To reach | |",
        "|---|---|---|---|",
    ]
    marks = {None: "", True: "✓", False: "✗"}
    lines += [f"| {row.work} | {row.measured} | {row.goal} | {marks[row.reached]} |" for m in modes for row in m.rows]
    for mode in modes:
        if mode.histograms:
            lines += ["", f"## {mode.name}", ""]
            lines += [f"Visitors thought for {mode.think_s[0]:.0f} to {mode.think_s[1]:.0f} s."] if mode.think_s else []
            lines += ["", "| ms | P50 | P90 | P99 | P99.9 | most |", "|---|---|---|---|---|---|"]
            lines += [
                f"| {name} | {one['p50']} | {one['p90']} | {one['p99']} | {one['p999']} | {one['max']} |"
                for name, one in mode.histograms.items()
            ]
            lines += ["", f"Checked: {mode.verdict}."]
    return lines


if __name__ == "__main__":
    main()

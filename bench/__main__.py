"""`python -m bench [--quick] [--only a,b,…]`: measure this machine, check what was measured on, print the table."""

from __future__ import annotations

import asyncio
import gc
import shutil
import sys
import time
from collections.abc import Callable, Coroutine
from hashlib import sha256
from pathlib import Path
from typing import Any

import click
import uvloop

from bench import stage
from bench.door import door
from bench.figures import Row, save, show, this_machine
from bench.frames import dialects
from bench.idle import one_process, three_workers
from bench.parts import parts
from bench.passing import by_nginx
from bench.processes import machine_load, raise_file_limit, share_cores
from bench.publishing import publishing
from bench.rows import (
    Bench,
    first_token_row,
    idle,
    peak_row,
    streamed,
    streamed_row,
    talking,
)

HERE = Path(__file__).parent
SPARE_FILES = 500


async def row_a(bench: Bench) -> list[Row]:
    """CPU of a turn, and what nginx needs for the same bytes."""
    nginx = await by_nginx(bench.work, bench.cores, (100, bench.seconds(15, 5)))
    rows = [streamed_row(await streamed(bench, 100, bench.seconds(20, 8)), nginx)]
    if not bench.quick:
        nginx = await by_nginx(bench.work, bench.cores, (300, 15))
        done = await streamed(bench, 300, 20)
        rows += [streamed_row(done, nginx), first_token_row(done, nginx)]
    return rows


async def row_b(bench: Bench) -> list[Row]:
    """The peak."""
    return [peak_row(await streamed(bench, 820, bench.seconds(20, 6)))]


async def row_c(bench: Bench) -> list[Row]:
    """Idle sockets, as many as this process may open files for."""
    count = min(2_000 if bench.quick else 12_000, raise_file_limit() - SPARE_FILES)
    return await idle(bench, count, bench.seconds(60, 10))


async def row_h(bench: Bench) -> list[Row]:
    """As many idle sockets as one process may open files for."""
    return await one_process(bench)


async def row_w(bench: Bench) -> list[Row]:
    """50,000 idle sockets at three workers."""
    return await three_workers(bench)


async def row_d(bench: Bench) -> list[Row]:
    """Talking visitors."""
    return await talking(bench, 500 if bench.quick else 2_000, bench.seconds(75, 15))


async def row_f(bench: Bench) -> list[Row]:
    """The completions door, beside nginx and LiteLLM."""
    return await door(bench)


async def row_g(_: Bench) -> list[Row]:
    """JSON and protobuf."""
    return dialects()


async def row_p(bench: Bench) -> list[Row]:
    """Publishing under load."""
    return await publishing(bench)


ROWS: dict[str, Callable[[Bench], Coroutine[Any, Any, list[Row]]]] = {
    "a": row_a,
    "b": row_b,
    "c": row_c,
    "d": row_d,
    "e": parts,
    "f": row_f,
    "g": row_g,
    "p": row_p,
    "h": row_h,
    "w": row_w,
}
ASKED_FOR = frozenset("hw")
"""They take minutes, and w needs the tests' PostgreSQL and Redis: only when they are named."""
USUAL = ",".join(name for name in ROWS if name not in ASKED_FOR)


@click.command()
@click.option("--quick", is_flag=True, help="Everything within 90 seconds; rougher figures.")
@click.option("--only", default=USUAL, show_default=True, help="Which rows.")
def main(*, quick: bool, only: str) -> None:
    """Measure. a: turns · b: peak · c: idle sockets · d: talking visitors · e: parts · f: completions · g: dialects.

    p: publishing while turns run. Only when named: h: 19,000 idle sockets at one process · w: 50,000 at three workers.
    """
    raise_file_limit()
    before = machine_load()
    chosen = [name for name in ROWS if name in only.split(",")]
    made = stage.prepare(HERE / "data" / f"stage-{_tables_digest()}", HERE.parent / "demo" / "knowledge")
    cores = share_cores()
    bench = Bench(stage=made, cores=cores, work=HERE / "data" / "work", quick=quick)
    machine = this_machine(before, len(cores.server | cores.load) or 1, pinned=bool(cores.server))
    rows = []
    try:
        for name in chosen:
            click.echo(f"measuring {name}: {(ROWS[name].__doc__ or '').splitlines()[0]}", err=True)
            rows += _measure(ROWS[name], bench)
    finally:
        shutil.rmtree(bench.work, ignore_errors=True)
        if rows:
            show(machine, rows)
            file = save(HERE / "results", time.strftime("%Y%m%dT%H%M%S"), machine, rows)
            click.echo(f"Everything behind it: {file.relative_to(HERE.parent)}")
    sys.exit(0 if all(row.kept for row in rows) else 1)


def _measure(row: Callable[[Bench], Coroutine[Any, Any, list[Row]]], bench: Bench) -> list[Row]:
    gc.collect()
    gc.freeze()
    gc.disable()  # a pause of the generator would be charged to the server
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(row(bench))
    finally:
        gc.enable()


def _tables_digest() -> str:
    """Other tables, another stage."""
    versions = sorted((HERE.parent / "src" / "miaohui" / "migrations" / "versions").glob("*.py"))
    content = b"".join(path.read_bytes() for path in [*versions, HERE / "stage.py"])
    return sha256(content).hexdigest()[:8]


if __name__ == "__main__":
    main()

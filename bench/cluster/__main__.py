"""`python -m bench.cluster`: the whole story, its report, and exit code 1 when a promise was broken."""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from pathlib import Path

import click
import msgspec
import uvloop

from bench.client import now
from bench.cluster.crowd import Comers
from bench.cluster.records import Receiver, count_owed, read_postgres, receiving
from bench.cluster.report import Run, show, tell_run
from bench.cluster.site import Site, open_site
from bench.cluster.troubles import TROUBLES
from bench.cluster.usage import Lag, Meter, Usage
from bench.figures import this_machine
from bench.processes import machine_load, raise_file_limit
from miaohui.kit.aio import spawn, stop
from miaohui.testing.history.check import check
from miaohui.testing.history.files import write_history
from miaohui.testing.history.types import Bounds, Fault, History, Sample

HERE = Path(__file__).parents[1]
QUICK_SHARE = 0.999
SETTLE_S = 90.0
CANARIES = ("canary-one-7f3a", "canary-two-b21c")


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done."""

    clients: int
    every_s: float
    calm_s: float
    troubles: tuple[str, ...]
    keep: bool


@click.command()
@click.option("--clients", default=300, show_default=True)
@click.option("--every", "every_s", default=6.0, show_default=True, help="Seconds between a visitor's messages.")
@click.option("--calm", "calm_s", default=35.0, show_default=True, help="Seconds of peace before and after each.")
@click.option("--only", default=",".join(TROUBLES), show_default=True, help="Which troubles; `none` for peace alone.")
@click.option("--keep", is_flag=True, help="Keep the history even when nothing is wrong with it.")
def main(clients: int, every_s: float, calm_s: float, only: str, keep: bool) -> None:
    """Break one thing after another under load, and check what everybody saw."""
    raise_file_limit()
    chosen = tuple(name for name in TROUBLES if name in only.split(","))
    options = Options(clients=clients, every_s=every_s, calm_s=calm_s, troubles=chosen, keep=keep)
    machine = this_machine(machine_load(), 0, pinned=False)
    gc.collect()
    gc.freeze()
    gc.disable()  # a pause of the generator would be charged to the nodes
    history, run = uvloop.run(_live(options))
    report = check(history)
    kept = report.kept and run.quick_share >= QUICK_SHARE
    stamp = time.strftime("%Y%m%dT%H%M%S")
    file = HERE / "results" / f"cluster-{stamp}.json"
    file.parent.mkdir(exist_ok=True)
    told = {
        "machine": machine,
        "options": options,
        "report": msgspec.structs.replace(report, violations=report.violations[:200]),
        "invariants": report.invariants,
        "run": run,
    }
    file.write_bytes(msgspec.json.format(msgspec.json.encode(told)) + b"\n")
    click.echo(f"{clients} clients, {report.connections:,} connections, {report.sent:,} sends: {report.summary()}")
    show(run, report)
    if keep or not report.kept:
        write_history(history, HERE / "data" / f"cluster-{stamp}.jsonl")
        click.echo(f"The history: bench/data/cluster-{stamp}.jsonl")
    click.echo(f"Everything behind it: {file.relative_to(HERE.parent)}")
    sys.exit(0 if kept else 1)


async def _live(options: Options) -> tuple[History, Run]:
    async with receiving() as receiver, open_site(HERE / "data" / "cluster", options.clients, receiver.url) as site:
        receiver.endpoint = site.made.endpoint
        canaries = dict(zip(site.made.tenants, CANARIES, strict=True))
        comers = Comers(site.made.visitors, site.port, canaries)
        samples = [sample for node in site.nodes if (sample := node.sample(now()))]
        faults, usage, lag = list[Fault](), list[Usage](), Lag()
        staying = spawn(comers.stay(), name="crowd")
        watching = [spawn(_watch(site, samples, usage), name="samples"), spawn(lag.watch(), name="lag")]
        begin, end = await _go_through(options, site, comers, faults)
        click.echo(f"waiting for {await comers.settle(SETTLE_S)} visitors no longer", err=True)
        await _wait_for_outbox(site)
        await asyncio.sleep(12)  # positioning
        for comer in comers.all:
            comer.line.whole = not comer.busy
        await stop(*watching, staying)
        await asyncio.gather(*(node.stop() for node in site.nodes))
        run = tell_run((begin, end), faults, comers, (lag, usage))
        return await _history(site, comers, receiver, (faults, samples, canaries)), run


async def _go_through(options: Options, site: Site, comers: Comers, faults: list[Fault]) -> tuple[float, float]:
    """When talking began, and when it ended."""
    done = False
    await asyncio.sleep(options.clients / 150)  # until everybody is there
    begin = now()
    talking = spawn(comers.talk(options.every_s, lambda: done), name="talk")
    await asyncio.sleep(min(options.calm_s, 15.0))
    for name in options.troubles:
        before = sum(comer.reconnects for comer in comers.all)
        click.echo(f"{name}: {(TROUBLES[name].__doc__ or '').splitlines()[0]}", err=True)
        await TROUBLES[name](site, faults)
        await asyncio.sleep(options.calm_s)
        again = sum(comer.reconnects for comer in comers.all) - before
        click.echo(f"{name}: over; {again / options.clients:.1f} reconnects for each client", err=True)
    if not options.troubles:
        await asyncio.sleep(options.calm_s)
    done = True
    await talking
    return begin, now()


async def _watch(site: Site, samples: list[Sample], usage: list[Usage]) -> None:
    meter, count = Meter(site.processes), 0
    while True:
        usage.append(meter.read())
        if count % 3 == 0:
            samples.extend(sample for node in site.nodes if (sample := node.sample(now())))
        count += 1
        await asyncio.sleep(2)


async def _wait_for_outbox(site: Site) -> None:
    until = now() + SETTLE_S
    while now() < until and await count_owed(site.database_url):  # noqa: ASYNC110  (another process has the news)
        await asyncio.sleep(0.5)


async def _history(
    site: Site, comers: Comers, receiver: Receiver, seen: tuple[list[Fault], list[Sample], dict[str, str]]
) -> History:
    faults, samples, canaries = seen
    return History(
        lines=[comer.line for comer in comers.all],
        cold=await read_postgres(site.database_url),
        endpoints={receiver.endpoint: site.made.tenants[1]},
        arrivals=receiver.arrivals,
        samples=samples,
        faults=faults,
        bounds=Bounds(turn_s=60.0, ack_p99_s=1.0, calm_s=10_000.0, most={"rss_bytes": 600e6, "files": 15_000}),
        lossy=True,
        canaries=canaries,
    )


if __name__ == "__main__":
    main()

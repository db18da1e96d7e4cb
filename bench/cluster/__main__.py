"""`python -m bench.cluster`: the whole story, its report, and exit code 1 when a promise was broken."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import click
import msgspec
import uvloop

from bench.client import now
from bench.cluster.crowd import Comers
from bench.cluster.records import Receiver, count_owed, read_postgres, receiving
from bench.cluster.site import Site, open_site
from bench.cluster.troubles import TROUBLES
from bench.figures import this_machine
from bench.histogram import Histogram
from bench.processes import machine_load, raise_file_limit
from miaohui.kit.aio import spawn, stop
from miaohui.testing.history.check import Report, check
from miaohui.testing.history.files import write_history
from miaohui.testing.history.types import Bounds, Fault, History, Sample
from miaohui.testing.history.view import Seen, follow

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
@click.option("--only", default=",".join(TROUBLES), show_default=True, help="Which troubles.")
@click.option("--keep", is_flag=True, help="Keep the history even when nothing is wrong with it.")
def main(clients: int, every_s: float, calm_s: float, only: str, keep: bool) -> None:
    """Break one thing after another under load, and check what everybody saw."""
    raise_file_limit()
    chosen = tuple(name for name in TROUBLES if name in only.split(","))
    options = Options(clients=clients, every_s=every_s, calm_s=calm_s, troubles=chosen, keep=keep)
    before = machine_load()
    history = uvloop.run(_live(options))
    report = check(history)
    kept = _tell(options, history, report, before)
    sys.exit(0 if kept else 1)


async def _live(options: Options) -> History:
    async with receiving() as receiver, open_site(HERE / "data" / "cluster", options.clients, receiver.url) as site:
        receiver.endpoint = site.made.endpoint
        canaries = dict(zip(site.made.tenants, CANARIES, strict=True))
        comers = Comers(site.made.visitors, site.port, canaries)
        samples = [sample for node in site.nodes if (sample := node.sample(now()))]
        faults: list[Fault] = []
        staying = spawn(comers.stay(), name="crowd")
        watching = spawn(_watch(site, samples), name="samples")
        await _go_through(options, site, comers, faults)
        click.echo(f"waiting for {await comers.settle(SETTLE_S)} visitors no longer", err=True)
        await _wait_for_outbox(site)
        await asyncio.sleep(12)  # positioning
        for comer in comers.all:
            comer.line.whole = not comer.busy
        await stop(watching, staying)
        await asyncio.gather(*(node.stop() for node in site.nodes))
        return await _history(site, comers, receiver, (faults, samples, canaries))


async def _go_through(options: Options, site: Site, comers: Comers, faults: list[Fault]) -> None:
    done = False
    await asyncio.sleep(options.clients / 150)  # until everybody is there
    talking = spawn(comers.talk(options.every_s, lambda: done), name="talk")
    await asyncio.sleep(min(options.calm_s, 15.0))
    for name in options.troubles:
        before = sum(comer.reconnects for comer in comers.all)
        click.echo(f"{name}: {(TROUBLES[name].__doc__ or '').splitlines()[0]}", err=True)
        await TROUBLES[name](site, faults)
        await asyncio.sleep(options.calm_s)
        again = sum(comer.reconnects for comer in comers.all) - before
        click.echo(f"{name}: over; {again / options.clients:.1f} reconnects for each client", err=True)
    done = True
    await talking


async def _watch(site: Site, samples: list[Sample]) -> None:
    while True:
        await asyncio.sleep(5)
        samples.extend(sample for node in site.nodes if (sample := node.sample(now())))


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


def _tell(options: Options, history: History, report: Report, load: float) -> bool:
    calm = Histogram()
    for at, wait in _waits(history):
        if not any(fault.begin - 2 <= at <= fault.end for fault in history.faults):
            calm.add(wait)
    kept = report.kept and report.quick_share >= QUICK_SHARE
    machine = this_machine(load, 0, pinned=False)
    told = {
        "machine": machine,
        "options": options,
        "report": msgspec.structs.replace(report, violations=report.violations[:200]),
        "invariants": report.invariants,
        "faults": {fault.name: round(fault.end - fault.begin, 1) for fault in history.faults},
        "ack_ms_outside_faults": calm.summary_ms(),
    }
    stamp = time.strftime("%Y%m%dT%H%M%S")
    file = HERE / "results" / f"cluster-{stamp}.json"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(told)) + b"\n")
    click.echo(
        f"{options.clients} clients, {report.connections:,} connections, {report.sent:,} sends: {report.summary()}"
    )
    for fault in history.faults:
        click.echo(f"  {fault.name}: {fault.end - fault.begin:.1f} s")
    click.echo(f"  outside of these {report.quick_share:.3%} acked within 2 s; {calm.summary_ms()}")
    for violation in report.violations[:20]:
        click.echo(f"  INV-{violation.invariant} {violation.promise}: {violation.where}")
    if options.keep or not kept:
        write_history(history, HERE / "data" / f"cluster-{stamp}.jsonl")
        click.echo(f"The history: bench/data/cluster-{stamp}.jsonl")
    click.echo(f"Everything behind it: {file.relative_to(HERE.parent)}")
    return kept


def _waits(history: History) -> list[tuple[float, float]]:
    waits = []
    for line in history.lines:
        one = Seen(line)
        list(follow(one, {}))
        waits += [(sent.at, one.acked_at.get(cmid, 3600.0) - sent.at) for cmid, sent in one.sent.items()]
    return waits


if __name__ == "__main__":
    main()

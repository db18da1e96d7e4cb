"""What a run says of itself: stretch by stretch, who was late, and who had the processor."""

from __future__ import annotations

from collections.abc import Sequence

import click
import msgspec
from rich.console import Console
from rich.table import Table

from bench.cluster.crowd import Comers
from bench.cluster.stretches import Told, cut, quick_share, tell
from bench.cluster.usage import GENERATOR, MACHINE, Lag, Usage
from miaohui.testing.history.check import Report
from miaohui.testing.history.types import Fault


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """Everything but the history. Shares count from when a send was due, reconnecting included."""

    quick_share: float
    """Outside of the fault windows: the fault, and ten seconds for coming back."""
    quick_share_healed: float
    """In peace alone: from half a minute after each fault on (INV-12)."""
    quick_share_all: float
    """Over everything, the faults themselves included."""
    passed_over: int
    """Messages that were due while their visitor still waited for an ack, and were not said."""
    lag_share: float
    """How much of the time the generator's own loop was late by more than 20 ms."""
    stretches: list[Told]


def tell_run(
    length: tuple[float, float], faults: Sequence[Fault], comers: Comers, seen: tuple[Lag, Sequence[Usage]]
) -> Run:
    """All figures of a run that talked from the one time to the other."""
    lag, usage = seen
    stretches = list(cut(faults, *length))
    told = tell(stretches, comers.waits(), lag, usage)
    return Run(
        quick_share=quick_share(told),
        quick_share_healed=quick_share(told, ("calm",)),
        quick_share_all=quick_share(told, ("broken", "coming back", "healing", "calm")),
        passed_over=comers.passed_over,
        lag_share=round(lag.share(*length), 4),
        stretches=told,
    )


def show(run: Run, report: Report) -> None:
    """The table, and what it comes to."""
    groups = [name for name in run.stretches[0].cores if name not in {GENERATOR, MACHINE}] if run.stretches else []
    table = Table(title="Acks, from when each message was due; cores that each group kept busy", title_justify="left")
    heads = (
        "stretch",
        "s",
        "sends",
        "late",
        "P50 ms",
        "P99",
        "most",
        "our lag",
        *groups,
        GENERATOR,
        MACHINE,
        "starved",
    )
    for head in heads:
        table.add_column(head, justify="left" if head == "stretch" else "right")
    for one in run.stretches:
        late = f"{one.late} ({one.late_with_us} with us)" if one.late_with_us else str(one.late)
        table.add_row(
            *(f"{one.kind}: {one.name}", f"{one.seconds:.0f}", str(one.sends), late),
            *(f"{one.ack_ms[name]:.0f}" for name in ("p50", "p99", "max")),
            *(f"{one.lag_ms:.0f}", *(f"{one.cores[name]:.2f}" for name in (*groups, GENERATOR, MACHINE))),
            f"{one.starved.get('nodes', 0.0):.0%}",
        )
    Console(width=max(Console().width, 170)).print(table)
    click.echo(
        f"Acked within 2 s: {run.quick_share:.3%} outside of the faults and ten seconds after each, "
        f"{run.quick_share_healed:.3%} from half a minute after each on, {run.quick_share_all:.3%} of everything; "
        f"{run.passed_over} not said because their visitor still waited."
    )
    click.echo(
        f"The generator was late {run.lag_share:.1%} of the time. "
        f"By the checker, from when each was first written: {report.quick_share:.3%}."
    )
    for violation in report.violations[:20]:
        click.echo(f"  INV-{violation.invariant} {violation.promise}: {violation.where}")

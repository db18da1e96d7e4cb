"""`python -m miaohui.testing.simulation --seeds N`: live through N seeds; exit code 1 when a promise was broken."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from miaohui.kit import telemetry
from miaohui.migrations import migrate
from miaohui.testing.history.check import check
from miaohui.testing.history.files import write_history
from miaohui.testing.simulation.world import Plan, digest, simulate


@click.command()
@click.option("--seeds", default=200, show_default=True, help="How many runs.")
@click.option("--first", default=1, show_default=True, help="The first seed.")
@click.option("--seconds", default=45.0, show_default=True, help="Virtual seconds of trouble in each.")
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path), help="Keep what breaks a promise.")
def main(seeds: int, first: int, seconds: float, keep: Path | None) -> None:
    """Run the simulator."""
    if os.environ.get("PYTHONHASHSEED") != "0":  # noqa: TID251  (sets of names need one order for a seed)
        again = [sys.executable, "-m", "miaohui.testing.simulation", *sys.argv[1:]]
        os.execve(sys.executable, again, {**os.environ, "PYTHONHASHSEED": "0"})  # noqa: S606, TID251
    telemetry.setup("critical")
    broken, began = 0, time.monotonic()
    with TemporaryDirectory() as folder:
        template = Path(folder) / "template.db"
        migrate(f"sqlite:///{template}")
        for seed in range(first, first + seeds):
            history = simulate(template, seed, Plan(seconds=seconds))
            report = check(history)
            if seeds == 1 or not report.kept:
                click.echo(f"seed {seed} ({digest(history)}): {report.summary()}")
            if not report.kept:
                broken += 1
                for violation in report.violations[:10]:
                    click.echo(f"  INV-{violation.invariant} {violation.promise}: {violation.where}")
                if keep is not None:
                    keep.mkdir(parents=True, exist_ok=True)
                    write_history(history, keep / f"seed-{seed}.jsonl")
    click.echo(f"{seeds} seeds from {first}: {broken} broken, {time.monotonic() - began:.1f} s")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()

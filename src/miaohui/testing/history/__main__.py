"""`python -m miaohui.testing.history FILE`: check a history that was kept. Exit code 1 when a promise was broken."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from miaohui.testing.history.check import check
from miaohui.testing.history.files import read_history


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def main(file: Path) -> None:
    """Check a history of JSON lines."""
    report = check(read_history(file))
    click.echo(report.summary())
    for violation in report.violations[:100]:
        click.echo(f"INV-{violation.invariant} {violation.promise}: {violation.where}")
    sys.exit(0 if report.kept else 1)


if __name__ == "__main__":
    main()

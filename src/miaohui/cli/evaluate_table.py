"""What a measurement found, beside what it was to reach."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from miaohui.cli.output import REFUSED, print_rows

HEADINGS = ("measured", "metric", "figure", "to reach", "cases", "reached")


class Measured(NamedTuple):
    """One line of a table."""

    name: str
    metric: str
    figure: float
    cases: int
    least: float | None = None
    """What it is to reach; None for a figure that is only to be known."""
    most: float | None = None
    """What it is not to exceed."""

    @property
    def reached(self) -> bool:
        """Whether the figure is as good as it should be."""
        return (self.least is None or self.figure >= self.least) and (self.most is None or self.figure <= self.most)


def show(lines: Sequence[Measured], *, as_json: bool) -> None:
    """Print the table; the command fails when a figure was not reached."""
    print_rows([_row(line) for line in lines], HEADINGS, as_json=as_json)
    if not all(line.reached for line in lines):
        raise SystemExit(REFUSED)


def _row(line: Measured) -> tuple[object, ...]:
    bound = ""
    if line.least is not None:
        bound = f"≥ {line.least:.2f}"
    elif line.most is not None:
        bound = f"≤ {line.most:.3f}"
    reached = "" if not bound else "yes" if line.reached else "no"
    return (line.name, line.metric, f"{line.figure:.3f}", bound, line.cases, reached)


def share(hits: Sequence[bool]) -> float:
    """Of the cases; 0 for none."""
    return sum(hits) / max(len(hits), 1)

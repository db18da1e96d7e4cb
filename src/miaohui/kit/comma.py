"""Tables as comma-separated text that a spreadsheet program shows and does not run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import TypeAlias

Cell: TypeAlias = str | int | float | None

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%")
BOM = "\ufeff"
"""Without it some programs take UTF-8 for another encoding."""


def format_table(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """RFC 4180 with a byte order mark. Text that a program could take for a formula begins with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return BOM + out.getvalue()


def safe(cell: Cell) -> Cell:
    """Numbers stay numbers; text never begins like a formula, not even behind blanks or invisible signs."""
    if not isinstance(cell, str):
        return cell
    bare = cell.lstrip(" \u00a0\u200b\u200e\u200f\u2060\ufeff\x00")
    return f"'{cell}" if bare.startswith(_STARTS) or cell.startswith(("\t", "\r", "\n")) else cell

"""Rows of the table: what was measured, beside what is to be reached."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One figure."""

    work: str
    measured: str
    goal: str = ""
    reached: bool | None = None
    """None where nothing is to be reached."""
    kept: bool = True
    """Whether the history that was made kept every promise."""
    facts: dict[str, Any] = msgspec.field(default_factory=dict)
    """Everything behind it, for the file."""


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """What it was measured on."""

    name: str
    processor: str
    cores: int
    memory_gb: float
    system: str
    python: str
    load: float
    """Processes that wanted a core in the minute before: over 0.5, somebody else was working too."""
    pinned: bool


def this_machine(load: float, cores: int, *, pinned: bool) -> Machine:
    """Described by itself."""
    info = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").is_file() else ""
    models = [line.partition(":")[2].strip() for line in info.splitlines() if line.startswith("model name")]
    memory = Path("/proc/meminfo").read_text().split()[1] if Path("/proc/meminfo").is_file() else "0"
    return Machine(
        name=platform.node(),
        processor=models[0] if models else platform.processor(),
        cores=cores,
        memory_gb=round(int(memory) / 1024 / 1024, 1),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        load=round(load, 2),
        pinned=pinned,
    )


def show(machine: Machine, rows: Sequence[Row]) -> None:
    """The table, as wide as it needs."""
    pinned = "server on a core of its own" if machine.pinned else "cores shared"
    table = Table(
        title=f"{machine.name}: {machine.cores} × {machine.processor}, {machine.memory_gb} GB, "
        f"Python {machine.python}, {pinned}; load before: {machine.load}",
        title_justify="left",
        show_lines=True,
    )
    table.add_column("Work", max_width=44)
    table.add_column("Measured", max_width=62)
    table.add_column("To reach", max_width=30)
    table.add_column("")
    for row in rows:
        table.add_row(row.work, row.measured, row.goal, {None: "", True: "✓", False: "✗"}[row.reached])
    Console(width=max(Console().width, 150)).print(table)


def save(folder: Path, stamp: str, machine: Machine, rows: Sequence[Row]) -> Path:
    """Everything as JSON; the file's name is when."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{stamp}.json"
    file.write_bytes(msgspec.json.format(msgspec.json.encode({"machine": machine, "rows": rows})) + b"\n")
    return file

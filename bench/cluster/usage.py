"""Who had the processor: sums over groups of processes, kept over restarts, and how late this process itself was."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from bench.client import now
from bench.processes import machine_busy_s, process_cpu_s, process_starved_s

_GRAIN_S = 0.02
"""How often this process asks itself whether it is on time."""
GENERATOR = "generator"
MACHINE = "machine"


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """Sums since the beginning, at one moment; seconds."""

    at: float
    cpu_s: dict[str, float]
    """By group; `machine` is everything that ran, ours or not."""
    starved_s: dict[str, float]
    """How long the main threads of a group were ready and did not get a core; of several processes, the average."""


class Meter:
    """Reads what the system counts, process by process. `groups` names the processes that are alive now."""

    def __init__(self, groups: Callable[[], Mapping[str, Sequence[int]]]) -> None:
        self._groups = groups
        self._cpu_s: dict[tuple[str, int], float] = {}
        self._starved_s: dict[tuple[str, int], float] = {}
        self._sizes: dict[str, int] = {}

    def read(self) -> Usage:
        """Everything as of now. Who has ended keeps what it had when it was last looked at."""
        for group, pids in {**self._groups(), GENERATOR: [os.getpid()]}.items():
            self._sizes[group] = max(self._sizes.get(group, 1), len(pids))
            for pid in pids:
                try:
                    self._cpu_s[group, pid] = process_cpu_s(pid)
                except OSError:
                    continue
                self._starved_s[group, pid] = process_starved_s(pid)
        starved = {group: _sum(self._starved_s, group) / size for group, size in self._sizes.items()}
        return Usage(
            at=now(),
            cpu_s={group: _sum(self._cpu_s, group) for group in self._sizes} | {MACHINE: machine_busy_s()},
            starved_s=starved,
        )


def _sum(values: Mapping[tuple[str, int], float], group: str) -> float:
    return sum(value for (whose, _), value in values.items() if whose == group)


def family(pid: int) -> list[int]:
    """A process and its children, as far as they are alive."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(int(child) for child in children)]


class Lag:
    """How late this process's own loop is: whatever it sends or notes down is as late as that."""

    def __init__(self) -> None:
        self.late: list[tuple[float, float]] = []
        """When it should have been awake, and how many seconds later it was; only what is worth a note."""

    async def watch(self) -> None:
        """Until cancelled."""
        while True:
            due = time.perf_counter() + _GRAIN_S
            await asyncio.sleep(_GRAIN_S)
            if (late_s := time.perf_counter() - due) > _GRAIN_S:
                self.late.append((due, late_s))

    def worst(self, begin: float, end: float) -> float:
        """The most that it was late in a stretch of time; seconds."""
        return max((late_s for at, late_s in self.late if at + late_s > begin and at < end), default=0.0)

    def share(self, begin: float, end: float) -> float:
        """How much of the time it was late."""
        return sum(late_s for at, late_s in self.late if begin <= at < end) / max(end - begin, 1e-9)

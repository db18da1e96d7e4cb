"""Prometheus metrics of this process, all in one registry of our own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

REGISTRY = CollectorRegistry(auto_describe=True)
ProcessCollector(registry=REGISTRY)  # CPU seconds, resident bytes, open files

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Default histogram bounds, seconds."""


def counter(name: str, description: str, labels: Sequence[str] = ()) -> Counter:
    """A number that only goes up."""
    return Counter(name, description, labels, registry=REGISTRY)


def gauge(name: str, description: str, labels: Sequence[str] = ()) -> Gauge:
    """A number that goes up and down."""
    return Gauge(name, description, labels, registry=REGISTRY)


def histogram(
    name: str, description: str, labels: Sequence[str] = (), *, buckets: Sequence[float] = SECONDS
) -> Histogram:
    """A distribution, counted in `buckets` (upper bounds)."""
    return Histogram(name, description, labels, registry=REGISTRY, buckets=buckets)


LOOP_LAG = gauge("miaohui_event_loop_lag_seconds", "How late the event loop woke up last; over 0.1 is overload.")

MOST_S = 1.0
"""Seconds of a single lateness that are believed: a process that was stopped, or just began, is not overloaded."""


class LoopWatch:
    """Measures how late the event loop is, for the metric and for those who refuse work by it."""

    def __init__(self) -> None:
        self.lag_s = 0.0
        """Seconds, smoothed over about a second; one pause, however long, counts as a quarter of `MOST_S`."""

    async def run(self, interval_s: float = 0.25) -> None:
        """Measure until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + interval_s
            await asyncio.sleep(interval_s)
            self.note(max(0.0, loop.time() - due))

    def note(self, late_s: float) -> None:
        """So late it woke up just now."""
        self.lag_s += (min(late_s, MOST_S) - self.lag_s) * 0.25
        LOOP_LAG.set(late_s)


def exposition() -> bytes:
    """Everything, in Prometheus' text format."""
    return generate_latest(REGISTRY)

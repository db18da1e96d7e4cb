"""This node's numbers, from its own metrics."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from miaohui.alerts.types import Sample
from miaohui.kit import metrics

_ATTEMPTS = "miaohui_engine_attempts_total"
_THROTTLED = "miaohui_engine_throttled_total"
_FAILURES = "miaohui_engine_failures_total"
_TURNS = "miaohui_turns_total"
_BUCKETS = "miaohui_turn_seconds_bucket"
_QUEUE = "miaohui_records_queue_depth"
_STATE = "miaohui_engine_route_state"
_DEAD = "miaohui_engine_dead_keys"
_BUS = "miaohui_fanout_connected"
NAMES = (_ATTEMPTS, _THROTTLED, _FAILURES, _TURNS, _BUCKETS, _QUEUE, _STATE, _DEAD, _BUS)
_OPEN = 3.0
_BAD_REASONS = frozenset({"engines_unavailable", "broke", "poison"})

FREE = metrics.gauge("miaohui_data_free_bytes", "Free space where the data folder is.")

Numbers = Mapping[str, list[tuple[Mapping[str, str], float]]]


class NodeSampler:
    """See `alerts.ports.Sampler`."""

    def __init__(self, folder: Path, lag_s: Callable[[], float], *, with_bus: bool) -> None:
        self._folder = folder
        self._lag_s = lag_s
        self._with_bus = with_bus

    def sample(self, now_ms: int) -> Sample:
        """Its numbers now."""
        numbers, free = _numbers(), shutil.disk_usage(self._folder).free
        FREE.set(free)
        return Sample(
            at_ms=now_ms,
            attempts=_sum(numbers[_ATTEMPTS]),
            throttled=_sum(numbers[_THROTTLED]),
            timeouts=_sum(numbers[_FAILURES], failure="timeout"),
            turns=_sum(numbers[_TURNS]),
            failed=_failed(numbers[_TURNS]),
            turn_buckets=tuple(sorted((float(labels["le"]), value) for labels, value in numbers[_BUCKETS])),
            queue=_sum(numbers[_QUEUE]),
            disk_bytes=free,
            lag_s=self._lag_s(),
            routes_away=sum(value >= _OPEN for _, value in numbers[_STATE]),
            keys_dead=_sum(numbers[_DEAD]),
            bus=_sum(numbers[_BUS]) if self._with_bus else 1.0,
        )


def _numbers() -> Numbers:
    found: dict[str, list[tuple[Mapping[str, str], float]]] = defaultdict(list)
    for metric in metrics.REGISTRY.restricted_registry(NAMES).collect():
        for one in metric.samples:
            found[one.name].append((one.labels, one.value))
    return found


def _sum(samples: Iterable[tuple[Mapping[str, str], float]], **labels: str) -> float:
    return sum(value for has, value in samples if all(has.get(name) == wanted for name, wanted in labels.items()))


def _failed(turns: Iterable[tuple[Mapping[str, str], float]]) -> float:
    bad = (value for has, value in turns if has["state"] == "failed" or has["reason"] in _BAD_REASONS)
    return sum(bad)

"""Latencies in buckets whose width grows with the value, as HdrHistogram has them."""

from __future__ import annotations

from collections.abc import Iterable

_SUB_BITS = 7
_SUB = 1 << _SUB_BITS
_BOUNDS_MS = tuple(1 << power for power in range(15))


class Histogram:
    """Seconds, kept as microseconds to within 1/128; any number of values in a few kilobytes."""

    def __init__(self, seconds: Iterable[float] = ()) -> None:
        self.count = 0
        self.most_s = 0.0
        self._buckets: dict[int, int] = {}
        for value in seconds:
            self.add(value)

    def add(self, seconds: float) -> None:
        """Count one value; what is below zero counts as zero."""
        bucket = _bucket_of(max(0, round(seconds * 1_000_000)))
        self._buckets[bucket] = self._buckets.get(bucket, 0) + 1
        self.count += 1
        self.most_s = max(self.most_s, seconds)

    def quantile(self, share: float) -> float:
        """Seconds that `share` (0 to 1) of the values do not pass; 0.0 when there are none."""
        left = max(1, round(share * self.count))
        for bucket in sorted(self._buckets):
            left -= self._buckets[bucket]
            if left <= 0:
                return min(_top_of(bucket) / 1_000_000, self.most_s)
        return self.most_s

    def summary_ms(self) -> dict[str, float]:
        """The usual quantiles, in milliseconds."""
        shares = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999}
        found = {name: round(self.quantile(share) * 1000, 2) for name, share in shares.items()}
        return {**found, "max": round(self.most_s * 1000, 2)}

    def counts_ms(self) -> dict[str, int]:
        """How many values lie up to each bound, which doubles from a millisecond on; and how many above all."""
        found: dict[str, int] = {}
        for bucket, count in sorted(self._buckets.items()):
            bound = next((bound for bound in _BOUNDS_MS if _top_of(bucket) / 1000 <= bound), None)
            name = "more" if bound is None else str(bound)
            found[name] = found.get(name, 0) + count
        return found


def _bucket_of(micros: int) -> int:
    """Exact up to 255 µs; from there on 128 buckets for each doubling."""
    shift = max(0, micros.bit_length() - _SUB_BITS - 1)
    return (shift << _SUB_BITS) + (micros >> shift)


def _top_of(bucket: int) -> int:
    shift = max(0, (bucket >> _SUB_BITS) - 1)
    return (((bucket - (shift << _SUB_BITS)) + 1) << shift) - 1

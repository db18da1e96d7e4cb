"""Quantiles are those of the values, to within one part in a hundred."""

from __future__ import annotations

import pytest
from bench.histogram import Histogram


@pytest.mark.parametrize("share", [0.01, 0.5, 0.9, 0.99, 0.999, 1.0])
@pytest.mark.parametrize("scale", [1e-5, 1e-3, 0.1, 30.0])
def test_a_quantile_is_as_exact_as_promised(share: float, scale: float) -> None:
    values = [(1 + i * 7919 % 9973) / 9973 * scale for i in range(9973)]
    exact = sorted(values)[max(1, round(share * len(values))) - 1]
    assert Histogram(values).quantile(share) == pytest.approx(exact, rel=0.01, abs=2e-6)


def test_one_late_value_among_a_thousand_shows_in_the_last_quantile_only() -> None:
    times = Histogram([0.001] * 999 + [5.0])
    assert times.quantile(0.99) == pytest.approx(0.001, rel=0.01)
    assert times.summary_ms()["max"] == 5000


def test_nothing_measured_is_zero_and_not_an_error() -> None:
    assert Histogram().summary_ms() == {"p50": 0, "p90": 0, "p99": 0, "p999": 0, "max": 0}

"""How log lines are written, put back after a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from miaohui.kit import telemetry


@contextmanager
def logs_set_up(level: str = "info", *, json: bool = False) -> Iterator[None]:
    """`telemetry.setup`, for a while: the worker's other tests find what was before."""
    before = structlog.get_config()
    telemetry.setup(level, json=json)
    try:
        yield
    finally:
        structlog.configure(**before)

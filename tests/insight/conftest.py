"""The doors of `tests/doors`, for what operators look at."""

from __future__ import annotations

from tests.doors.conftest import building

__all__ = ["building"]

"""The doors of `tests/doors`, for tickets."""

from __future__ import annotations

from tests.doors.conftest import building

__all__ = ["building"]

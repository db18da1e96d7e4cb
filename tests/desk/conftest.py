"""The doors of `tests/doors`, for what agents do through them."""

from __future__ import annotations

from tests.doors.conftest import building

__all__ = ["building"]

"""The real doors on the real rooms, in one process, without a network."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from tests.doors.building import Building, open_building


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def building(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Building]:
    """Two companies with a person, keys, an inbox and a conversation each, for all tests."""
    async with open_building(migrated, tmp_path_factory.mktemp("building"), **GENEROUS) as opened:
        yield opened


GENEROUS = {"visitor_messages_per_minute": 600_000, "visitor_burst": 100_000, "webhook_private": False} | {
    # The unknown is asked here all day, and upset words too.
    "handoff_unanswered": 0,
    "handoff_upset": 0,
}

"""The real doors on the real rooms, in one process, without a network."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.doors.building import Building, open_building

from miaohui.migrations import migrate


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file as the first start leaves it, to copy from."""
    file = tmp_path_factory.mktemp("migrated") / "miaohui.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture
async def building(migrated: Path, tmp_path: Path) -> AsyncIterator[Building]:
    """Two companies with a person, keys, an inbox and a conversation each."""
    async with open_building(migrated, tmp_path) as opened:
        yield opened

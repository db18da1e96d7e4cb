from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from miaohui.migrations import migrate
from miaohui.testing.upstream import Upstream, UpstreamOptions


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file as the first start leaves it, to copy from."""
    file = tmp_path_factory.mktemp("migrated") / "miaohui.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    provider = await Upstream(UpstreamOptions(chunks=8, gap_ms=2, first_ms=5)).start()
    yield provider
    await provider.close()

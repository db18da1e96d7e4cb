from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from miaohui.testing.upstream import Upstream, UpstreamOptions


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    provider = await Upstream(UpstreamOptions(chunks=8, gap_ms=2, first_ms=5)).start()
    yield provider
    await provider.close()

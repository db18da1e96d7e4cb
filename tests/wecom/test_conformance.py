"""WeCom does what every channel must."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.suites.channel import ChannelSuite
from tests.wecom.counter import WeComTrial, open_counter

from miaohui.testing.engine import Act


class TestWeCom(ChannelSuite):
    @asynccontextmanager
    async def open_trial(self, template: Path, folder: Path, *script: list[Act]) -> AsyncIterator[WeComTrial]:
        async with open_counter(template, folder, *script) as trial:
            yield trial

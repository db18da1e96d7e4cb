"""What is looked at again and again, whatever happens to one look."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from miaohui.kit.errors import MiaohuiError
from miaohui.kit.telemetry import get_log

MOST_S = 5.0
"""Longer than any look takes while all is well."""
_log = get_log(__name__)


async def keep_doing(work: Callable[[], Awaitable[object]], *, every_s: float, failing: str) -> None:
    """Wait and work, in turns, until cancelled; a look that fails or hangs is logged as `failing` and made again.

    So is one that finds what a newer version wrote and this one cannot read.
    """
    while True:
        await asyncio.sleep(every_s)
        try:
            async with asyncio.timeout(MOST_S):
                await work()
        except (MiaohuiError, OSError, TimeoutError, msgspec.MsgspecError) as error:
            _log.warning(failing, error=str(error))

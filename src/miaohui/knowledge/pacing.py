"""Much work on the event loop, a few milliseconds at a time.

A thread would be no better: it holds the interpreter for as long, and whoever is answered meanwhile has to win it back
at every step.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

T = TypeVar("T")

WORK_S, REST_S = 0.002, 0.004


async def unhurried(things: Iterable[T]) -> AsyncIterator[T]:
    """The same things; after every few milliseconds that were spent on them, others have their turn."""
    now = asyncio.get_running_loop().time
    until = now() + WORK_S
    for thing in things:
        yield thing
        if now() >= until:
            await asyncio.sleep(REST_S)
            until = now() + WORK_S

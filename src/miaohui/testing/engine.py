"""An engine that says what it was told to say."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import TypeAlias

from miaohui.engines.errors import EngineFailed
from miaohui.engines.types import EngineRequest, Finished, Piece, Started, Text, Usage

Act: TypeAlias = Piece | str | float | EngineFailed | asyncio.Event
"""A piece to give; text for short; seconds to wait; a failure to raise; an event to wait for."""


class FakeEngine:
    """Plays one script per request, the last one for ever. A script of strings is framed by Started and Finished."""

    def __init__(self, *scripts: Sequence[Act], name: str = "fake") -> None:
        self._scripts = scripts or (("你好",),)
        self.name = name
        self.requests: list[EngineRequest] = []
        self.closed_early = 0
        """Streams that were left before their end."""

    async def stream(self, request: EngineRequest) -> AsyncGenerator[Piece, None]:
        """Play the next script."""
        script = self._scripts[min(len(self.requests), len(self._scripts) - 1)]
        self.requests.append(request)
        ended = False
        try:
            yield Started(attempt=1, route=self.name)
            for act in script:
                if isinstance(act, float | int):
                    await asyncio.sleep(act)
                elif isinstance(act, asyncio.Event):
                    await act.wait()
                elif isinstance(act, EngineFailed):
                    ended = True
                    raise act
                elif isinstance(act, str):
                    yield Text(act)
                elif not isinstance(act, Started):
                    ended = isinstance(act, Finished)
                    yield act
            if not ended:
                ended = True
                yield finished(self.name)
        finally:
            if not ended:
                self.closed_early += 1

    async def close(self) -> None:
        """Nothing to close."""


def finished(route: str = "fake") -> Finished:
    """A whole answer's end."""
    usage = Usage(input_tokens=10, output_tokens=5, estimated=True)
    return Finished(route=route, reason="stop", usage=usage, first_content_ms=1.0)

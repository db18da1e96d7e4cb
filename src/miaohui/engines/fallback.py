"""Several engines as one: when the first fails, the next answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import cast

import msgspec

from miaohui.engines.alarm import Alarm
from miaohui.engines.errors import EngineFailed
from miaohui.engines.ports import Engine
from miaohui.engines.types import EngineRequest, Piece, Restarted, Started, Text


class FallbackOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds over all attempts of one turn."""

    attempts: int = 3
    """At most so many, the last resort included."""
    first_content_s: float = 8.0
    """When no word has come by then, only the last resort is still asked."""
    total_s: float = 60.0
    """When the answer is not whole by then, only the last resort is still asked."""


class Fallback:
    """Asks the engines in order. The last one is the last resort: it is asked whatever time has passed.

    A failure before the first word is not seen by the caller; after it, `Restarted` voids what was said. A failure that
    no other engine should be asked about (`EngineFailed.tries_next`) ends it.
    """

    def __init__(self, engines: Sequence[Engine], options: FallbackOptions | None = None) -> None:
        """`engines` holds at least one."""
        options = options or FallbackOptions()
        self._chain = (*engines[:-1][: options.attempts - 1], engines[-1])
        self._engines = tuple(engines)
        self._options = options
        self.name = "+".join(engine.name for engine in engines)

    async def stream(self, request: EngineRequest) -> AsyncGenerator[Piece, None]:
        """An answer from whichever engine gives a whole one. Raises the last `EngineFailed`."""
        began = asyncio.get_running_loop().time()
        attempt, spoken = 0, False
        for engine in self._chain:
            alarm = self._set_alarm(engine, began)
            if alarm is None:
                continue
            attempt += 1
            try:
                async with aclosing(cast("AsyncGenerator[Piece, None]", engine.stream(request))) as pieces:
                    while (piece := await alarm.during(anext(pieces, None))) is not None:
                        if isinstance(piece, Text) and not spoken:
                            spoken = True
                            alarm.set_off(began + self._options.total_s)
                        yield Started(attempt=attempt, route=piece.route) if isinstance(piece, Started) else piece
                return
            except EngineFailed as failure:
                if engine is self._chain[-1] or not failure.tries_next:
                    raise
                reason = failure.code
            except TimeoutError:
                reason = "out_of_time"
            finally:
                alarm.stop()
            if spoken:
                spoken = False
                yield Restarted(reason=reason)

    def _set_alarm(self, engine: Engine, began: float) -> Alarm | None:
        """The deadline of an attempt's first word; None when there is no time left for it."""
        if engine is self._chain[-1]:
            return Alarm(None)
        ends_at = began + self._options.first_content_s
        return Alarm(ends_at) if asyncio.get_running_loop().time() < ends_at else None

    async def close(self) -> None:
        """Close every engine's idle connections."""
        for engine in self._engines:
            await engine.close()

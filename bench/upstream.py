"""The scripted provider, with a first latency that follows from a message's number.

So the load generator knows, without asking, how long each answer had to take, and what was added to it.
"""

from __future__ import annotations

import asyncio
import re
import sys
from typing import Any

import msgspec
import uvloop

from miaohui.testing.upstream import Upstream, UpstreamOptions

_NUMBER = re.compile(r"#(\d{7})")


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How the provider streams; milliseconds."""

    chunks: int = 40
    gap_ms: float = 20.0
    first_ms: float = 400.0
    first_ms_max: float = 400.0

    def first_s(self, number: int) -> float:
        """Seconds until the first content of the answer to message `number`: even over the range."""
        return (self.first_ms + (self.first_ms_max - self.first_ms) * (number * 0.618033988749895 % 1.0)) / 1000

    @property
    def stream_s(self) -> float:
        """Seconds from the first content to the end."""
        return self.chunks * self.gap_ms / 1000


STREAM = Pace()
TALK = Pace(chunks=1, gap_ms=0.0, first_ms=1200.0, first_ms_max=1800.0)


class Paced(Upstream):
    """Reads the number out of the last message."""

    def __init__(self, pace: Pace) -> None:
        super().__init__(UpstreamOptions(chunks=pace.chunks, gap_ms=pace.gap_ms, first_ms=pace.first_ms))
        self._pace = pace

    def first_delay_s(self) -> float:
        """Of the request that came last."""
        return self._pace.first_s(number_in(self.bodies[-1]))


def number_in(body: dict[str, Any]) -> int:
    """The number of the message that is asked about; 0 when there is none. Earlier ones have smaller numbers."""
    messages = body.get("messages") or [{}]
    return max((int(found) for found in _NUMBER.findall(str(messages[-1].get("content", "")))), default=0)


async def _serve(port: int, pace: Pace) -> None:
    upstream = await Paced(pace).start(port=port)
    print(f"listening on {upstream.url}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1]), msgspec.json.decode(sys.argv[2], type=Pace)))

"""A provider that counts its own minute, throttles whoever asks too often, and bills by the token."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable

from miaohui.engines.classify import Failure, FailureClass
from miaohui.engines.errors import failed
from miaohui.engines.types import EngineRequest, Finished, Piece, Started, Text, Usage

Answer = Callable[[EngineRequest], tuple[str, Usage]]
"""What is said to a request, and the tokens of both."""

_THROTTLED = Failure(failure_class=FailureClass.RATE_LIMIT, code="rate_limit", detail="too many requests")
_SAYING_S = 0.4


class Metered:
    """See `engines.ports.Engine`. Made for virtual time: it speaks over no socket."""

    def __init__(self, name: str, answer: Answer, *, rpm: int = 0, first_s: float = 0.5) -> None:
        """`rpm`: requests in any 60 seconds, 0 is not limited; `first_s`: seconds to the first word."""
        self.name = name
        self.throttled = 0
        """Requests that were refused."""
        self._answer = answer
        self._rpm = rpm
        self._first_s = first_s
        self._asked: deque[float] = deque()

    async def stream(self, request: EngineRequest) -> AsyncGenerator[Piece, None]:
        """One answer. Raises `EngineThrottled` over the limit."""
        now = asyncio.get_running_loop().time()
        yield Started(attempt=1, route=self.name)
        while self._asked and self._asked[0] <= now - 60:
            self._asked.popleft()
        if self._rpm and len(self._asked) >= self._rpm:
            self.throttled += 1
            raise failed(_THROTTLED)
        self._asked.append(now)
        await asyncio.sleep(self._first_s)
        text, usage = self._answer(request)
        yield Text(text)
        await asyncio.sleep(_SAYING_S)
        yield Finished(route=self.name, reason="stop", usage=usage, first_content_ms=self._first_s * 1000)

    async def close(self) -> None:
        """Nothing is open."""

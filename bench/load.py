"""Two ways to send: at a fixed rate whatever comes back, or after thinking.

At a fixed rate a late server finds its queue grown, as it would in life, and latencies count from when a message was
due, not from when this process got round to it (see "coordinated omission", G. Tene).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import cast

import msgspec

from bench.client import Asked, Client, Crowd, now
from bench.histogram import Histogram
from bench.upstream import Pace

_GRAIN_S = 0.002
"""What a timer may be late by its own nature; not counted against the server."""
_GOLDEN = 0.618033988749895


class Words(msgspec.Struct, frozen=True):
    """What is asked, in turn; each time with a number, so that no two messages are the same."""

    questions: tuple[str, ...]

    def text(self, number: int) -> str:
        """Message `number`."""
        return f"{self.questions[number % len(self.questions)]} #{number:07d}"


class Load:
    """A crowd, what it asks, and how long the upstream takes."""

    def __init__(self, crowd: Crowd, words: Words, pace: Pace) -> None:
        self._crowd = crowd
        self._words = words
        self._pace = pace
        self._sent = 0
        self._until = 0.0
        self._think_s: tuple[float, float] = (0.0, 0.0)

    async def at_rate(self, per_second: float, seconds: float) -> int:
        """Send at a fixed rate, visitors in turn, beginning where it was left; how many were sent."""
        clients = self._crowd.clients
        begin, total = now() + 0.02, int(per_second * seconds)
        for sent in range(total):
            due = begin + sent / per_second
            while (left := due - now()) > 0:  # noqa: ASYNC110  (a timer may wake early)
                await asyncio.sleep(left)
            if sent % 50 == 49:
                await asyncio.sleep(0)  # answers are read meanwhile, even when this side is late
            self._ask(clients[(self._sent + sent) % len(clients)], due)
        self._sent += total
        return total

    async def in_thought(self, seconds: float, think_s: tuple[float, float]) -> None:
        """Let each visitor ask, listen, think for a while between the two bounds, and ask again."""
        loop = asyncio.get_running_loop()
        self._until, self._think_s = now() + seconds, think_s
        for i, client in enumerate(self._crowd.clients):
            client.on_end = self._think
            wait = think_s[1] * (i * _GOLDEN % 1.0)
            loop.call_later(wait, self._ask_again, client, now() + wait)
        await asyncio.sleep(seconds)

    def _think(self, client: Client) -> None:
        low, high = self._think_s
        wait = low + (high - low) * (self._crowd.number() * _GOLDEN % 1.0)
        asyncio.get_running_loop().call_later(wait, self._ask_again, client, now() + wait)

    def _ask_again(self, client: Client, due: float) -> None:
        if now() < self._until and client.there:
            self._ask(client, due)

    def _ask(self, client: Client, due: float) -> None:
        number, at = self._crowd.number(), now()
        first_s = self._pace.first_s(number)
        asked = Asked(
            cmid=f"b{number}",
            due=at if at - due < _GRAIN_S else due,
            first_s=first_s,
            whole_s=first_s + self._pace.stream_s,
        )
        self._crowd.ask(client, self._words.text(number), asked)


class _Exchange(asyncio.Protocol):
    """One HTTP request after another on one connection, each answered by a chunked stream."""

    def __init__(self, idle: list[_Exchange], request: Callable[[], bytes], first: Histogram | None) -> None:
        self._idle = idle
        self._request = request
        self._first = first
        self._asked_at = 0.0
        self._tail = b""
        self._transport: asyncio.Transport | None = None
        self.lost = False
        """The other side closed it: it was idle for too long."""
        self.done = 0
        self.bytes = 0
        self.asked = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.bytes += len(data)
        if self._first is not None and self._asked_at and b'"content":"' in data.replace(b'"content":""', b""):
            self._first.add(now() - self._asked_at)
            self._asked_at = 0.0
        self._tail = (self._tail + data)[-5:]
        if self._tail == b"0\r\n\r\n":
            self._tail = b""
            self.done += 1
            self.asked = False
            self._idle.append(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost, self._transport = True, None

    def ask(self) -> None:
        """Send the request."""
        if self._transport is not None:
            self._asked_at, self.asked = now(), True
            self._transport.write(self._request())

    def close(self) -> None:
        """Leave."""
        if self._transport is not None:
            self._transport.abort()


async def pass_through(
    port: int, request: Callable[[], bytes], per_second: float, seconds: float, *, first: Histogram | None = None
) -> tuple[int, int]:
    """Ask whatever listens at `port` for streams at a fixed rate; answers and bytes that came.

    `first` takes how long each had to wait for its first content.
    """
    idle: list[_Exchange] = []
    everybody: Sequence[_Exchange] = [
        await _connect(port, idle, (request, first)) for _ in range(int(per_second * 2.5) + 8)
    ]
    idle.extend(everybody)
    begin = now()
    for sent in range(int(per_second * seconds)):
        await asyncio.sleep(max(0.0, begin + sent / per_second - now()))
        while idle and (one := idle.pop()):
            if not one.lost:
                one.ask()
                break
    async with asyncio.timeout(30):
        while any(not one.lost and one.asked for one in everybody):  # noqa: ASYNC110  (one waiter)
            await asyncio.sleep(0.05)
    for one in everybody:
        one.close()
    return sum(one.done for one in everybody), sum(one.bytes for one in everybody)


async def _connect(port: int, idle: list[_Exchange], asking: tuple[Callable[[], bytes], Histogram | None]) -> _Exchange:
    loop = asyncio.get_running_loop()
    _, one = await loop.create_connection(lambda: _Exchange(idle, *asking), "127.0.0.1", port)
    return one

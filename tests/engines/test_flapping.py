"""A primary that comes and goes, and then is gone: in virtual time, at twenty turns a second."""

from __future__ import annotations

import asyncio
import random
import sys
from collections import Counter
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from tests.engines.routing import Entries, broken, described, request
from tests.engines.streams import Told, listen

from miaohui.engines.extractive import Extractive
from miaohui.engines.limits_memory import LimitsMemory
from miaohui.engines.ports import Engine
from miaohui.engines.router import Router, RouterParts
from miaohui.engines.routes import Route, RouteKey, build_catalog
from miaohui.engines.types import EngineRequest, Finished, Piece, Started, Text, Usage
from miaohui.testing.virtual import VirtualClock, run_virtually

FLAPS_S, DEAD_S = 60, 60
DEADLINE_S = 3.0


class Flapping:
    """Well for two seconds, ill for two, and dead after a minute; knows how many asked it while it was ill."""

    def __init__(self, name: str, *, silent: bool, seconds: float, flaps: bool) -> None:
        self.name = name
        self._silent = silent
        self._seconds = seconds
        self._flaps = flaps

    def is_ill(self) -> bool:
        now = asyncio.get_running_loop().time()
        return self._flaps and (now >= FLAPS_S or int(now) % 4 >= 2)

    async def stream(self, asked: EngineRequest) -> AsyncGenerator[Piece, None]:
        yield Started(attempt=1, route=self.name)
        if self.is_ill():
            await asyncio.sleep(3600 if self._silent else 0.05)
            raise broken()
        await asyncio.sleep(self._seconds)
        yield Text("好的")
        await asyncio.sleep(0.5)
        if self.is_ill() and not self._silent:
            raise broken()
        usage = Usage(input_tokens=10, output_tokens=2, estimated=False)
        yield Finished(route=self.name, reason="stop", usage=usage, first_content_ms=1.0)

    async def close(self) -> None:
        """Nothing is open."""


class Watched(Router):
    """Counts probes under way at once."""

    most_probes = 0

    def _open(self, attempt: Any, trip: Any) -> AsyncGenerator[Piece, None]:
        self._probing = [one for one in getattr(self, "_probing", []) if not one.settled]
        if attempt.ticket.probe:
            self._probing.append(attempt)
            self.most_probes = max(self.most_probes, len(self._probing))
        return super()._open(attempt, trip)


async def live(*, silent: bool) -> tuple[list[Told], list[float], int]:
    chance = random.Random(3)

    def connect(route: Route, key: RouteKey) -> Engine:
        primary = route.name == "primary"
        return Flapping(route.name, silent=silent, seconds=0.8 if primary else 0.6, flaps=primary)

    clock = VirtualClock()
    parts = RouterParts(
        clock=clock, limits=LimitsMemory(clock), connect=connect, ledger=Entries(), last_resort=Extractive()
    )
    times = {"first_content_ms": round(DEADLINE_S * 1000)}
    routes = [
        described("primary", weight=3, **times),
        described("second", weight=1, **times),
        described("local", tier="local", **times),
    ]
    router = Watched(parts, build_catalog("1", [routes]))
    first_words: list[float] = []

    async def turn(number: int) -> Told:
        began, heard = clock.monotonic(), False
        pieces: list[Piece] = []
        async for piece in router.stream(request(f"turn_{number}", conversation_id=f"conv_{number // 3}")):
            if isinstance(piece, Text) and not heard:
                heard = True
                first_words.append(clock.monotonic() - began)
            pieces.append(piece)
        last = pieces[-1]
        return Told(pieces, "", last if isinstance(last, Finished) else None, None)

    turns: list[asyncio.Task[Told]] = []
    while clock.monotonic() < FLAPS_S + DEAD_S:
        turns.append(asyncio.create_task(turn(len(turns))))
        await asyncio.sleep(chance.expovariate(20))
    return await asyncio.gather(*turns), sorted(first_words), router.most_probes


@pytest.mark.parametrize("silent", [False, True])
def test_f45_a_flapping_primary_costs_nobody_an_answer_and_never_more_than_one_probe(silent: bool) -> None:
    told, first_words, most_probes = run_virtually(live(silent=silent))
    p99 = first_words[int(0.99 * len(first_words))]
    routes = Counter(one.finished.route for one in told if one.finished)
    sys.stdout.write(
        f"\n{len(told)} turns, primary {'silent' if silent else 'failing'}: {dict(routes)}, first content P50 "
        f"{first_words[len(first_words) // 2]:.2f} s, P99 {p99:.2f} s, at most {most_probes} probe at once"
    )
    assert all(one.finished is not None for one in told)
    assert most_probes == 1
    assert p99 <= 1.2 + DEADLINE_S
    assert routes["extractive"] == 0


def test_without_faults_everything_is_answered_in_the_shares_of_the_weights() -> None:
    async def sound() -> Counter[str]:
        clock = VirtualClock()

        def connect(route: Route, key: RouteKey) -> Engine:
            return Flapping(route.name, silent=False, seconds=0.5, flaps=False)

        parts = RouterParts(clock=clock, limits=LimitsMemory(clock), connect=connect, last_resort=Extractive())
        router = Router(parts, build_catalog("1", [[described("a", weight=3), described("b", weight=1)]]))
        told = await asyncio.gather(*(listen(router, request(f"t{i}")) for i in range(200)))
        return Counter(one.finished.route for one in told if one.finished)

    assert run_virtually(sound()) == {"a": 150, "b": 50}

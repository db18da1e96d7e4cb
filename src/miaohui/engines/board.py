"""The live state of all routes, as values and as gauges."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, cast

from miaohui.engines import numbers
from miaohui.engines.errors import EngineFailed
from miaohui.engines.routes import EMBEDDINGS
from miaohui.engines.standing import Check, KeyStanding, RouteStanding
from miaohui.engines.types import ChatMessage, EngineRequest, Piece, Text, Vectors
from miaohui.kit.ids import new_id

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from miaohui.engines.cooldowns import Cooldowns
    from miaohui.engines.limits import Limits
    from miaohui.engines.lines import Line, Wire

_CHECK_S = 15.0


async def read_standings(
    lines: Sequence[Line], cooldowns: Cooldowns, limits: Limits, now: float
) -> tuple[RouteStanding, ...]:
    """How each route stands at `now`, in monotonic seconds."""
    return tuple([await _read_line(line, cooldowns, limits, now) for line in lines])


async def _read_line(line: Line, cooldowns: Cooldowns, limits: Limits, now: float) -> RouteStanding:
    route, tally = line.route, line.tally
    line.breaker.weight(now)
    return RouteStanding(
        name=route.name,
        tenant=route.tenant,
        provider=route.provider,
        model=route.model,
        tier=route.tier,
        weight=route.weight,
        state=line.breaker.phase.name.lower(),
        key_version=route.key_version,
        keys=tuple([await _read_wire(wire, cooldowns, limits, now) for wire in line.wires]),
        in_flight=line.in_flight,
        attempts=tally.attempts,
        failures=tally.failures,
        throttled=tally.throttled,
        first_content_p50_ms=tally.share(0.5),
        first_content_p95_ms=tally.share(0.95),
        input_tokens=tally.input_tokens,
        output_tokens=tally.output_tokens,
        cost_micro=tally.cost_micro,
    )


async def _read_wire(wire: Wire, cooldowns: Cooldowns, limits: Limits, now: float) -> KeyStanding:
    rest, room = cooldowns.find(wire.scopes, now), await limits.room(wire.quota)
    state: str = wire.key.state if rest is None else "dead" if rest.dead else "cooling"
    return KeyStanding(
        id=wire.key.id,
        account=wire.key.account,
        state=state,
        reason="" if rest is None else rest.reason,
        rests_s=0.0 if rest is None else rest.until - now,
        in_flight=wire.in_flight,
        requests_left=room.requests,
        tokens_left=room.tokens,
    )


def publish(standings: Sequence[RouteStanding]) -> None:
    """Set the gauges."""
    for route in standings:
        name = route.name
        numbers.STATE.labels(name).set(_STATES[route.state])
        numbers.IN_FLIGHT.labels(name).set(route.in_flight)
        numbers.DEAD_KEYS.labels(name).set(sum(key.state == "dead" for key in route.keys))
        requests = [key.requests_left for key in route.keys if key.requests_left is not None]
        tokens = [key.tokens_left for key in route.keys if key.tokens_left is not None]
        if requests:
            numbers.HEADROOM.labels(name, "requests").set(sum(requests))
        if tokens:
            numbers.HEADROOM.labels(name, "tokens").set(sum(tokens))
        for share, milliseconds in (("0.5", route.first_content_p50_ms), ("0.95", route.first_content_p95_ms)):
            if milliseconds is not None:
                numbers.LATENCY.labels(name, share).set(milliseconds / 1000)


_STATES = {"closed": 0, "ramp": 1, "half_open": 2, "open": 3}


async def check_routes(lines: Sequence[Line]) -> tuple[Check, ...]:
    """Ask every key of every route for a word, all at once; breakers, limits and ledger do not learn of it."""
    asked = [_check(line, wire) for line in lines for wire in line.wires if wire.key.state == "active"]
    return tuple(await asyncio.gather(*asked))


async def _check(line: Line, wire: Wire) -> Check:
    loop = asyncio.get_running_loop()
    request = EngineRequest(
        turn_id=new_id("check"),
        tenant_id="",
        question="",
        messages=(ChatMessage("user", "Say: OK"),),
        max_output_tokens=16,
        embeds=line.route.model if EMBEDDINGS in line.route.capabilities else "",
    )
    began, first = loop.time(), 0.0
    try:
        async with (
            asyncio.timeout(_CHECK_S),
            aclosing(cast("AsyncGenerator[Piece, None]", wire.engine.stream(request))) as pieces,
        ):
            async for piece in pieces:
                if isinstance(piece, Text | Vectors) and not first:
                    first = (loop.time() - began) * 1000
    except EngineFailed as error:
        return Check(route=line.route.name, key=wire.key.id, ok=False, code=error.code)
    except TimeoutError:
        return Check(route=line.route.name, key=wire.key.id, ok=False, code="out_of_time")
    return Check(route=line.route.name, key=wire.key.id, ok=True, first_content_ms=first)

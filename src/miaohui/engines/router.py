"""Many routes as one engine: every turn gets the best answer to be had in its time, and ends honestly."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from itertools import count
from typing import cast

import msgspec

from miaohui.engines import numbers
from miaohui.engines.alarm import Alarm
from miaohui.engines.board import check_routes, publish, read_standings
from miaohui.engines.bookkeeping import OUT_OF_TIME, Attempt, Bookkeeper
from miaohui.engines.breaker import Rules
from miaohui.engines.budget import Bounds, Hedging
from miaohui.engines.classify import Failure, FailureClass
from miaohui.engines.dispatch import Compress, Dispatch, Policy, Trip
from miaohui.engines.errors import BudgetReached, EngineFailed, failed
from miaohui.engines.fleet import Fleet
from miaohui.engines.hedge import Race
from miaohui.engines.ledger import Ledger, NoLedger
from miaohui.engines.limits import Limits
from miaohui.engines.lines import Connect
from miaohui.engines.news import News
from miaohui.engines.ports import Engine
from miaohui.engines.purses import NoPurses, Purses
from miaohui.engines.routes import Catalog
from miaohui.engines.standing import Check, RouteStanding
from miaohui.engines.types import EngineRequest, Finished, Piece, Restarted, Started, Text, ToolCalls
from miaohui.kit.clock import Clock

_NEWS_S = 0.5
_SWEEP_TICKS = 4
_GRACE_S = 0.1
_FAIR = 0.5
"""A route that had less than this part of its time for the first word is not blamed for having none."""


def _draw() -> float:
    return secrets.randbelow(1 << 24) / (1 << 24)


class RouterParts(msgspec.Struct, frozen=True, kw_only=True):
    """What a router is made of."""

    clock: Clock
    limits: Limits
    connect: Connect
    last_resort: Engine | None = None
    """Asked when no route can answer a grounded request, whatever time has passed; None raises the last failure."""
    ledger: Ledger = NoLedger()
    purses: Purses = NoPurses()
    """Of companies with a budget: once it is used up, their requests go to routes without a price."""
    news: News | None = None
    """Of the other nodes; None: there are none."""
    bounds: Bounds = Bounds()
    rules: Rules | None = None
    """Of the routes' breakers; None takes those of `breaker.Rules`, with leases as long as the route's deadlines."""
    hedging: Hedging = Hedging()
    chance: Callable[[], float] = _draw
    """A number from 0 to 1."""
    compress: Compress | None = None
    """Makes a prompt that was too long shorter, once; None when it cannot."""


class Router:
    """See `engines.ports.Engine`. A failure before the first word is not seen; later ones void it with `Restarted`.

    A failure that no other engine should be asked about (`EngineFailed.tries_next`) is raised.
    """

    def __init__(self, parts: RouterParts, catalog: Catalog | None = None) -> None:
        """Raises `Invalid` for a route that cannot be used."""
        self._parts = parts
        self._clock = parts.clock
        self.fleet = Fleet(parts.connect, parts.rules, parts.chance())
        self._last_resort = parts.last_resort
        books = Bookkeeper(parts.clock, parts.limits, parts.ledger, parts.chance, parts.news)
        self.books = books
        policy = Policy(parts.bounds, parts.hedging, parts.chance, parts.purses)
        self._dispatch = Dispatch(policy, parts.clock, parts.limits, books)
        self.name = "router"
        if catalog is not None:
            self.adopt(catalog)

    def adopt(self, catalog: Catalog) -> None:
        """Serve these routes from now on; what is under way goes on. Raises `Invalid`, and nothing has changed."""
        self.fleet.adopt(catalog, self._clock.monotonic())

    async def stream(self, request: EngineRequest) -> AsyncGenerator[Piece, None]:
        """An answer from whichever route gives a whole one. Raises the last `EngineFailed`."""
        trip = self._dispatch.set_out(request, self.fleet.choice_for(request.tenant_id, request.embeds))
        while (attempt := await self._dispatch.next_attempt(trip)) is not None:
            self.books.begin(attempt, trip.request, trip.allowance.number())
            alarm = Alarm(self._first_word_by(attempt, trip))
            try:
                async with aclosing(self._open(attempt, trip)) as pieces:
                    alarm.watch(pieces)
                    async for piece in pieces:
                        yield self._note(piece, trip.attempt or attempt, alarm, trip)
                        alarm.check()
                return
            except (EngineFailed, TimeoutError, asyncio.CancelledError) as error:
                if isinstance(error, asyncio.CancelledError) and not alarm.ends():
                    raise
                attempt = trip.attempt or attempt
                if not self._goes_on(trip, attempt, error):
                    raise
            finally:
                alarm.stop()
                self.books.abandon(trip.attempt or attempt)
            if attempt.heard:
                trip.allowance.renew(self._clock.monotonic())
                yield Restarted(reason=trip.reason)
        async for piece in self._resort(trip):
            yield piece

    def _open(self, attempt: Attempt, trip: Trip) -> AsyncGenerator[Piece, None]:
        delay_s = self._dispatch.hedge_after_s(trip, attempt) if self._parts.hedging.enabled else None
        trip.racing = delay_s is not None
        if delay_s is None:
            return cast("AsyncGenerator[Piece, None]", attempt.wire.engine.stream(trip.request))
        return Race(self._dispatch, self.books, trip).stream(delay_s)

    def _first_word_by(self, attempt: Attempt, trip: Trip) -> float:
        route = attempt.line.route
        # A client tells its own deadline better than we do; ours is for what the request has left.
        most_s = route.first_content_ms / 1000 + _GRACE_S
        seconds = trip.allowance.first_content_s(self._clock.monotonic(), most_s, kept=route.tier != "local")
        attempt.hurried = seconds < most_s * _FAIR
        return asyncio.get_running_loop().time() + seconds

    def _note(self, piece: Piece, attempt: Attempt, alarm: Alarm, trip: Trip) -> Piece:
        """The piece as our reader sees it."""
        if attempt.heard and isinstance(piece, Text):
            # Nearly every piece is this.
            attempt.heard.append(piece.text)
            return piece
        if isinstance(piece, Text | ToolCalls):
            if not attempt.heard:
                alarm.set_off(asyncio.get_running_loop().time() + trip.allowance.total_s(self._clock.monotonic()))
            said = piece.text if isinstance(piece, Text) else "".join(call.function.arguments for call in piece.calls)
            self.books.hear(attempt, said)
        elif isinstance(piece, Finished):
            self.books.win(attempt, piece)
        elif isinstance(piece, Started) and not trip.racing:
            attempt.sent = True
            return Started(attempt=attempt.number, route=attempt.line.route.name, passed_over=trip.passed_over)
        return piece

    def _goes_on(self, trip: Trip, attempt: Attempt, error: BaseException) -> bool:
        """Learn of a failure, or that the time was up; whether another route is asked."""
        failure, usage = (error.failure, error.usage) if isinstance(error, EngineFailed) else (OUT_OF_TIME, None)
        self.books.fail(attempt, failure, usage)
        if isinstance(error, EngineFailed) and not error.tries_next:
            return False
        self._dispatch.note(trip, attempt, failure)
        if failure.failure_class is FailureClass.CONTEXT and self._parts.compress is not None:
            self._dispatch.shorten(trip, attempt, self._parts.compress)
        return True

    async def _resort(self, trip: Trip) -> AsyncGenerator[Piece, None]:
        elsewhere = trip.request.only and self._last_resort and trip.request.only != self._last_resort.name
        if self._last_resort is None or not trip.request.grounded or elsewhere:
            raise BudgetReached if trip.passed_over and trip.failure is None else failed(trip.failure or _NO_ROUTE)
        if self.fleet.lines():
            numbers.LAST_RESORT.inc()
        number = trip.allowance.number()
        async for piece in self._last_resort.stream(trip.request):
            if not isinstance(piece, Started):
                yield piece
                continue
            yield Started(attempt=number, route=piece.route, passed_over=trip.passed_over)

    async def standings(self) -> tuple[RouteStanding, ...]:
        """How each route stands now."""
        return await read_standings(
            self.fleet.lines(), self.books.cooldowns, self._parts.limits, self._clock.monotonic()
        )

    async def check(self) -> tuple[Check, ...]:
        """Ask every key of every route for a word."""
        return await check_routes(self.fleet.lines())

    async def run(self) -> None:
        """Close keys that were taken away, hear of the other nodes, and keep the gauges, until cancelled."""
        for tick in count(1):
            await asyncio.sleep(_NEWS_S)
            await self.books.hear_news(self.fleet.lines())
            if tick % _SWEEP_TICKS == 0:
                self.fleet.sweep(self._clock.monotonic())
                publish(await self.standings())

    async def close(self) -> None:
        """Close every route's idle connections."""
        await self.fleet.close()
        if self._last_resort is not None:
            await self._last_resort.close()


_NO_ROUTE = Failure(failure_class=FailureClass.TRANSIENT, code="no_route", detail="no route has room for this request")

"""`POST /v1/chat/completions`: the house's engines for any program that speaks OpenAI's protocol.

The caller's messages go to the engines as they are: nothing is looked up, recalled or stored. The tenant's limits and
the words that may not go out hold here as everywhere. Who leaves closes the upstream.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from functools import cache
from typing import TYPE_CHECKING, cast

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from miaohui.channels import policy
from miaohui.channels.openai import faults
from miaohui.channels.openai.admission import admit
from miaohui.channels.openai.asking import Ask, build_request, read_ask
from miaohui.channels.openai.attendance import Attendance
from miaohui.channels.openai.encoding import Envelope
from miaohui.channels.openai.models import Models
from miaohui.channels.openai.outlets import Outlet, Streamed, Whole, Wire
from miaohui.channels.reading import header_of, read_body
from miaohui.engines.types import EngineRequest, Finished, Piece, Restarted, Text, ToolCalls
from miaohui.kit import metrics
from miaohui.kit.errors import MiaohuiError, Unavailable
from miaohui.kit.ids import new_id
from miaohui.kit.telemetry import get_log

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.types import Receive, Scope, Send

    from miaohui.channels.bounds import Bounds
    from miaohui.channels.entrance import Entrance
    from miaohui.channels.services import Services

COMPLETIONS = metrics.counter(
    "miaohui_completions_total", "Answers of the OpenAI-compatible door, by how they ended.", ("outcome",)
)
RUNNING = metrics.gauge("miaohui_completions_running", "Answers of the OpenAI-compatible door under way.")
_ended = cache(COMPLETIONS.labels)

_log = get_log(__name__)


class Completions:
    """The endpoint."""

    def __init__(self, services: Services, bounds: Bounds, entrance: Entrance) -> None:
        self._services = services
        self._bounds = bounds
        self._entrance = entrance
        self.models = Models(services, entrance)
        self._attendance = Attendance()
        self._running = 0
        self._present: dict[_Presence, str] = {}
        """Whose answer each is."""
        RUNNING.set_function(lambda: self._running)
        self._draining = False
        self._idle = asyncio.Event()
        self._idle.set()

    async def create(self, request: Request) -> Response:
        """Answer one request."""
        limits: dict[str, str] = {}
        try:
            principal = await self._entrance.principal(request)
            policy.check_right(principal, "completions")
            ask = read_ask(await read_body(request))
            self.models.check(ask.model)
            asked = build_request(ask, new_id("chatcmpl"), principal.tenant_id)
            if "no-cache" in header_of(request.scope, b"cache-control").lower():
                asked = msgspec.structs.replace(asked, personal=True)
            self._check_room()
            await admit(self._services.guard, principal, limits)
        except MiaohuiError as error:
            return faults.respond(error, limits)
        return cast("Response", _Answering(self, ask, asked, limits))

    def _check_room(self) -> None:
        if self._draining:
            raise Unavailable("This server is being stopped. Try again.", code="draining")
        if self._running >= self._bounds.running_turns:
            raise Unavailable("Too many answers are under way. Try again in a moment.", code="overloaded")

    async def answer(self, request: EngineRequest, outlet: Outlet, receive: Receive) -> None:
        """From the engine to the outlet, until it has ended or the client has left."""
        self._enter()
        outcome = "abandoned"
        presence = _Presence()
        self._present[presence] = request.tenant_id
        try:
            with self._attendance.attend(outlet, receive, presence.end):
                outcome = await self._tell(request, outlet)
        except asyncio.CancelledError:
            if not presence.was_it():
                raise
        finally:
            del self._present[presence]
            _ended(outcome).inc()
            self._leave()

    def _enter(self) -> None:
        self._running += 1
        self._idle.clear()

    async def _tell(self, request: EngineRequest, outlet: Outlet) -> str:
        """How it ended."""
        try:
            await self._stream(request, outlet)
            return "answered"
        except MiaohuiError as error:
            await outlet.fail(error)
        except Exception as error:  # noqa: BLE001  whatever broke, the client is owed an answer
            _log.error("completion.failed", completion=request.turn_id, exc_info=error)
            await outlet.fail(MiaohuiError("This is a fault of ours. Try again; if it stays, tell us the request id."))
        return "failed"

    async def _stream(self, request: EngineRequest, outlet: Outlet) -> None:
        """Piece by piece through the screen. What a tool is called with is for a program, and goes as it is."""
        guard = self._services.guard
        screen = guard.open_screen(request.tenant_id)
        ended = False
        upstream = cast("AsyncGenerator[Piece, None]", self._services.engine.stream(request))
        async with aclosing(upstream) as pieces:
            async for piece in pieces:
                match piece:
                    case Text(text=text):
                        if safe := screen.feed(text):
                            await outlet.say(safe)
                    case ToolCalls(calls=calls):
                        outlet.call(calls)
                    case Restarted():
                        outlet.restart()
                        screen = guard.open_screen(request.tenant_id)
                    case Finished():
                        await outlet.end(screen.close(), piece)
                        ended = True
                    case _:
                        continue
        if not ended:
            raise MiaohuiError("The engine ended without an end.")

    def _leave(self) -> None:
        self._running -= 1
        if not self._running:
            self._idle.set()

    def show_out(self, tenant_id: str) -> None:
        """Answers to a company are broken off; see `Standings.on_shut`."""
        for presence, whose in tuple(self._present.items()):
            if whose == tenant_id:
                presence.end()

    async def drain(self, seconds: float) -> None:
        """Begin nothing more, and let what is under way end, for so long."""
        self._draining = True
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            _log.warning("completions.cut_off", running=self._running)

    def envelope(self, ask: Ask, request: EngineRequest) -> Envelope:
        """What every part of the answer says."""
        return Envelope(
            id=request.turn_id,
            created=self._services.clock.now_ms() // 1000,
            model=ask.model,
            conversation_id=ask.conversation_id or "",
        )


class _Answering:
    """The ASGI application that answers one request that was let in."""

    def __init__(self, door: Completions, ask: Ask, request: EngineRequest, limits: dict[str, str]) -> None:
        self._door = door
        self._ask = ask
        self._request = request
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        ask = self._ask
        envelope = self._door.envelope(ask, self._request)
        headers = {**self._limits, "cache-control": "no-store"}
        outlet: Outlet
        if ask.stream:
            headers["x-accel-buffering"] = "no"
            outlet = Streamed(Wire((scope, receive, send), headers), envelope, usage=ask.wants_usage)
        else:
            outlet = Whole(Wire((scope, receive, send), headers), envelope)
        await self._door.answer(self._request, outlet, receive)


class _Presence:
    """The client of the current task's answer."""

    __slots__ = ("_before", "_gone", "_task")

    def __init__(self) -> None:
        self._task = asyncio.current_task()
        self._before = self._task.cancelling() if self._task is not None else 0
        self._gone = False

    def end(self) -> None:
        """It has left: so does the task."""
        if not self._gone and self._task is not None:
            self._gone = True
            self._task.cancel()

    def was_it(self) -> bool:
        """Whether the cancellation under way is for this reason alone; then it is taken back."""
        return self._gone and self._task is not None and self._task.uncancel() <= self._before

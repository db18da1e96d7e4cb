"""An engine that may use tools: it calls, is told the results, and goes on until it has an answer."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import cast

import msgspec

from miaohui.engines.classify import Failure, FailureClass
from miaohui.engines.errors import failed
from miaohui.engines.ports import Engine
from miaohui.engines.types import (
    ChatMessage,
    EngineRequest,
    Finished,
    Piece,
    Restarted,
    Started,
    Text,
    ToolCall,
    ToolCalls,
    Usage,
)
from miaohui.guard.injection import suspect
from miaohui.kit.clock import Clock
from miaohui.tools.rules import with_rules
from miaohui.tools.running import Breakers, Running, ToolOptions
from miaohui.tools.toolbox import Shelf, ToolBox

PLANTED = 0.5
"""From this suspicion on a result is taken for an attempt to steer."""


class ToolLoop:
    """See `engines.ports.Engine`. The reader sees one answer, and which tools were used for it, not what they said.

    Results that read like orders end the calling: what stands in an order's note causes no call. A request that is not
    `grounded` brings tools of its caller's own, and goes through as it is; so does one for which the shelf has none.
    """

    def __init__(self, engine: Engine, shelf: Shelf, clock: Clock, options: ToolOptions | None = None) -> None:
        self._engine = engine
        self._shelf = shelf
        self._breakers = Breakers(clock)
        self._options = options or ToolOptions()
        self.name = engine.name

    def stream(self, request: EngineRequest) -> AsyncIterator[Piece]:
        """One answer, after at most so many rounds of calls. Raises `EngineFailed`."""
        box = self._shelf.box_for(request)
        return self._engine.stream(request) if box is None else self._talk(request, box)

    async def _talk(self, request: EngineRequest, box: ToolBox) -> AsyncGenerator[Piece, None]:
        running = Running(box, self._breakers, self._options, request)
        talk = _Talk(_with_tools(request, box))
        began, nobody, planted = self._breakers.now(), False, False
        for number in range(self._options.rounds + 1):
            last = planted or number == self._options.rounds
            if last:
                talk.forbid_calls()
            pieces = cast("AsyncGenerator[Piece, None]", self._engine.stream(talk.request))
            async with aclosing(pieces):
                async for piece in pieces:
                    nobody = not number and self._finds_nobody(piece, began)
                    if nobody:
                        break
                    for told in talk.hear(piece):
                        yield told
            if nobody:
                async for plain in self._engine.stream(request):
                    yield plain
                return
            if talk.is_over or last:
                break
            results = await running.run(talk.calls)
            planted = planted or any(suspect(result) >= PLANTED for result in results)
            for used in running.take_notes():
                yield used
            talk.go_on(results)
        yield talk.conclude()

    def _finds_nobody(self, piece: Piece, began: float) -> bool:
        """No route that speaks tools can answer; another one may without them."""
        options = self._options
        resorts = isinstance(piece, Started) and piece.route == options.resort
        return resorts and self._breakers.now() - began < options.again_s

    async def close(self) -> None:
        """Close the engine's idle connections."""
        await self._engine.close()


class _Talk:
    """The rounds of one answer."""

    def __init__(self, request: EngineRequest) -> None:
        self.request = request
        self.calls: tuple[ToolCall, ...] = ()
        self._before = ""
        """What the rounds before said."""
        self._said: list[str] = []
        self._finished: Finished | None = None
        self._usage: Usage | None = None
        self._first_content_ms = 0.0

    def hear(self, piece: Piece) -> Sequence[Piece]:
        """What of it the reader is told."""
        match piece:
            case Text(text=text):
                self._said.append(text)
            case ToolCalls(calls=calls):
                self.calls = distinct(calls)
                return ()
            case Finished():
                self._finish(piece)
                return ()
            case Restarted():
                self.calls = ()
                self._said.clear()
                return (piece, Text(self._before)) if self._before else (piece,)
            case _:
                pass
        return (piece,)

    def _finish(self, finished: Finished) -> None:
        self._finished = finished
        self._usage = finished.usage if self._usage is None else _add(self._usage, finished.usage)
        self._first_content_ms = self._first_content_ms or finished.first_content_ms

    @property
    def is_over(self) -> bool:
        """There is an answer; calls that were cut off in their middle are none."""
        return self._finished is None or not self.calls or self._finished.reason == "length"

    def go_on(self, results: Sequence[str]) -> None:
        """Tell the results."""
        said = "".join(self._said)
        asked = ChatMessage("assistant", said, tool_calls=self.calls)
        told = (ChatMessage("tool", text, tool_call_id=call.id) for call, text in zip(self.calls, results, strict=True))
        messages = (*self.request.messages, asked, *told)
        self.request = msgspec.structs.replace(self.request, messages=messages)
        self._before += said
        self._said.clear()
        self.calls = ()

    def forbid_calls(self) -> None:
        """It must answer with what it has."""
        parameters = msgspec.structs.replace(self.request.parameters, tool_choice=msgspec.Raw(b'"none"'))
        self.request = msgspec.structs.replace(self.request, parameters=parameters)

    def conclude(self) -> Finished:
        """The end of all rounds together. Raises `EngineFailed` when the last one had none."""
        finished, usage = self._finished, self._usage
        if finished is None or usage is None:
            raise failed(_NO_END)
        if self.calls and not self._said:
            raise failed(_ROUND_AND_ROUND)
        reason = "stop" if finished.reason == "tool_calls" else finished.reason
        return Finished(route=finished.route, reason=reason, usage=usage, first_content_ms=self._first_content_ms)


def distinct(calls: Sequence[ToolCall]) -> tuple[ToolCall, ...]:
    """Each id once: the same call is dropped, another one gets an id of its own."""
    found: dict[str, ToolCall] = {}
    for call in calls:
        known = found.get(call.id)
        if known is None:
            found[call.id] = call
        elif known.function != call.function:
            number = next(n for n in range(2, len(calls) + 2) if f"{call.id}_{n}" not in found)
            found[f"{call.id}_{number}"] = msgspec.structs.replace(call, id=f"{call.id}_{number}")
    return tuple(found.values())


def _with_tools(request: EngineRequest, box: ToolBox) -> EngineRequest:
    parameters = msgspec.structs.replace(request.parameters, tools=box.definitions)
    messages = with_rules(request.messages, request.locale)
    return msgspec.structs.replace(request, messages=messages, parameters=parameters, needs=(*request.needs, "tools"))


def _add(one: Usage, other: Usage) -> Usage:
    return Usage(
        input_tokens=one.input_tokens + other.input_tokens,
        output_tokens=one.output_tokens + other.output_tokens,
        estimated=one.estimated or other.estimated,
        cached_tokens=one.cached_tokens + other.cached_tokens,
        reasoning_tokens=one.reasoning_tokens + other.reasoning_tokens,
    )


_ROUND_AND_ROUND = Failure(
    failure_class=FailureClass.TRANSIENT, code="tool_rounds", detail="the engine called tools without end"
)
_NO_END = Failure(failure_class=FailureClass.TRANSIENT, code="truncated", detail="the engine ended without an end")

"""The calls of one turn: checked, run within their bounds, and answered in words that an engine can use."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec

from miaohui.engines.breaker import Breaker, Rules
from miaohui.engines.types import ToolUsed
from miaohui.kit import metrics
from miaohui.kit.telemetry import get_log
from miaohui.tools.errors import ToolRefused
from miaohui.tools.schema import find_problems
from miaohui.tools.types import Order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miaohui.engines.types import EngineRequest, ToolCall
    from miaohui.kit.clock import Clock
    from miaohui.tools.toolbox import Tool, ToolBox

RESULT_BYTES = 32 * 1024
"""The longest result that an engine is told."""

CALLS = metrics.counter("miaohui_tool_calls_total", "Calls of tools, by how they ended.", ("tool", "outcome"))
SECONDS = metrics.histogram("miaohui_tool_seconds", "How long calls of tools took.", ("tool",))

_log = get_log(__name__)
_RULES = Rules(timeout_share=0.5, ramp=(1.0,), probes=1)


class ToolOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of one turn's tools."""

    call_s: float = 15.0
    rounds: int = 5
    """How often an engine may call before it must answer with what it has."""
    calls: int = 16
    """In one round."""
    resort: str = "extractive"
    """The route that answers when no other can: before it does, those that know no tools are asked."""
    again_s: float = 3.0
    """When it took longer than this to find that out, there is no time to ask them."""


class Breakers:
    """One per tool: what fails again and again is not called for a while."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._breakers: dict[str, Breaker] = {}

    def of(self, tool: Tool) -> Breaker:
        """The tool's own."""
        return self._breakers.setdefault(tool.name, Breaker(_RULES))

    def now(self) -> float:
        """Monotonic seconds."""
        return self._clock.monotonic()


class Running:
    """The calls of one turn so far."""

    def __init__(self, box: ToolBox, breakers: Breakers, options: ToolOptions, request: EngineRequest) -> None:
        self._box = box
        self._breakers = breakers
        self._options = options
        self._request = request
        self._steps = 0
        self._misread: dict[str, int] = {}
        """How often the arguments of a tool were wrong."""
        self._done: dict[tuple[str, bytes], asyncio.Future[str]] = {}
        self._notes: list[ToolUsed] = []

    def take_notes(self) -> list[ToolUsed]:
        """What was done since the last call, in the order of its ends."""
        notes, self._notes = self._notes, []
        return notes

    def _note(self, name: str, outcome: str) -> None:
        self._keep(ToolUsed(name=name[:64], outcome=outcome, took_ms=0.0))

    def _keep(self, note: ToolUsed) -> None:
        CALLS.labels(note.name if self._box.find(note.name) else "unknown", note.outcome).inc()
        self._notes.append(note)

    async def run(self, calls: Sequence[ToolCall]) -> list[str]:
        """The results, in the order of the calls. Reads that follow each other run together, writes alone."""
        most = self._options.calls
        results: list[str] = []
        together: list[ToolCall] = []
        for call in calls[:most]:
            tool = self._box.find(call.function.name)
            if tool is None or tool.risk == "read":
                together.append(call)
                continue
            results += [*await self._run_together(together), await self._run_one(call)]
            together = []
        results += await self._run_together(together)
        return results + [_problem("too_many_calls", "Call fewer tools at once.")] * len(calls[most:])

    async def _run_together(self, calls: Sequence[ToolCall]) -> list[str]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._run_one(call)) for call in calls]
        return [task.result() for task in tasks]

    async def _run_one(self, call: ToolCall) -> str:
        name = call.function.name
        tool = self._box.find(name)
        if tool is None:
            self._note(name, "unknown")
            return _problem("unknown_tool", f"There is no such tool; there are {', '.join(self._box.names)}.")
        arguments, problems = _read(call.function.arguments, tool)
        if problems:
            return self._misread_again(tool, problems)
        if tool.risk == "approval_required":
            self._keep(ToolUsed(name=tool.name, outcome="approval", took_ms=0.0, handoff="policy_restriction"))
            return _problem(
                "approval_required", "A colleague decides this and takes over. Say so, and promise nothing."
            )
        return await self._run_once(tool, arguments)

    def _misread_again(self, tool: Tool, problems: str) -> str:
        """One chance to write them properly."""
        self._note(tool.name, "invalid")
        times = self._misread[tool.name] = self._misread.get(tool.name, 0) + 1
        if times == 1:
            return _problem("invalid_arguments", f"{problems}. Call it once more with correct arguments.", retry=True)
        return _problem("invalid_arguments", f"{problems}. Do not call it again; answer without it.")

    async def _run_once(self, tool: Tool, arguments: dict[str, Any]) -> str:
        """The same call again in one turn gets the same result, and is not made again."""
        same = (tool.name, msgspec.json.encode(arguments, order="deterministic"))
        known = self._done.get(same)
        if known is not None:
            self._note(tool.name, "repeated")
            return await asyncio.shield(known)
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._done[same] = future
        try:
            result = await self._run_guarded(tool, arguments)
        except BaseException:
            future.cancel()
            raise
        future.set_result(result)
        return result

    async def _run_guarded(self, tool: Tool, arguments: dict[str, Any]) -> str:
        breaker, began = self._breakers.of(tool), self._breakers.now()
        ticket = breaker.begin(began)
        if ticket is None:
            self._note(tool.name, "withheld")
            return _problem("tool_unavailable", "This tool does not work at the moment. Answer without it.")
        self._steps += 1
        order = self._order(arguments)
        outcome, result = "left", ""
        try:
            async with asyncio.timeout(self._options.call_s):
                result = _told(await tool.work(order))
            outcome = "done"
        except ToolRefused as refusal:
            outcome, result = "refused", _problem("refused", str(refusal)[:1000])
        except TimeoutError:
            outcome, result = "timeout", _problem("timeout", self._slow_words(tool))
        except Exception as error:  # noqa: BLE001  whatever broke in a tool, the turn goes on without it
            _log.warning("tool.failed", tool=tool.name, turn=self._request.turn_id, exc_info=error)
            outcome, result = "failed", _problem("tool_failed", "This tool failed. Answer without it.")
        finally:
            self._settle(tool, order, outcome, result, began)
            SECONDS.labels(tool.name).observe(self._breakers.now() - began)
            if outcome in {"done", "refused"}:
                breaker.succeed(ticket, self._breakers.now(), 0.5)
            elif outcome == "left":
                breaker.excuse(ticket, self._breakers.now())
            else:
                breaker.fail(ticket, self._breakers.now(), 0.5, timeout=outcome == "timeout")
        return result

    def _order(self, arguments: dict[str, Any]) -> Order:
        request = self._request
        return Order(
            tenant_id=request.tenant_id,
            conversation_id=request.conversation_id,
            turn_id=request.turn_id,
            key=f"{request.turn_id}:{self._steps}",
            arguments=arguments,
        )

    def _slow_words(self, tool: Tool) -> str:
        said = f"No result within {self._options.call_s:g} s."
        return said + (" It may have been done all the same: say so, do not repeat it." if tool.risk != "read" else "")

    def _settle(self, tool: Tool, order: Order, outcome: str, result: str, began: float) -> None:
        took_ms = (self._breakers.now() - began) * 1000
        handoff = order.arguments["reason"] if tool.calls_human and outcome == "done" else None
        told = result if outcome == "done" else ""
        self._keep(ToolUsed(name=tool.name, outcome=outcome, took_ms=took_ms, handoff=handoff, told=told))


def _read(text: str, tool: Tool) -> tuple[dict[str, Any], str]:
    """The arguments, and what is wrong with them."""
    try:
        arguments = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        return {}, f"The arguments are not JSON: {error}"[:300]
    if not isinstance(arguments, dict):
        return {}, "The arguments are not an object"
    return arguments, "; ".join([*find_problems(arguments, tool.parameters)][:5])


def _told(result: object) -> str:
    """As JSON, cut where it is longer than an engine should read."""
    text = msgspec.json.encode(result)
    if len(text) <= RESULT_BYTES:
        return text.decode()
    room = RESULT_BYTES
    while True:
        begun = text[:room].decode(errors="ignore")
        cut = msgspec.json.encode({"truncated": True, "begins": begun})
        if len(cut) <= RESULT_BYTES:
            return cut.decode()
        room -= len(cut) - RESULT_BYTES


def _problem(code: str, message: str, *, retry: bool = False) -> str:
    return msgspec.json.encode({"error": {"code": code, "message": message, "retry": retry}}).decode()

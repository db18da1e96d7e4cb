"""One call of a tool by a person who wants to see what an engine would be told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from miaohui.engines.types import CalledFunction, EngineRequest, ToolCall
from miaohui.kit.errors import Conflict
from miaohui.kit.ids import new_id
from miaohui.tools.running import Breakers, Running, ToolOptions
from miaohui.tools.toolbox import ToolBox

if TYPE_CHECKING:
    from miaohui.kit.clock import Clock
    from miaohui.tools.toolbox import Tool


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where the call is thought to be made."""

    tenant_id: str
    conversation_id: str = ""
    """Whose visitor is asked about; empty: nobody's."""


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """How the call ended."""

    outcome: str
    """As of `ToolUsed`: `done`, `refused`, `invalid`, `timeout`, `failed`."""
    result: str
    """JSON, word for word as an engine would be told."""
    took_ms: float


async def try_tool(tool: Tool, place: Place, arguments: Mapping[str, Any], clock: Clock) -> Tried:
    """Run a tool that only reads, within its usual bounds. Raises `Conflict` for one that changes anything."""
    if tool.risk != "read":
        raise Conflict("A tool that changes something cannot be tried.", code="tool_writes")
    request = EngineRequest(
        turn_id=new_id("try"),
        tenant_id=place.tenant_id,
        question="",
        messages=(),
        conversation_id=place.conversation_id,
    )
    running = Running(ToolBox([tool]), Breakers(clock), ToolOptions(), request)
    call = ToolCall(id="try", function=CalledFunction(tool.name, msgspec.json.encode(arguments).decode()))
    (result,) = await running.run([call])
    (note,) = running.take_notes()
    return Tried(outcome=note.outcome, result=result, took_ms=note.took_ms)

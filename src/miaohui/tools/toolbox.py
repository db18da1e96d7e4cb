"""The tools that an engine may be given."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import msgspec

from miaohui.engines.types import EngineRequest
from miaohui.kit.errors import FieldError, Invalid
from miaohui.tools.ports import Work
from miaohui.tools.schema import check_schema
from miaohui.tools.types import Risk

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that an engine may do."""

    name: str
    description: str
    """For the engine: what it does and when to use it."""
    parameters: Mapping[str, Any]
    """JSON Schema of an object, in the part of it that `schema` checks; what it does not name is refused."""
    risk: Risk
    work: Work
    calls_human: bool = False
    """Once it was done the turn ends with a handoff, for the `reason` among its arguments."""


class Shelf(Protocol):
    """Knows which tools a request's engine may use."""

    def box_for(self, request: EngineRequest) -> ToolBox | None:
        """None: none."""
        ...


class ToolBox:
    """Tools by name."""

    def __init__(self, tools: Iterable[Tool]) -> None:
        """Raises `Invalid` for a name or a schema that cannot be used, or a name that two have."""
        self._tools: dict[str, Tool] = {}
        for tool in tools:
            if not _NAME.match(tool.name) or tool.name in self._tools:
                raise Invalid("A tool needs a name of its own.", errors=[FieldError("$.name", tool.name[:64])])
            check_schema(tool.parameters)
            self._tools[tool.name] = tool
        self.definitions = tuple(_define(tool) for tool in self._tools.values())
        """As they are sent to an engine."""

    def box_for(self, request: EngineRequest) -> ToolBox | None:
        """Itself, for every request of the house's own making; see `Shelf`."""
        return self if self._tools and request.grounded else None

    @property
    def names(self) -> tuple[str, ...]:
        """Of all of them."""
        return tuple(self._tools)

    def find(self, name: str) -> Tool | None:
        """The tool of this name."""
        return self._tools.get(name)


def _define(tool: Tool) -> msgspec.Raw:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return msgspec.Raw(msgspec.json.encode({"type": "function", "function": function}))

"""What the routes of a tenant can do, for those who prepare a request before it is known who answers it."""

from __future__ import annotations

from typing import NamedTuple

from miaohui.engines.fleet import Choice, Fleet
from miaohui.engines.lines import Line
from miaohui.engines.routes import TIERS


class PromptRoom(NamedTuple):
    """How long a prompt may be."""

    window_tokens: int = 0
    """Of the smallest context window among the routes that are asked first; 0 is not known."""
    correction: float = 1.0
    """Tokens that they report for each that we estimate; the most of any of them."""


class _Known(NamedTuple):
    choice: Choice
    """Held, so that no other one gets its number."""
    lines: tuple[Line, ...]
    window_tokens: int
    speaks_tools: bool


class Abilities:
    """Follows every change of the routes; asking costs next to nothing."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._catalog = fleet.catalog
        self._known: dict[int, _Known] = {}

    def speak_tools(self, tenant_id: str) -> bool:
        """Whether a route that is asked first can call tools."""
        return self._find(tenant_id).speaks_tools

    def prompt_room(self, tenant_id: str) -> PromptRoom:
        """How long a prompt may be for any of the routes that are asked first."""
        known = self._find(tenant_id)
        if not known.window_tokens:
            return _UNKNOWN
        return PromptRoom(known.window_tokens, max(line.tally.correction for line in known.lines))

    def _find(self, tenant_id: str) -> _Known:
        choice = self._fleet.choice_for(tenant_id)
        if self._catalog is not self._fleet.catalog:
            self._catalog = self._fleet.catalog
            self._known.clear()
        known = self._known.get(id(choice))
        if known is None:
            known = self._known[id(choice)] = _read(choice)
        return known


def _read(choice: Choice) -> _Known:
    lines = next((choice.tiers[name].lines for name in TIERS if choice.tiers[name].lines), ())
    windows = [line.route.window_tokens for line in lines if line.route.window_tokens]
    tools = any("tools" in line.route.capabilities for line in lines)
    return _Known(choice, lines, min(windows, default=0), tools)


_UNKNOWN = PromptRoom()

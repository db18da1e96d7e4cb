"""Which tools are offered for whom: the operator's choice for all tenants, or a tenant's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from miaohui.engines.types import CalledFunction, EngineRequest, ToolCall
from miaohui.kit.errors import FieldError, Invalid
from miaohui.kit.ids import new_id
from miaohui.kit.polling import keep_doing
from miaohui.tools.running import Breakers, Running, ToolOptions
from miaohui.tools.toolbox import Tool, ToolBox

if TYPE_CHECKING:
    from miaohui.conversations.types import Conversation
    from miaohui.kit.clock import Clock
    from miaohui.tools.repository import GrantsRepository

_POLL_S = 2.0
_MOST_BOXES = 1_000


class Grants:
    """Finds the tools of a request. A change holds at once in this process, in others within two seconds."""

    def __init__(
        self, tools: Sequence[Tool], clock: Clock, records: GrantsRepository, *, usual: Sequence[str] = ()
    ) -> None:
        """`usual`: names for every tenant without a choice of its own. Raises `Invalid` for a name not known."""
        self._tools = {tool.name: tool for tool in tools}
        self._clock = clock
        self._records = records
        self._usual = self._check(usual)
        self._own: Mapping[str, tuple[str, ...]] = {}
        self._boxes: dict[tuple[tuple[str, ...], tuple[int, ...]], ToolBox] = {}
        self._seen: tuple[int, int] | None = None
        self.may_call: Callable[[str], bool] = lambda _tenant_id: True
        """Whether a tenant's routes speak tools; where they do not, none are offered."""
        self.own_tools: Callable[[str], tuple[Tool, ...]] = lambda _tenant_id: ()
        """Of a tenant's own making, which nobody has to grant; one that is called as one of ours is takes its place."""

    @property
    def known(self) -> Mapping[str, Tool]:
        """Every tool there is, by name."""
        return self._tools

    def box_for(self, request: EngineRequest) -> ToolBox | None:
        """What this request's engine may use; None: it has nothing to choose from."""
        if not request.grounded or request.tainted:
            return None
        own = self.own_tools(request.tenant_id)
        names = self._own.get(request.tenant_id, self._usual)
        if not (names or own) or not self.may_call(request.tenant_id):
            return None
        # Tools live as long as the box that they are in, so that no other can have their places meanwhile.
        key = (names, tuple(map(id, own)))
        box = self._boxes.get(key)
        if box is None:
            if len(self._boxes) >= _MOST_BOXES:
                self._boxes.clear()
            theirs = {tool.name for tool in own}
            box = self._boxes[key] = ToolBox([*(self._tools[name] for name in names if name not in theirs), *own])
        return box

    def all_for(self, tenant_id: str) -> dict[str, Tool]:
        """Every tool that there is for a tenant, by name."""
        return {**self._tools, **{tool.name: tool for tool in self.own_tools(tenant_id)}}

    async def run_for(self, tool: Tool, conversation: Conversation, arguments: Mapping[str, Any]) -> tuple[str, str]:
        """By a person, for a conversation: how it ended, and what it said. What needs an approval has it thereby."""
        allowed = msgspec.structs.replace(tool, risk="low_impact_write" if tool.risk != "read" else "read")
        key = new_id("act")
        request = EngineRequest(
            turn_id=key, tenant_id=conversation.tenant_id, conversation_id=conversation.id, question="", messages=()
        )
        running = Running(ToolBox([allowed]), Breakers(self._clock), ToolOptions(), request)
        written = msgspec.json.encode(arguments).decode()
        (result,) = await running.run([ToolCall(id=key, function=CalledFunction(tool.name, written))])
        return running.take_notes()[-1].outcome, result

    def granted(self, tenant_id: str) -> tuple[str, ...]:
        """Names that hold for this tenant."""
        names = self._own.get(tenant_id, self._usual)
        return tuple(dict.fromkeys((*names, *(tool.name for tool in self.own_tools(tenant_id)))))

    async def grant(self, tenant_id: str, names: Sequence[str]) -> tuple[str, ...]:
        """From now on the tenant's assistant may use these, and no others. Raises `Invalid` for a name not known."""
        chosen = self._check(names)
        await self._records.put(tenant_id, chosen, self._clock.now_ms())
        await self.refresh()
        return chosen

    def _check(self, names: Sequence[str]) -> tuple[str, ...]:
        for place, name in enumerate(names):
            if name not in self._tools:
                known = ", ".join(self._tools)
                raise Invalid(
                    f"No tool is named {name[:64]}; there are {known}.", errors=[FieldError(f"$[{place}]", known)]
                )
        return tuple(name for name in self._tools if name in set(names))

    async def refresh(self) -> None:
        """Read the grants again when any was written."""
        stamp = await self._records.stamp()
        if stamp == self._seen:
            return
        own = await self._records.list_grants()
        # A tool that this version no longer has is no error for those who were granted it.
        self._own = {tenant: tuple(name for name in names if name in self._tools) for tenant, names in own.items()}
        self._seen = stamp

    async def run(self) -> None:
        """Keep reading, until cancelled."""
        await keep_doing(self.refresh, every_s=_POLL_S, failing="tools.grants_unread")

"""Asking for a human: the turn ends with a handoff, in the engine's own words."""

from __future__ import annotations

from typing import get_args

from miaohui.tools.toolbox import Tool
from miaohui.tools.types import Calling, Order


async def _work(order: Order) -> object:
    del order
    return {"done": "A colleague takes over after this answer. Say so in one sentence, and promise no time."}


REQUEST_HUMAN = Tool(
    name="request_human",
    description="Hands the conversation to a human colleague: when the visitor asks for one, is upset, or needs what "
    "you may not or cannot do.",
    parameters={
        "type": "object",
        "properties": {"reason": {"type": "string", "enum": list(get_args(Calling))}},
        "required": ["reason"],
    },
    risk="low_impact_write",
    work=_work,
    calls_human=True,
)

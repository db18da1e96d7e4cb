"""`create_ticket`: work that outlives the conversation, noted by the engine and done by people."""

from __future__ import annotations

from typing import get_args

from miaohui.tools.errors import ToolRefused
from miaohui.tools.ports import Desk
from miaohui.tools.toolbox import Tool
from miaohui.tools.types import Order, Urgency


class LateDesk:
    """See `Desk`. The desk stands above the tools and is there a moment later."""

    def __init__(self) -> None:
        self.desk: Desk | None = None

    async def open_ticket(self, order: Order, subject: str, description: str, urgency: Urgency) -> str:
        if self.desk is None:
            raise ToolRefused("There is no desk for tickets here.")
        return await self.desk.open_ticket(order, subject, description, urgency)


def build_ticket_tool(desk: Desk) -> Tool:
    """The tool."""

    async def work(order: Order) -> object:
        told = order.arguments
        number = await desk.open_ticket(
            order, told["subject"], told.get("description", ""), told.get("priority", "medium")
        )
        return {"ticket": number, "done": "Colleagues look after it. Tell the number, and promise no time."}

    return Tool(
        name="create_ticket",
        description="Notes work that colleagues must do after this conversation, such as a repair or a refund to be "
        "looked into. Only when the visitor agreed to it.",
        parameters={
            "type": "object",
            "properties": {
                "subject": {"type": "string", "minLength": 2, "maxLength": 200},
                "description": {"type": "string", "maxLength": 4000, "description": "What is known so far."},
                "priority": {"type": "string", "enum": list(get_args(Urgency))},
            },
            "required": ["subject"],
        },
        risk="low_impact_write",
        work=work,
    )

"""What day and time it is where the visitor is: an engine only knows when it was trained."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from miaohui.kit.clock import Clock
from miaohui.tools.errors import ToolRefused
from miaohui.tools.toolbox import Tool
from miaohui.tools.types import Order


def build_now(clock: Clock, *, zone: str = "Asia/Shanghai") -> Tool:
    """The tool; `zone` is meant when none is named."""

    async def work(order: Order) -> object:
        name = order.arguments.get("zone", zone)
        try:
            there = ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ToolRefused(f"There is no time zone {name[:64]}.") from None
        at = datetime.fromtimestamp(clock.now_ms() / 1000, UTC).astimezone(there)
        return {"time": at.isoformat(timespec="seconds"), "weekday": at.strftime("%A"), "zone": name}

    return Tool(
        name="now",
        description="The present date, time and weekday.",
        parameters={
            "type": "object",
            "properties": {"zone": {"type": "string", "description": "IANA name, such as Asia/Shanghai."}},
        },
        risk="read",
        work=work,
    )

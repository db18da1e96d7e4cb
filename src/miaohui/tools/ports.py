"""The port behind which a tool does its work."""

from __future__ import annotations

from typing import Protocol

from miaohui.tools.types import Order


class Work(Protocol):
    """What a tool does."""

    async def __call__(self, order: Order) -> object:
        """The result, of anything JSON can hold. Raises `ToolRefused`; other errors count against the tool."""
        ...

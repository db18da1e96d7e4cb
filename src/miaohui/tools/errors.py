"""What a tool may say instead of a result. No visitor hears of it; the engine does.

ToolRefused    the tool understood and says no: division by zero, no such order
"""

from __future__ import annotations


class ToolRefused(Exception):
    """The tool says no; the message is for the engine."""

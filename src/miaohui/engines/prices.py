"""What an attempt cost. Pure: integers in, integers out."""

from __future__ import annotations

from miaohui.engines.routes import Route
from miaohui.engines.types import Usage

_MILLION = 1_000_000


def cost_micro(route: Route, usage: Usage) -> int:
    """Millionths of a currency unit, rounded half up."""
    cached = min(usage.cached_tokens, usage.input_tokens) if route.price_cached is not None else 0
    total = (usage.input_tokens - cached) * route.price_in + usage.output_tokens * route.price_out
    return (total + cached * (route.price_cached or 0) + _MILLION // 2) // _MILLION

"""Where a principal stands against its limit, as response headers.

`RateLimit` and `RateLimit-Policy` as in draft-ietf-httpapi-ratelimit-headers, and the older `X-RateLimit-*` trio.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from miaohui.guard.types import Limit


def headers_of(limits: list[Limit]) -> dict[str, str]:
    """The five headers, of the limit that leaves the fewest messages; times are seconds from now."""
    if not limits:
        return {}
    limit = min(limits, key=lambda one: one.remaining)
    missing = limit.limit - limit.remaining
    reset = ceil(limit.retry_after_s or (missing * limit.window_s / limit.limit if limit.limit else 0))
    return {
        "ratelimit-policy": f'"{limit.name}";q={limit.limit};w={limit.window_s}',
        "ratelimit": f'"{limit.name}";r={limit.remaining};t={reset}',
        "x-ratelimit-limit": str(limit.limit),
        "x-ratelimit-remaining": str(limit.remaining),
        "x-ratelimit-reset": str(reset),
    }

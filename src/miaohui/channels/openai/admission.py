"""Whether a client of this door may ask now, by what it asked within the last minute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from miaohui.channels.rates import headers_of
from miaohui.kit.errors import Throttled

if TYPE_CHECKING:
    from miaohui.guard.service import Guard
    from miaohui.identity.types import Principal


async def admit(guard: Guard, principal: Principal, headers: dict[str, str]) -> None:
    """Count one request, and put where the client stands into `headers`, also when it is refused.

    Raises `Throttled` with the seconds to wait.
    """
    limits = await guard.admit(principal)
    headers.update(headers_of(limits))
    for limit in limits:
        if not limit.allowed:
            detail = f"More than {limit.limit} requests in {limit.window_s} s. Wait a moment."
            raise Throttled(detail, retry_after_s=limit.retry_after_s)

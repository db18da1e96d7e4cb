"""The bounds of turns; each is a setting."""

from __future__ import annotations

import msgspec


class TurnBounds(msgspec.Struct, frozen=True, kw_only=True):
    """How much, how long."""

    message_bytes: int = 16_384
    running: int = 5_000
    """Turns at once on this node."""
    backlog: int = 10
    """Turns in line in one conversation."""
    lag_s: float = 0.5
    """Lateness of the event loop over which new messages are refused, so that those accepted end in time."""
    turn_s: float = 60.0
    lease_ms: int = 15_000

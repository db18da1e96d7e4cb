"""Every place where the sweep kills the server, and how often the provider may be asked when it was killed there.

One row per registered place; a test fails when a place is registered and not here, or here and not registered.
"""

from __future__ import annotations

from typing import NamedTuple

import miaohui.app
import miaohui.kit.sqlite
import miaohui.wiring

__all__ = ["PIECES", "POINTS", "Point", "miaohui"]


class Point(NamedTuple):
    """`most_calls`: requests to the provider over both lives of the server."""

    most_calls: int


POINTS = {
    "send.received": Point(1),
    "accept.admitted": Point(1),
    "accept.before_commit": Point(1),
    "records.before_commit": Point(1),
    "records.after_commit": Point(1),
    "accept.committed": Point(1),
    "accept.told": Point(1),
    "send.acked": Point(2),
    "turn.claimed": Point(1),
    "turn.retrieved": Point(1),
    "engine.asked": Point(2),
    "stream.piece": Point(2),
    "answer.before_commit": Point(2),
    "answer.committed": Point(1),
    "answer.shown": Point(1),
    "outbox.before_send": Point(2),
    "outbox.sent": Point(2),
}

PIECES = {"stream.piece": (1, 2, 3)}
"""For a place that is reached often: at which times."""

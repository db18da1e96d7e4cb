"""A delivery, told as a span of the turn that its event is about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from miaohui.kit.tracing import Span, span_of, trace_of

if TYPE_CHECKING:
    from miaohui.webhooks.types import Delivery, Settling

_TURN = re.compile(r'"turn_id":"(turn_[0-9A-Z]{26})"')
"""Inside a JSON string the quotes would be escaped: no visitor's words are taken for it."""


def subject_of(delivery: Delivery) -> str:
    """The turn that the event is about; the event itself when there is none."""
    found = _TURN.search(delivery.payload)
    return found[1] if found else delivery.event_id


def span_of_delivery(delivery: Delivery, settling: Settling) -> Span:
    """One attempt to deliver."""
    subject = subject_of(delivery)
    return Span(
        trace=trace_of(subject),
        id=span_of(delivery.event_id, str(delivery.attempts)),
        parent=span_of(subject) if subject != delivery.event_id else "",
        name="webhook",
        kind="client",
        began_ms=settling.now_ms - settling.took_ms,
        took_ms=settling.took_ms,
        facts={
            "miaohui.event": delivery.type,
            "miaohui.endpoint": delivery.endpoint_id,
            "miaohui.outcome": settling.outcome,
            "http.response.status_code": settling.answer.status,
        },
        failed=settling.outcome != "sent",
    )

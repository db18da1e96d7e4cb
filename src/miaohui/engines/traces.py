"""An attempt's entry in the ledger, told as a span; names as in OpenTelemetry's conventions for generative AI."""

from __future__ import annotations

from typing import TYPE_CHECKING

from miaohui.kit.tracing import Span, span_of, trace_of

if TYPE_CHECKING:
    from miaohui.engines.ledger import AttemptEntry


def span_of_attempt(entry: AttemptEntry) -> Span:
    """What one route was asked in a turn, and what came of it."""
    return Span(
        trace=trace_of(entry.turn_id),
        id=span_of(entry.id),
        parent=span_of(entry.turn_id, "engine"),
        name=f"attempt {entry.number}",
        kind="client",
        began_ms=entry.started_at_ms,
        took_ms=entry.took_ms,
        facts={
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": entry.provider,
            "gen_ai.request.model": entry.model,
            "gen_ai.usage.input_tokens": entry.input_tokens,
            "gen_ai.usage.output_tokens": entry.output_tokens,
            "miaohui.route": entry.route,
            "miaohui.outcome": entry.outcome,
            "miaohui.first_content_ms": entry.first_content_ms,
            "error.type": entry.code,
        },
        failed=bool(entry.failure),
    )

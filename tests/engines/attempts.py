"""One attempt, as the ledger has it; tests change what they are about."""

from __future__ import annotations

from miaohui.engines.ledger import AttemptEntry

ENTRY = AttemptEntry(
    id="att_1",
    tenant_id="tnt_1",
    turn_id="turn_1",
    conversation_id="conv_1",
    number=1,
    route="official",
    provider="openai",
    model="large",
    key_id="a",
    outcome="winner",
    failure="",
    code="",
    input_tokens=100,
    output_tokens=20,
    cached_tokens=1,
    reasoning_tokens=0,
    source="reported",
    price_version="v1",
    cost_micro=31,
    first_content_ms=400,
    took_ms=900,
    started_at_ms=1000,
)

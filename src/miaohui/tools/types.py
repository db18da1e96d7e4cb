"""What a tool is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import msgspec

Calling: TypeAlias = Literal[
    "customer_request", "missing_knowledge", "unsupported_request", "policy_restriction", "sentiment"
]
"""Why an engine may ask for a human."""
Risk: TypeAlias = Literal["read", "low_impact_write", "approval_required"]
"""A read may run beside others and again; a write runs alone and once; what needs an approval is done by a person."""


Urgency: TypeAlias = Literal["low", "medium", "high", "urgent"]
"""Of a ticket."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One call, checked against the tool's schema."""

    tenant_id: str
    conversation_id: str
    turn_id: str
    key: str
    """`turn_id:step`, the same when the turn is begun again: what was done under it is not done twice."""
    arguments: Mapping[str, Any]

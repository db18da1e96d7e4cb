"""Which tools each tenant's assistant may use."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String, Table, Text

from miaohui.kit.database import metadata

tool_grants = Table(
    "tool_grants",
    metadata,
    Column("tenant_id", String(40), primary_key=True),
    # Names, as a JSON list.
    Column("names", Text, nullable=False),
    Column("updated_at_ms", BigInteger, nullable=False),
)

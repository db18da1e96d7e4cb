"""Words that companies list for themselves."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text

from miaohui.kit.database import metadata

guard_words = Table(
    "guard_words",
    metadata,
    Column("tenant_id", String(40), primary_key=True),
    # `OwnWords` in JSON.
    Column("body", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at_ms", BigInteger, nullable=False),
)

"""What is known of contacts beyond one conversation."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, LargeBinary, String, Table, Text, UniqueConstraint

from miaohui.kit.database import metadata

FACTS = Table(
    "contact_facts",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("contact_id", String(40), nullable=False),
    Column("text", Text, nullable=False),
    Column("state", String(12), nullable=False),
    Column("conversation_id", String(40), nullable=False),
    Column("said_at_ms", BigInteger, nullable=False),
    Column("vector", LargeBinary, nullable=False),
    UniqueConstraint("tenant_id", "contact_id", "text"),
)

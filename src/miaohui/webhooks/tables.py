"""Who is told, and what is still to be told."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from miaohui.kit.database import metadata

webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("url", String(2048), nullable=False),
    Column("secret", String(128), nullable=False),
    Column("events", Text, nullable=False, server_default=""),
    Column("enabled", Integer, nullable=False, server_default="1"),
    Column("disabled_reason", String(64), nullable=False, server_default=""),
    Column("created_at_ms", BigInteger, nullable=False),
    Index("ix_webhook_endpoints_tenant", "tenant_id", "enabled"),
)

outbox = Table(
    "outbox",
    metadata,
    # Writes of one conversation commit in order, so within it these numbers are in order too.
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("event_id", String(40), nullable=False),
    Column("tenant_id", String(40), nullable=False),
    Column("endpoint_id", String(40), nullable=False),
    Column("conversation_id", String(40), nullable=False),
    Column("type", String(64), nullable=False),
    Column("payload", Text, nullable=False),
    Column("state", String(8), nullable=False, server_default="pending"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at_ms", BigInteger, nullable=False),
    Column("claimed_at_ms", BigInteger, nullable=False, server_default="0"),
    Column("last_error", String(200), nullable=False, server_default=""),
    Column("created_at_ms", BigInteger, nullable=False),
    Index("ix_outbox_due", "state", "due_at_ms"),
    Index("ix_outbox_order", "endpoint_id", "conversation_id", "state", "id"),
)

"""Who is told, what is still to be told, and how each attempt went."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from miaohui.kit.database import metadata

webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("url", String(2048), nullable=False),
    # Sealed. What an older version left here in plain words is sealed at the next start.
    Column("secret", String(128), nullable=False),
    Column("events", Text, nullable=False, server_default=""),
    Column("enabled", Integer, nullable=False, server_default="1"),
    Column("disabled_reason", String(64), nullable=False, server_default=""),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("description", String(200), nullable=False, server_default=""),
    Column("previous_secret", String(128), nullable=False, server_default=""),
    Column("previous_until_ms", BigInteger, nullable=False, server_default="0"),
    Column("failing_since_ms", BigInteger, nullable=False, server_default="0"),
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
    # 0 is at once, whatever any clock says.
    Column("due_at_ms", BigInteger, nullable=False),
    Column("claimed_at_ms", BigInteger, nullable=False, server_default="0"),
    Column("last_error", String(200), nullable=False, server_default=""),
    Column("created_at_ms", BigInteger, nullable=False),
    Index("ix_outbox_due", "state", "due_at_ms"),
    Index("ix_outbox_order", "endpoint_id", "conversation_id", "state", "id"),
)

webhook_attempts = Table(
    "webhook_attempts",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("endpoint_id", String(40), nullable=False),
    Column("event_id", String(40), nullable=False),
    Column("type", String(64), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("outcome", String(8), nullable=False),
    Column("status", Integer, nullable=False),
    Column("error", String(200), nullable=False, server_default=""),
    Column("took_ms", Integer, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Index("ix_webhook_attempts_log", "endpoint_id", "at_ms", "id"),
    Index("ix_webhook_attempts_age", "at_ms"),
)

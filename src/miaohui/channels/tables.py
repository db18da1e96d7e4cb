"""What was answered to a request that may come again."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, String, Table

from miaohui.kit.database import metadata

idempotency = Table(
    "idempotency",
    metadata,
    Column("tenant_id", String(40), nullable=False),
    Column("principal", String(64), nullable=False),
    Column("key", String(64), nullable=False),
    Column("request_hash", String(64), nullable=False),
    Column("status", Integer, nullable=False, server_default="0"),
    Column("answer", LargeBinary, nullable=True),
    Column("created_at_ms", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "principal", "key"),
    Index("ix_idempotency_age", "created_at_ms"),
)

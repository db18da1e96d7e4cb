"""Inboxes."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text, UniqueConstraint

from miaohui.kit.database import metadata

inboxes = Table(
    "inboxes",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("name", String(200), nullable=False),
    Column("site_key", String(64), nullable=False),
    Column("secret", String(128), nullable=False),
    Column("allowed_origins", Text, nullable=False, server_default="[]"),
    Column("assistant", Text, nullable=False, server_default="{}"),
    Column("locale", String(16), nullable=False),
    Column("pictures", Integer, nullable=False, server_default="1"),
    Column("files", Integer, nullable=False, server_default="1"),
    Column("pages", Integer, nullable=False, server_default="1"),
    Column("created_at_ms", BigInteger, nullable=False),
    UniqueConstraint("site_key"),
    Index("ix_inboxes_tenant", "tenant_id", "created_at_ms"),
)

inbox_hours = Table(
    "inbox_hours",
    metadata,
    Column("inbox_id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("hours", Text, nullable=False),
    Column("updated_at_ms", BigInteger, nullable=False),
)

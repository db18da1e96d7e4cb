"""Tenants."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text, UniqueConstraint

from miaohui.kit.database import metadata

tenants = Table(
    "tenants",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("slug", String(64), nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    UniqueConstraint("slug"),
)

company_limits = Table(
    "company_limits",
    metadata,
    Column("tenant_id", String(40), primary_key=True),
    # `OwnLimits` in JSON.
    Column("body", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at_ms", BigInteger, nullable=False),
)

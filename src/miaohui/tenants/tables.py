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

tenant_standings = Table(
    "tenant_standings",
    metadata,
    # Outlives the tenant, so that tokens from before its end never hold again.
    Column("tenant_id", String(40), primary_key=True),
    # `Standing` in JSON.
    Column("body", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at_ms", BigInteger, nullable=False),
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

"""Tenants."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String, Table, UniqueConstraint

from miaohui.kit.database import metadata
from miaohui.kit.versioned import versioned_table

tenants = Table(
    "tenants",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("slug", String(64), nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    UniqueConstraint("slug"),
)

tenant_standings = versioned_table("tenant_standings")
"""Of `Standing`; a row outlives the tenant, so that tokens from before its end never hold again."""
company_limits = versioned_table("company_limits")
"""Of `OwnLimits`."""

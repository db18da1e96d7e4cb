"""People, their places in tenants, their logins, and API keys."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from miaohui.kit.database import metadata

people = Table(
    "people",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("email", String(254), nullable=False),
    Column("name", String(200), nullable=False),
    Column("password_hash", String(256), nullable=False),
    Column("active", Integer, nullable=False, server_default="1"),
    # Access tokens issued before this moment do not hold: a changed password ends every login.
    Column("sessions_from_ms", BigInteger, nullable=False, server_default="0"),
    Column("created_at_ms", BigInteger, nullable=False),
    UniqueConstraint("email"),
)

memberships = Table(
    "memberships",
    metadata,
    Column("tenant_id", String(40), primary_key=True),
    Column("person_id", String(40), ForeignKey("people.id"), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Index("ix_memberships_person", "person_id", "created_at_ms"),
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("digest", String(64), primary_key=True),
    # All that follow from one login; when one is used twice, the whole family ends.
    Column("family", String(40), nullable=False),
    Column("tenant_id", String(40), nullable=False),
    Column("person_id", String(40), ForeignKey("people.id"), nullable=False),
    Column("expires_at_ms", BigInteger, nullable=False),
    Column("used_at_ms", BigInteger, nullable=False, server_default="0"),
    Column("revoked_at_ms", BigInteger, nullable=False, server_default="0"),
    Index("ix_refresh_tokens_family", "family"),
    Index("ix_refresh_tokens_person", "person_id"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("name", String(200), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("hint", String(32), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("last_used_at_ms", BigInteger, nullable=False, server_default="0"),
    Column("revoked_at_ms", BigInteger, nullable=False, server_default="0"),
    UniqueConstraint("digest"),
    Index("ix_api_keys_tenant", "tenant_id", "created_at_ms"),
)

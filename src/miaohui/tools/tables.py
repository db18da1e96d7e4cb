"""Which tools each tenant's assistant may use, and what they stand on: prices, connectors, proofs of identity."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text

from miaohui.kit.database import metadata

tool_grants = Table(
    "tool_grants",
    metadata,
    Column("tenant_id", String(40), primary_key=True),
    # Names, as a JSON list.
    Column("names", Text, nullable=False),
    Column("updated_at_ms", BigInteger, nullable=False),
)

PRICE_LISTS = Table(
    "price_lists",
    metadata,
    Column("tenant_id", String(40), primary_key=True),
    # A `PriceList` in JSON.
    Column("body", Text, nullable=False),
    Column("updated_at_ms", BigInteger, nullable=False),
)

CONNECTORS = Table(
    "connectors",
    metadata,
    Column("tenant_id", String(40), primary_key=True),
    Column("name", String(40), primary_key=True),
    # A `Connector` in JSON, without its secret.
    Column("body", Text, nullable=False),
    # Sealed; empty for none.
    Column("secret", Text, nullable=False),
    Column("updated_at_ms", BigInteger, nullable=False),
)

IDENTITY_CHECKS = Table(
    "identity_checks",
    metadata,
    Column("conversation_id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("owner", String(128), nullable=False),
    Column("code_hash", String(64), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("sent", Integer, nullable=False),
    Column("first_sent_at_ms", BigInteger, nullable=False),
    Column("expires_at_ms", BigInteger, nullable=False),
    Column("verified_owner", String(128), nullable=False),
    Column("verified_until_ms", BigInteger, nullable=False),
)

"""Routes that are kept in the records, and the ledger of attempts."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from miaohui.kit.database import metadata

engine_routes = Table(
    "engine_routes",
    metadata,
    # Empty: of all tenants.
    Column("tenant_id", String(40), primary_key=True),
    Column("name", String(64), primary_key=True),
    # The fields of `routes.Route` that it sets, as JSON; keys are in it, so these rows are as secret as the keys.
    Column("described", Text, nullable=False),
    Column("updated_at_ms", BigInteger, nullable=False),
)

engine_catalog = Table(
    "engine_catalog",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    # Raised by every change of a route, in the same transaction.
    Column("version", BigInteger, nullable=False),
)

engine_attempts = Table(
    "engine_attempts",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("turn_id", String(64), nullable=False),
    Column("conversation_id", String(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("route", String(64), nullable=False),
    Column("provider", String(32), nullable=False),
    Column("model", String(200), nullable=False),
    Column("key_id", String(64), nullable=False),
    Column("outcome", String(12), nullable=False),
    Column("failure", String(16), nullable=False),
    Column("code", String(64), nullable=False),
    Column("input_tokens", BigInteger, nullable=False),
    Column("output_tokens", BigInteger, nullable=False),
    Column("cached_tokens", BigInteger, nullable=False),
    Column("reasoning_tokens", BigInteger, nullable=False),
    Column("source", String(10), nullable=False),
    Column("price_version", String(64), nullable=False),
    Column("cost_micro", BigInteger, nullable=False),
    Column("first_content_ms", Integer, nullable=False),
    Column("took_ms", Integer, nullable=False),
    Column("started_at_ms", BigInteger, nullable=False),
    Index("ix_engine_attempts_tenant", "tenant_id", "started_at_ms"),
    Index("ix_engine_attempts_turn", "turn_id"),
    Index("ix_engine_attempts_started", "started_at_ms"),
)

# What attempts came to that began on one day, altogether, on one node: nobody writes another's row, and writing it
# again changes nothing.
engine_spent = Table(
    "engine_spent",
    metadata,
    Column("tenant_id", String(40), primary_key=True),
    # Days since 1970-01-01, UTC.
    Column("day", Integer, primary_key=True, autoincrement=False),
    # A process, from its start to its end.
    Column("node", String(40), primary_key=True),
    Column("cost_micro", BigInteger, nullable=False),
    Index("ix_engine_spent_day", "day"),
)

# What attempts came to that are no longer kept one by one.
engine_days = Table(
    "engine_days",
    metadata,
    Column("tenant_id", String(40), primary_key=True),
    # Days since 1970-01-01, UTC.
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("route", String(64), primary_key=True),
    Column("outcome", String(12), primary_key=True),
    Column("price_version", String(64), primary_key=True),
    Column("attempts", BigInteger, nullable=False),
    Column("input_tokens", BigInteger, nullable=False),
    Column("output_tokens", BigInteger, nullable=False),
    Column("cached_tokens", BigInteger, nullable=False),
    Column("reasoning_tokens", BigInteger, nullable=False),
    Column("cost_micro", BigInteger, nullable=False),
)

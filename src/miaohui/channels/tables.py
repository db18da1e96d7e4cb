"""What was answered to a request that may come again; doors of others' make, and how far each thread was told."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

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

channel_accounts = Table(
    "channel_accounts",
    metadata,
    Column("inbox_id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("channel", String(16), nullable=False),
    # The vendor's id of the account: one account stands behind one inbox only.
    Column("public_id", String(128), nullable=False),
    Column("sealed", Text, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("updated_at_ms", BigInteger, nullable=False),
    UniqueConstraint("channel", "public_id"),
    Index("ix_channel_accounts_tenant", "tenant_id", "created_at_ms"),
)

channel_threads = Table(
    "channel_threads",
    metadata,
    Column("inbox_id", String(40), primary_key=True),
    Column("address", String(255), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("contact_id", String(40), nullable=False),
    Column("conversation_id", String(64), nullable=False),
    # Messages of a conversation are numbered without a gap, so this one number says what is still to be told.
    Column("told_seq", BigInteger, nullable=False, server_default="0"),
    Column("told_part", Integer, nullable=False, server_default="0"),
    Column("window_until_ms", BigInteger, nullable=False, server_default="0"),
    Column("window_left", Integer, nullable=False, server_default="0"),
    Column("busy_until_ms", BigInteger, nullable=False, server_default="0"),
    UniqueConstraint("conversation_id"),
)

channel_heard = Table(
    "channel_heard",
    metadata,
    Column("inbox_id", String(40), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("answer", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Index("ix_channel_heard_at", "at_ms"),
)

channel_tokens = Table(
    "channel_tokens",
    metadata,
    Column("inbox_id", String(40), primary_key=True),
    Column("sealed", Text, nullable=False, server_default=""),
    Column("version", BigInteger, nullable=False, server_default="0"),
    Column("expires_at_ms", BigInteger, nullable=False, server_default="0"),
    Column("lease_until_ms", BigInteger, nullable=False, server_default="0"),
    Column("forced_at_ms", BigInteger, nullable=False, server_default="0"),
    Column("forced_day", BigInteger, nullable=False, server_default="0"),
    Column("forced_count", Integer, nullable=False, server_default="0"),
)

channel_sendings = Table(
    "channel_sendings",
    metadata,
    Column("conversation_id", String(64), primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("inbox_id", String(40), nullable=False),
    Column("tenant_id", String(40), nullable=False),
    Column("state", String(16), nullable=False),
    Column("detail", String(64), nullable=False, server_default=""),
    Column("at_ms", BigInteger, nullable=False),
    Index("ix_channel_sendings_state", "state", "at_ms"),
)

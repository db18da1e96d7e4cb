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

channel_media = Table(
    "channel_media",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("inbox_id", String(40), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("source", Text, nullable=False),
    Column("state", String(8), nullable=False, server_default="pending"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("type", String(64), nullable=False, server_default=""),
    Column("name", String(200), nullable=False, server_default=""),
    Column("sender_id", String(64), nullable=False, server_default=""),
    Column("digest", String(64), nullable=False, server_default=""),
    Column("size_bytes", BigInteger, nullable=False, server_default="0"),
    Column("created_at_ms", BigInteger, nullable=False),
    Index("ix_channel_media_age", "created_at_ms"),
    Index("ix_channel_media_state", "state", "created_at_ms"),
    Index("ix_channel_media_sender", "tenant_id", "sender_id"),
    Index("ix_channel_media_digest", "tenant_id", "digest"),
)

channel_media_parts = Table(
    "channel_media_parts",
    metadata,
    # A file's bytes, once for each company that has it, in parts: short writes, and no more read than is asked for.
    Column("tenant_id", String(40), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("at_bytes", Integer, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

channel_tickets = Table(
    "channel_tickets",
    metadata,
    Column("nonce", String(40), primary_key=True),
    Column("uses", Integer, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
    Index("ix_channel_tickets_until", "until_ms"),
)

channel_cursors = Table(
    "channel_cursors",
    metadata,
    # How far an inbox that is asked, not told, was read; and which process reads it until when.
    Column("inbox_id", String(40), primary_key=True),
    Column("position", String(512), nullable=False, server_default=""),
    Column("owner", String(40), nullable=False, server_default=""),
    Column("lease_until_ms", BigInteger, nullable=False, server_default="0"),
)

channel_letters = Table(
    "channel_letters",
    metadata,
    # E-mail: which message of which conversation went out, or came in, under which Message-ID.
    Column("inbox_id", String(40), primary_key=True),
    Column("letter_id", String(255), primary_key=True),
    Column("address", String(255), nullable=False),
    Column("subject", String(255), nullable=False, server_default=""),
    Column("at_ms", BigInteger, nullable=False),
    Index("ix_channel_letters_address", "inbox_id", "address", "at_ms"),
)

alert_robots = Table(
    "alert_robots",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("name", String(100), nullable=False, server_default=""),
    # Address and signing secret: whoever has them speaks in the company's group.
    Column("sealed", Text, nullable=False),
    Column("codes", Text, nullable=False, server_default=""),
    Column("enabled", Integer, nullable=False, server_default="1"),
    Column("last_error", String(200), nullable=False, server_default=""),
    Column("created_at_ms", BigInteger, nullable=False),
    Index("ix_alert_robots_tenant", "tenant_id"),
)

"""Conversations, messages and turns."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text, UniqueConstraint, text

from miaohui.kit.database import metadata

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("inbox_id", String(40), nullable=False),
    Column("contact_id", String(40), nullable=False),
    Column("contact_name", String(200), nullable=False, server_default=""),
    Column("status", String(12), nullable=False),
    Column("ownership_epoch", Integer, nullable=False, server_default="1"),
    Column("assignee_id", String(40), nullable=False, server_default=""),
    Column("handoff_reason", String(32), nullable=False, server_default=""),
    Column("waiting_since_ms", BigInteger, nullable=False, server_default="0"),
    Column("queued_at_ms", BigInteger, nullable=False, server_default="0"),
    Column("team_id", String(40), nullable=False, server_default=""),
    Column("priority", String(8), nullable=False, server_default=""),
    Column("labels", Text, nullable=False, server_default="[]"),
    Column("snoozed_until_ms", BigInteger, nullable=False, server_default="0"),
    # A blocked contact's words are refused by the statement that would store them.
    Column("blocked", Integer, nullable=False, server_default="0"),
    Column("last_seq", BigInteger, nullable=False, server_default="0"),
    Column("preview", String(120), nullable=False, server_default=""),
    Column("seen_by_contact", BigInteger, nullable=False, server_default="0"),
    Column("seen_by_agent", BigInteger, nullable=False, server_default="0"),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("updated_at_ms", BigInteger, nullable=False),
    Index("ix_conversations_feed", "tenant_id", "updated_at_ms", "id"),
    Index("ix_conversations_contact", "tenant_id", "contact_id", "created_at_ms"),
    Index("ix_conversations_assignee", "tenant_id", "assignee_id", "status"),
    Index(
        "ix_conversations_queue",
        "tenant_id",
        "queued_at_ms",
        sqlite_where=text("status = 'open' AND assignee_id = ''"),
    ),
    Index(
        "ix_conversations_snoozed",
        "snoozed_until_ms",
        sqlite_where=text("status = 'snoozed'"),
    ),
)

messages = Table(
    "messages",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("conversation_id", String(40), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("sender", String(12), nullable=False),
    Column("sender_id", String(40), nullable=False),
    Column("sender_name", String(200), nullable=False, server_default=""),
    Column("kind", String(12), nullable=False),
    Column("text", Text, nullable=False),
    Column("citations", Text, nullable=False, server_default="[]"),
    Column("turn_id", String(40), nullable=False, server_default=""),
    Column("final", Integer, nullable=False, server_default="0"),
    Column("principal", String(64), nullable=False, server_default=""),
    Column("cmid", String(64), nullable=True),
    Column("body_hash", String(64), nullable=False, server_default=""),
    Column("rating", Integer, nullable=False, server_default="0"),
    # What the agent wrote, where `text` is a translation of it.
    Column("original", Text, nullable=False, server_default=""),
    Column("created_at_ms", BigInteger, nullable=False),
    UniqueConstraint("conversation_id", "seq"),
    UniqueConstraint("tenant_id", "conversation_id", "principal", "cmid"),
    Index(
        "uq_messages_final",
        "turn_id",
        unique=True,
        sqlite_where=text("final = 1"),
    ),
)

turns = Table(
    "turns",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("conversation_id", String(40), nullable=False),
    Column("message_id", String(40), nullable=False),
    Column("state", String(12), nullable=False),
    Column("reason", String(40), nullable=False, server_default=""),
    Column("attempt", Integer, nullable=False, server_default="1"),
    Column("fence", Integer, nullable=False, server_default="1"),
    Column("lease_owner", String(40), nullable=False),
    Column("lease_until_ms", BigInteger, nullable=False),
    Column("ownership_epoch", Integer, nullable=False),
    Column("knowledge_version", Integer, nullable=False, server_default="0"),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("ended_at_ms", BigInteger, nullable=False, server_default="0"),
    Index(
        "ix_turns_running",
        "lease_until_ms",
        sqlite_where=text("state = 'running'"),
    ),
    Index("ix_turns_conversation", "conversation_id"),
)

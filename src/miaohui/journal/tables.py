"""The journal of turns, and the audit of administrative acts; rows are only ever added."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, String, Table, Text

from miaohui.kit.database import metadata

journal_turns = Table(
    "journal_turns",
    metadata,
    Column("turn_id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("conversation_id", String(40), nullable=False),
    Column("started_at_ms", BigInteger, nullable=False),
    Column("ended_at_ms", BigInteger, nullable=False),
    Column("outcome", String(24), nullable=False),
    Column("entry", Text, nullable=False),
    Index("ix_journal_turns_time", "tenant_id", "started_at_ms"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("actor_name", String(200), nullable=False, server_default=""),
    Column("act", String(64), nullable=False),
    Column("subject", String(128), nullable=False, server_default=""),
    Column("detail", Text, nullable=False, server_default="{}"),
    Index("ix_audit_time", "tenant_id", "at_ms", "id"),
)

audit_chain = Table(
    "audit_chain",
    metadata,
    Column("tenant_id", String(40), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("subject", String(40), nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index("ix_audit_chain_subject", "tenant_id", "subject", "last"),
)

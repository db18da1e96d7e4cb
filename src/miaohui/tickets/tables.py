"""Tickets, what happened to them, and what opens them by itself."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text, UniqueConstraint

from miaohui.kit.database import metadata

tickets = Table(
    "tickets",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("number", Integer, nullable=False),
    Column("subject", String(200), nullable=False),
    Column("description", Text, nullable=False, server_default=""),
    Column("status", String(12), nullable=False),
    Column("priority", String(8), nullable=False),
    Column("category", String(40), nullable=False, server_default=""),
    Column("conversation_id", String(40), nullable=False, server_default=""),
    Column("contact_id", String(40), nullable=False, server_default=""),
    Column("inbox_id", String(40), nullable=False, server_default=""),
    Column("assignee_id", String(40), nullable=False, server_default=""),
    Column("team_id", String(40), nullable=False, server_default=""),
    Column("opened_by", String(64), nullable=False),
    # NULL unless a rule opened it: a rule opens one ticket for one conversation.
    Column("rule_id", String(40), nullable=True),
    Column("due_at_ms", BigInteger, nullable=False, server_default="0"),
    # Working time that was left when the clock was stopped.
    Column("left_ms", BigInteger, nullable=False, server_default="0"),
    Column("follow_up_at_ms", BigInteger, nullable=False, server_default="0"),
    Column("follow_up_text", Text, nullable=False, server_default=""),
    Column("follow_up_by", String(40), nullable=False, server_default=""),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("updated_at_ms", BigInteger, nullable=False),
    Column("closed_at_ms", BigInteger, nullable=False, server_default="0"),
    UniqueConstraint("tenant_id", "number"),
    UniqueConstraint("tenant_id", "rule_id", "conversation_id"),
    Index("ix_tickets_feed", "tenant_id", "updated_at_ms", "id"),
    Index("ix_tickets_conversation", "tenant_id", "conversation_id"),
    Index("ix_tickets_follow_up", "follow_up_at_ms"),
)

ticket_events = Table(
    "ticket_events",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("ticket_id", String(40), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("actor_name", String(200), nullable=False, server_default=""),
    Column("kind", String(24), nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
    Index("ix_ticket_events_ticket", "tenant_id", "ticket_id", "at_ms"),
)

ticket_rules = Table(
    "ticket_rules",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("name", String(100), nullable=False),
    # What a conversation must have; empty asks for nothing.
    Column("handoff_reason", String(32), nullable=False, server_default=""),
    Column("label", String(40), nullable=False, server_default=""),
    Column("subject", String(200), nullable=False),
    Column("priority", String(8), nullable=False),
    Column("category", String(40), nullable=False, server_default=""),
    Column("team_id", String(40), nullable=False, server_default=""),
    Column("created_at_ms", BigInteger, nullable=False),
    Index("ix_ticket_rules_tenant", "tenant_id", "created_at_ms"),
)

ticket_targets = Table(
    "ticket_targets",
    metadata,
    Column("tenant_id", String(40), primary_key=True),
    Column("priority", String(8), primary_key=True),
    Column("due_minutes", Integer, nullable=False),
)

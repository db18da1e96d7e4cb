"""Teams, agents at the desk, places in the queue, stints of service, canned replies and mentions.

Who waits and who serves stands in `conversations` alone; what is here may be lost without anybody being forgotten.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text, UniqueConstraint

from miaohui.kit.database import metadata

desk_teams = Table(
    "desk_teams",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("name", String(100), nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    UniqueConstraint("tenant_id", "name"),
)

desk_members = Table(
    "desk_members",
    metadata,
    Column("team_id", String(40), primary_key=True),
    Column("person_id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Index("ix_desk_members_person", "tenant_id", "person_id"),
)

desk_agents = Table(
    "desk_agents",
    metadata,
    Column("tenant_id", String(40), primary_key=True),
    Column("person_id", String(40), primary_key=True),
    # As the agent chose it; `gone` says that nothing was heard from them for too long.
    Column("state", String(8), nullable=False, server_default="offline"),
    Column("gone", Integer, nullable=False, server_default="0"),
    Column("capacity", Integer, nullable=False, server_default="5"),
    Column("skills", Text, nullable=False, server_default="[]"),
    Column("languages", Text, nullable=False, server_default="[]"),
    Column("seen_at_ms", BigInteger, nullable=False, server_default="0"),
    Column("assigned_at_ms", BigInteger, nullable=False, server_default="0"),
    Column("changed_at_ms", BigInteger, nullable=False, server_default="0"),
    Index("ix_desk_agents_state", "state", "gone", "seen_at_ms"),
)

desk_inboxes = Table(
    "desk_inboxes",
    metadata,
    Column("inbox_id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("team_id", String(40), nullable=False, server_default=""),
    Column("skills", Text, nullable=False, server_default="[]"),
    Column("strategy", String(12), nullable=False, server_default="round_robin"),
    Index("ix_desk_inboxes_tenant", "tenant_id"),
)

desk_places = Table(
    "desk_places",
    metadata,
    Column("conversation_id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    # Of which stay in the queue this tells: `conversations.queued_at_ms` when it was written.
    Column("queued_at_ms", BigInteger, nullable=False),
    Column("language", String(8), nullable=False, server_default=""),
    Column("sentiment", Integer, nullable=False, server_default="0"),
    Column("position", Integer, nullable=False, server_default="0"),
    Column("estimate_s", Integer, nullable=False, server_default="-1"),
    Index("ix_desk_places_tenant", "tenant_id"),
)

desk_stints = Table(
    "desk_stints",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("conversation_id", String(40), nullable=False),
    Column("person_id", String(40), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("queued_at_ms", BigInteger, nullable=False),
    Column("began_at_ms", BigInteger, nullable=False),
    Column("ended_at_ms", BigInteger, nullable=False, server_default="0"),
    Index("ix_desk_stints_ended", "tenant_id", "ended_at_ms"),
    Index("ix_desk_stints_conversation", "conversation_id", "ended_at_ms"),
)

desk_replies = Table(
    "desk_replies",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("short_code", String(40), nullable=False),
    Column("text", Text, nullable=False),
    Column("created_by", String(64), nullable=False, server_default=""),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("updated_at_ms", BigInteger, nullable=False),
    UniqueConstraint("tenant_id", "short_code"),
)

desk_mentions = Table(
    "desk_mentions",
    metadata,
    Column("message_id", String(40), primary_key=True),
    Column("person_id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("conversation_id", String(40), nullable=False),
    Column("by_id", String(40), nullable=False),
    Column("by_name", String(200), nullable=False, server_default=""),
    Column("at_ms", BigInteger, nullable=False),
    Column("seen_at_ms", BigInteger, nullable=False, server_default="0"),
    Index("ix_desk_mentions_person", "tenant_id", "person_id", "at_ms"),
)

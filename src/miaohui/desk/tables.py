"""Teams, agents at the desk, places in the queue, stints of service, canned replies, mentions, and what comes after.

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

desk_ratings = Table(
    "desk_ratings",
    metadata,
    Column("conversation_id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    # Who served last; empty is the assistant.
    Column("person_id", String(40), nullable=False, server_default=""),
    Column("score", Integer, nullable=False),
    Column("comment", Text, nullable=False, server_default=""),
    Column("at_ms", BigInteger, nullable=False),
    Index("ix_desk_ratings_time", "tenant_id", "at_ms"),
)

desk_reviews = Table(
    "desk_reviews",
    metadata,
    Column("conversation_id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("person_id", String(40), nullable=False, server_default=""),
    Column("why", String(12), nullable=False),
    Column("sampled_at_ms", BigInteger, nullable=False),
    Column("reviewer_id", String(40), nullable=False, server_default=""),
    Column("score", Integer, nullable=False, server_default="0"),
    Column("note", Text, nullable=False, server_default=""),
    Column("reviewed_at_ms", BigInteger, nullable=False, server_default="0"),
    Index("ix_desk_reviews_time", "tenant_id", "sampled_at_ms", "conversation_id"),
)

desk_notices = Table(
    "desk_notices",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    # Empty: every inbox.
    Column("inbox_id", String(40), nullable=False, server_default=""),
    Column("texts", Text, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
    Column("created_by", String(64), nullable=False, server_default=""),
    Column("created_at_ms", BigInteger, nullable=False),
    Index("ix_desk_notices_until", "tenant_id", "until_ms"),
)

desk_cases = Table(
    "desk_cases",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("turn_id", String(40), nullable=False),
    Column("conversation_id", String(40), nullable=False),
    Column("question", Text, nullable=False),
    Column("wanted", Text, nullable=False),
    Column("holds", Text, nullable=False, server_default="[]"),
    Column("lacks", Text, nullable=False, server_default="[]"),
    Column("created_by", String(64), nullable=False, server_default=""),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("outcome", String(8), nullable=False, server_default=""),
    Column("answer", Text, nullable=False, server_default=""),
    Column("tried_at_ms", BigInteger, nullable=False, server_default="0"),
    Index("ix_desk_cases_time", "tenant_id", "created_at_ms", "id"),
)

desk_translations = Table(
    "desk_translations",
    metadata,
    Column("message_id", String(40), primary_key=True),
    Column("language", String(8), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("conversation_id", String(40), nullable=False),
    # The language that it was found to be in; empty when the engine named none.
    Column("source", String(12), nullable=False, server_default=""),
    # Empty: it is in that language already.
    Column("text", Text, nullable=False, server_default=""),
    Column("at_ms", BigInteger, nullable=False),
    Index("ix_desk_translations_conversation", "tenant_id", "conversation_id", "language"),
)

desk_translating = Table(
    "desk_translating",
    metadata,
    Column("tenant_id", String(40), primary_key=True),
    # Without a row it is on.
    Column("enabled", Integer, nullable=False),
    Column("changed_at_ms", BigInteger, nullable=False),
)

desk_preferences = Table(
    "desk_preferences",
    metadata,
    Column("tenant_id", String(40), primary_key=True),
    Column("person_id", String(40), primary_key=True),
    Column("body", Text, nullable=False),
    Column("changed_at_ms", BigInteger, nullable=False),
)

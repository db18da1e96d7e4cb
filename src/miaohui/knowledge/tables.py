"""Articles in every revision that a version serves or served, drafts, and what nobody could answer.

A revision is served by the versions from `born` up to, but not, `ended` (0: still served). So a publication writes its
revisions beforehand, little by little, where nobody sees them; becoming the served version is one small change.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from miaohui.kit.database import metadata

REVISIONS = Table(
    "article_revisions",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("article_id", String(40), nullable=False),
    Column("born", Integer, nullable=False),
    Column("ended", Integer, nullable=False, server_default="0"),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("locale", String(16), nullable=False),
    Column("tags", Text, nullable=False),
    Column("questions", Text, nullable=False),
    Column("names", Text, nullable=False, server_default="[]"),
    Column("source", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("valid_from_ms", BigInteger, nullable=False, server_default="0"),
    Column("valid_until_ms", BigInteger, nullable=False, server_default="0"),
    Column("updated_at_ms", BigInteger, nullable=False),
    UniqueConstraint("tenant_id", "article_id", "born"),
    Index("ix_article_revisions_ended", "tenant_id", "ended"),
)

CHUNKS = Table(
    "revision_chunks",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("revision_id", String(40), ForeignKey("article_revisions.id", ondelete="CASCADE"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("heading", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("start_char", Integer, nullable=False),
    Column("end_char", Integer, nullable=False),
    UniqueConstraint("revision_id", "ordinal"),
)

KNOWLEDGE_VERSIONS = Table(
    "knowledge_versions",
    metadata,
    Column("tenant_id", String(40), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("active", Integer, nullable=False),
    Column("articles", Integer, nullable=False),
    Column("chunks", Integer, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("act", String(16), nullable=False, server_default="import"),
    Column("actor", String(80), nullable=False, server_default=""),
    Column("lease_until_ms", BigInteger, nullable=False, server_default="0"),
    Index(
        "uq_knowledge_versions_active",
        "tenant_id",
        unique=True,
        sqlite_where=text("active = 1"),
    ),
)

DRAFTS = Table(
    "article_drafts",
    metadata,
    Column("tenant_id", String(40), primary_key=True),
    Column("article_id", String(40), primary_key=True),
    Column("removed", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("locale", String(16), nullable=False),
    Column("tags", Text, nullable=False),
    Column("questions", Text, nullable=False),
    Column("valid_from_ms", BigInteger, nullable=False),
    Column("valid_until_ms", BigInteger, nullable=False),
    Column("author", String(80), nullable=False),
    Column("updated_at_ms", BigInteger, nullable=False),
)

UNANSWERED = Table(
    "unanswered_questions",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("question", Text, nullable=False),
    Column("locale", String(16), nullable=False),
    Column("answerability", Integer, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Index("ix_unanswered_questions_at", "tenant_id", "at_ms"),
)

"""Articles, their chunks, and which version of them is served."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from miaohui.kit.database import metadata

ARTICLES = Table(
    "articles",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("locale", String(16), nullable=False),
    Column("tags", Text, nullable=False),
    Column("questions", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("updated_at_ms", BigInteger, nullable=False),
    UniqueConstraint("tenant_id", "source"),
)

CHUNKS = Table(
    "chunks",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("article_id", String(40), ForeignKey("articles.id", ondelete="CASCADE"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("heading", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("start_char", Integer, nullable=False),
    Column("end_char", Integer, nullable=False),
    UniqueConstraint("article_id", "ordinal"),
    Index("ix_chunks_tenant_id", "tenant_id"),
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
    Index(
        "uq_knowledge_versions_active",
        "tenant_id",
        unique=True,
        sqlite_where=text("active = 1"),
        postgresql_where=text("active = 1"),
    ),
)

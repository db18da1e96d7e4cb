"""Versions of knowledge, and long-term memory."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_revisions()
    _create_chunks()
    _carry_over()
    _extend_versions()
    _create_drafts()
    _create_unanswered()
    _create_facts()


def _create_revisions() -> None:
    op.create_table(
        "article_revisions",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("article_id", sa.String(length=40), nullable=False),
        sa.Column("born", sa.Integer(), nullable=False),
        sa.Column("ended", sa.Integer(), server_default="0", nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("locale", sa.String(length=16), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("questions", sa.Text(), nullable=False),
        sa.Column("names", sa.Text(), server_default="[]", nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("valid_from_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("valid_until_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("updated_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_revisions")),
        sa.UniqueConstraint(
            "tenant_id", "article_id", "born", name=op.f("uq_article_revisions_tenant_id_article_id_born")
        ),
    )
    op.create_index("ix_article_revisions_ended", "article_revisions", ["tenant_id", "ended"], unique=False)


def _create_chunks() -> None:
    op.create_table(
        "revision_chunks",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("revision_id", sa.String(length=40), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("heading", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("start_char", sa.Integer(), nullable=False),
        sa.Column("end_char", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["revision_id"],
            ["article_revisions.id"],
            name=op.f("fk_revision_chunks_revision_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision_chunks")),
        sa.UniqueConstraint("revision_id", "ordinal", name=op.f("uq_revision_chunks_revision_id_ordinal")),
    )


def _carry_over() -> None:
    """What is served now was born with the served version, as far as anybody knows."""
    op.execute(
        "INSERT INTO article_revisions (id, tenant_id, article_id, born, title, text, locale, tags, questions, source,"
        " digest, updated_at_ms) SELECT a.id, a.tenant_id, a.id, COALESCE((SELECT v.version FROM knowledge_versions v"
        " WHERE v.tenant_id = a.tenant_id AND v.active = 1), 1), a.title, a.text, a.locale, a.tags, a.questions,"
        " a.source, a.digest, a.updated_at_ms FROM articles a"
    )
    op.execute(
        "INSERT INTO revision_chunks (id, tenant_id, revision_id, ordinal, heading, text, start_char, end_char)"
        " SELECT id, tenant_id, article_id, ordinal, heading, text, start_char, end_char FROM chunks"
    )
    op.drop_index("ix_chunks_tenant_id", table_name="chunks")
    op.drop_table("chunks")
    op.drop_table("articles")


def _extend_versions() -> None:
    for column in (
        sa.Column("act", sa.String(length=16), server_default="import", nullable=False),
        sa.Column("actor", sa.String(length=80), server_default="", nullable=False),
        sa.Column("lease_until_ms", sa.BigInteger(), server_default="0", nullable=False),
    ):
        op.add_column("knowledge_versions", column)


def _create_drafts() -> None:
    op.create_table(
        "article_drafts",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("article_id", sa.String(length=40), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("locale", sa.String(length=16), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("questions", sa.Text(), nullable=False),
        sa.Column("valid_from_ms", sa.BigInteger(), nullable=False),
        sa.Column("valid_until_ms", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("updated_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "article_id", name=op.f("pk_article_drafts")),
    )


def _create_unanswered() -> None:
    op.create_table(
        "unanswered_questions",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("locale", sa.String(length=16), nullable=False),
        sa.Column("answerability", sa.Integer(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unanswered_questions")),
    )
    op.create_index("ix_unanswered_questions_at", "unanswered_questions", ["tenant_id", "at_ms"], unique=False)


def _create_facts() -> None:
    op.create_table(
        "contact_facts",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("contact_id", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("said_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_facts")),
        sa.UniqueConstraint("tenant_id", "contact_id", "text", name=op.f("uq_contact_facts_tenant_id_contact_id_text")),
    )


def downgrade() -> None:
    """The served articles go back; older versions, drafts and facts are lost."""
    _create_articles_of_old()
    _create_chunks_of_old()
    op.execute(
        "INSERT INTO articles (id, tenant_id, title, text, locale, tags, questions, source, digest, updated_at_ms)"
        " SELECT id, tenant_id, title, text, locale, tags, questions, CASE WHEN source = '' THEN id ELSE source END,"
        " digest, updated_at_ms FROM article_revisions WHERE ended = 0"
    )
    op.execute(
        "INSERT INTO chunks (id, tenant_id, article_id, ordinal, heading, text, start_char, end_char)"
        " SELECT c.id, c.tenant_id, c.revision_id, c.ordinal, c.heading, c.text, c.start_char, c.end_char"
        " FROM revision_chunks c JOIN article_revisions r ON r.id = c.revision_id WHERE r.ended = 0"
    )
    for table in ("contact_facts", "unanswered_questions", "article_drafts", "revision_chunks", "article_revisions"):
        op.drop_table(table)
    with op.batch_alter_table("knowledge_versions") as versions:
        for column in ("act", "actor", "lease_until_ms"):
            versions.drop_column(column)


def _create_articles_of_old() -> None:
    op.create_table(
        "articles",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("locale", sa.String(length=16), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("questions", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("updated_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
        sa.UniqueConstraint("tenant_id", "source", name=op.f("uq_articles_tenant_id_source")),
    )


def _create_chunks_of_old() -> None:
    op.create_table(
        "chunks",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("article_id", sa.String(length=40), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("heading", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("start_char", sa.Integer(), nullable=False),
        sa.Column("end_char", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_chunks_article_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chunks")),
        sa.UniqueConstraint("article_id", "ordinal", name=op.f("uq_chunks_article_id_ordinal")),
    )
    op.create_index("ix_chunks_tenant_id", "chunks", ["tenant_id"], unique=False)

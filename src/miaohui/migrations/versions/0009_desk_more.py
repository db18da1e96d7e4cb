"""More of the desk: what visitors found of it, what is reviewed, what everybody is told, what must stay right."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Four tables."""
    _create_ratings()
    _create_reviews()
    _create_notices()
    _create_cases()


def _create_ratings() -> None:
    op.create_table(
        "desk_ratings",
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.String(length=40), server_default="", nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_desk_ratings")),
    )
    op.create_index("ix_desk_ratings_time", "desk_ratings", ["tenant_id", "at_ms"], unique=False)


def _create_reviews() -> None:
    op.create_table(
        "desk_reviews",
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.String(length=40), server_default="", nullable=False),
        sa.Column("why", sa.String(length=12), nullable=False),
        sa.Column("sampled_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("reviewer_id", sa.String(length=40), server_default="", nullable=False),
        sa.Column("score", sa.Integer(), server_default="0", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("reviewed_at_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_desk_reviews")),
    )
    columns = ["tenant_id", "sampled_at_ms", "conversation_id"]
    op.create_index("ix_desk_reviews_time", "desk_reviews", columns, unique=False)


def _create_notices() -> None:
    op.create_table(
        "desk_notices",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("inbox_id", sa.String(length=40), server_default="", nullable=False),
        sa.Column("texts", sa.Text(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=64), server_default="", nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_notices")),
    )
    op.create_index("ix_desk_notices_until", "desk_notices", ["tenant_id", "until_ms"], unique=False)


def _create_cases() -> None:
    op.create_table(
        "desk_cases",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("turn_id", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("wanted", sa.Text(), nullable=False),
        sa.Column("holds", sa.Text(), server_default="[]", nullable=False),
        sa.Column("lacks", sa.Text(), server_default="[]", nullable=False),
        sa.Column("created_by", sa.String(length=64), server_default="", nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(length=8), server_default="", nullable=False),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("tried_at_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_cases")),
    )
    op.create_index("ix_desk_cases_time", "desk_cases", ["tenant_id", "created_at_ms", "id"], unique=False)


def downgrade() -> None:
    """What was written in them is lost."""
    for table in ("desk_cases", "desk_notices", "desk_reviews", "desk_ratings"):
        op.drop_table(table)

"""Messages in other languages: what agents wrote, and what was put into another language for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One column, two tables."""
    op.add_column("messages", sa.Column("original", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "desk_translations",
        sa.Column("message_id", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=12), server_default="", nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", "language", name=op.f("pk_desk_translations")),
    )
    columns = ["tenant_id", "conversation_id", "language"]
    op.create_index("ix_desk_translations_conversation", "desk_translations", columns, unique=False)
    op.create_table(
        "desk_translating",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("enabled", sa.Integer(), nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_desk_translating")),
    )


def downgrade() -> None:
    """What was written is lost; what was sent stays."""
    op.drop_table("desk_translating")
    op.drop_table("desk_translations")
    op.drop_column("messages", "original")

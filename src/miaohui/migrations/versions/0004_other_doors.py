"""Doors other than our own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_accounts()
    _create_threads()
    _create_tokens()
    _create_sendings()


def _create_accounts() -> None:
    op.create_table(
        "channel_accounts",
        sa.Column("inbox_id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("public_id", sa.String(length=128), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("updated_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("inbox_id", name=op.f("pk_channel_accounts")),
        sa.UniqueConstraint("channel", "public_id", name=op.f("uq_channel_accounts_channel_public_id")),
    )
    op.create_index("ix_channel_accounts_tenant", "channel_accounts", ["tenant_id", "created_at_ms"], unique=False)


def _create_threads() -> None:
    op.create_table(
        "channel_threads",
        sa.Column("inbox_id", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=255), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("contact_id", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("told_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("told_part", sa.Integer(), server_default="0", nullable=False),
        sa.Column("window_until_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("window_left", sa.Integer(), server_default="0", nullable=False),
        sa.Column("busy_until_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("inbox_id", "address", name=op.f("pk_channel_threads")),
        sa.UniqueConstraint("conversation_id", name=op.f("uq_channel_threads_conversation_id")),
    )
    op.create_table(
        "channel_heard",
        sa.Column("inbox_id", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("inbox_id", "key", name=op.f("pk_channel_heard")),
    )
    op.create_index("ix_channel_heard_at", "channel_heard", ["at_ms"], unique=False)


def _create_tokens() -> None:
    op.create_table(
        "channel_tokens",
        sa.Column("inbox_id", sa.String(length=40), nullable=False),
        sa.Column("sealed", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("expires_at_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("lease_until_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("forced_at_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("forced_day", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("forced_count", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("inbox_id", name=op.f("pk_channel_tokens")),
    )


def _create_sendings() -> None:
    op.create_table(
        "channel_sendings",
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("inbox_id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.String(length=64), server_default="", nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "seq", "part", name=op.f("pk_channel_sendings")),
    )
    op.create_index("ix_channel_sendings_state", "channel_sendings", ["state", "at_ms"], unique=False)


def downgrade() -> None:
    for table in ("channel_sendings", "channel_tokens", "channel_heard", "channel_threads", "channel_accounts"):
        op.drop_table(table)

"""Webhooks' secrets and log, and more doors."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_ENDPOINT_COLUMNS = ("description", "previous_secret", "previous_until_ms", "failing_since_ms")


def upgrade() -> None:
    _widen_endpoints()
    _create_attempts()
    _create_media()
    _create_tickets()
    _create_reading()
    _create_robots()


def _widen_endpoints() -> None:
    for column in (
        sa.Column("description", sa.String(length=200), server_default="", nullable=False),
        sa.Column("previous_secret", sa.String(length=128), server_default="", nullable=False),
        sa.Column("previous_until_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("failing_since_ms", sa.BigInteger(), server_default="0", nullable=False),
    ):
        op.add_column("webhook_endpoints", column)


def _create_attempts() -> None:
    op.create_table(
        "webhook_attempts",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("endpoint_id", sa.String(length=40), nullable=False),
        sa.Column("event_id", sa.String(length=40), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=200), server_default="", nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_attempts")),
    )
    op.create_index("ix_webhook_attempts_log", "webhook_attempts", ["endpoint_id", "at_ms", "id"], unique=False)
    op.create_index("ix_webhook_attempts_age", "webhook_attempts", ["at_ms"], unique=False)


def _create_media() -> None:
    op.create_table(
        "channel_media",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("inbox_id", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), server_default="pending", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("type", sa.String(length=64), server_default="", nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_media")),
    )
    op.create_index("ix_channel_media_age", "channel_media", ["created_at_ms"], unique=False)
    op.create_index("ix_channel_media_state", "channel_media", ["state", "created_at_ms"], unique=False)


def _create_tickets() -> None:
    op.create_table(
        "channel_tickets",
        sa.Column("nonce", sa.String(length=40), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_channel_tickets")),
    )
    op.create_index("ix_channel_tickets_until", "channel_tickets", ["until_ms"], unique=False)


def _create_reading() -> None:
    op.create_table(
        "channel_cursors",
        sa.Column("inbox_id", sa.String(length=40), nullable=False),
        sa.Column("position", sa.String(length=512), server_default="", nullable=False),
        sa.Column("owner", sa.String(length=40), server_default="", nullable=False),
        sa.Column("lease_until_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("inbox_id", name=op.f("pk_channel_cursors")),
    )
    op.create_table(
        "channel_letters",
        sa.Column("inbox_id", sa.String(length=40), nullable=False),
        sa.Column("letter_id", sa.String(length=255), nullable=False),
        sa.Column("address", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), server_default="", nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("inbox_id", "letter_id", name=op.f("pk_channel_letters")),
    )
    op.create_index("ix_channel_letters_address", "channel_letters", ["inbox_id", "address", "at_ms"], unique=False)


def _create_robots() -> None:
    op.create_table(
        "alert_robots",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=100), server_default="", nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("codes", sa.Text(), server_default="", nullable=False),
        sa.Column("enabled", sa.Integer(), server_default="1", nullable=False),
        sa.Column("last_error", sa.String(length=200), server_default="", nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_robots")),
    )
    op.create_index("ix_alert_robots_tenant", "alert_robots", ["tenant_id"], unique=False)


def downgrade() -> None:
    for table in ("alert_robots", "channel_letters", "channel_cursors", "channel_tickets", "channel_media"):
        op.drop_table(table)
    op.drop_table("webhook_attempts")
    for name in _ENDPOINT_COLUMNS:
        op.drop_column("webhook_endpoints", name)

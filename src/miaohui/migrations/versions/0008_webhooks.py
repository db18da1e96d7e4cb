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


def downgrade() -> None:
    op.drop_table("webhook_attempts")
    for name in _ENDPOINT_COLUMNS:
        op.drop_column("webhook_endpoints", name)

"""Alerts, and the chain that audits are sealed with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alert_standings",
        sa.Column("code", sa.String(24), nullable=False),
        sa.Column("node", sa.String(64), nullable=False),
        sa.Column("firing", sa.Integer, nullable=False),
        sa.Column("value", sa.Float, nullable=False),
        sa.Column("since_ms", sa.BigInteger, nullable=False),
        sa.Column("seen_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("code", "node", name="pk_alert_standings"),
    )
    op.create_table(
        "alert_told",
        sa.Column("code", sa.String(24), nullable=False),
        sa.Column("firing", sa.Integer, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_alert_told"),
    )
    op.create_table(
        "alert_silences",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("code", sa.String(24), nullable=False, server_default=""),
        sa.Column("until_ms", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.String(200), nullable=False, server_default=""),
        sa.Column("created_at_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alert_silences"),
    )
    op.create_table(
        "audit_chain",
        sa.Column("tenant_id", sa.String(40), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("first", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "number", name="pk_audit_chain"),
    )
    op.create_index("ix_audit_chain_subject", "audit_chain", ["tenant_id", "subject", "last"])


def downgrade() -> None:
    op.drop_table("audit_chain")
    op.drop_table("alert_silences")
    op.drop_table("alert_told")
    op.drop_table("alert_standings")

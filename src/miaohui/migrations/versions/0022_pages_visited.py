"""The page that a visitor is on, and whether an inbox wants to know."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One table, one column."""
    op.add_column("inboxes", sa.Column("pages", sa.Integer(), nullable=False, server_default="1"))
    op.create_table(
        "contact_visits",
        sa.Column("contact_id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("since_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("updated_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_contact_visits")),
    )
    op.create_index("ix_contact_visits_old", "contact_visits", ["tenant_id", "updated_at_ms"])


def downgrade() -> None:
    """Where visitors were is lost."""
    op.drop_table("contact_visits")
    op.drop_column("inboxes", "pages")

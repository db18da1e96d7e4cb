"""Which companies are not served: suspended, being deleted, or deleted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One table; a company without a row is served."""
    op.create_table(
        "tenant_standings",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_tenant_standings")),
    )


def downgrade() -> None:
    """Everybody is served again."""
    op.drop_table("tenant_standings")

"""Which node is about to tell operators of an alert, and until when others leave it to that one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alert_told", sa.Column("lease_owner", sa.String(40), nullable=False, server_default=""))
    op.add_column("alert_told", sa.Column("lease_until_ms", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("alert_told", "lease_until_ms")
    op.drop_column("alert_told", "lease_owner")

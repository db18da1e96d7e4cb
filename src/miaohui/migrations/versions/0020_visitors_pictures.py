"""Whether visitors may send pictures, for each inbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inboxes", sa.Column("pictures", sa.Integer(), nullable=False, server_default="1"))


def downgrade() -> None:
    op.drop_column("inboxes", "pictures")

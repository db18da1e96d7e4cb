"""Who is served sooner, to be found without reading everybody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_FILL = """
UPDATE contacts SET vip = 1 WHERE lower(attributes) LIKE '%"vip":"%'
AND lower(attributes) NOT LIKE '%"vip":"no"%' AND lower(attributes) NOT LIKE '%"vip":"0"%'
AND lower(attributes) NOT LIKE '%"vip":"false"%' AND lower(attributes) NOT LIKE '%"vip":""%'
"""


def upgrade() -> None:
    """One column, filled by what is known of contacts."""
    op.add_column("contacts", sa.Column("vip", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_contacts_vip", "contacts", ["tenant_id", "vip", "last_seen_at_ms"])
    op.execute(_FILL)


def downgrade() -> None:
    """Attributes say it still."""
    op.drop_index("ix_contacts_vip", "contacts")
    op.drop_column("contacts", "vip")

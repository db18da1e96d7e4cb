"""Files of conversations: their names, whose they are, and their bytes in parts; whether visitors may send some."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was kept in one piece stays one, under its own id."""
    op.add_column("inboxes", sa.Column("files", sa.Integer(), nullable=False, server_default="1"))
    op.create_table(
        "channel_media_parts",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at_bytes", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "digest", "at_bytes", name=op.f("pk_channel_media_parts")),
    )
    for column in (
        sa.Column("name", sa.String(length=200), nullable=False, server_default=""),
        sa.Column("sender_id", sa.String(length=64), nullable=False, server_default=""),
        sa.Column("digest", sa.String(length=64), nullable=False, server_default=""),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False, server_default="0"),
    ):
        op.add_column("channel_media", column)
    if "body" in {column["name"] for column in sa.inspect(op.get_bind()).get_columns("channel_media")}:
        _move_bodies()
    op.create_index("ix_channel_media_sender", "channel_media", ["tenant_id", "sender_id"], unique=False)
    op.create_index("ix_channel_media_digest", "channel_media", ["tenant_id", "digest"], unique=False)


def _move_bodies() -> None:
    """Where this stopped half-way before, what was moved stays moved."""
    op.execute(
        "INSERT INTO channel_media_parts (tenant_id, digest, at_bytes, body)"
        " SELECT m.tenant_id, m.id, 0, m.body FROM channel_media m WHERE m.body IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM channel_media_parts p WHERE p.tenant_id = m.tenant_id AND p.digest = m.id)"
    )
    op.execute("UPDATE channel_media SET digest = id, size_bytes = LENGTH(body) WHERE body IS NOT NULL")
    op.drop_column("channel_media", "body")


def downgrade() -> None:
    """What has more than one part is lost to the earlier version."""
    op.drop_index("ix_channel_media_digest", table_name="channel_media")
    op.drop_index("ix_channel_media_sender", table_name="channel_media")
    op.add_column("channel_media", sa.Column("body", sa.LargeBinary(), nullable=True))
    op.execute(
        "UPDATE channel_media SET body = (SELECT p.body FROM channel_media_parts p WHERE p.tenant_id ="
        " channel_media.tenant_id AND p.digest = channel_media.digest AND p.at_bytes = 0)"
    )
    op.execute(
        "UPDATE channel_media SET state = 'lost', body = NULL WHERE size_bytes > 0"
        " AND (body IS NULL OR LENGTH(body) < size_bytes)"
    )
    for name in ("size_bytes", "digest", "sender_id", "name"):
        op.drop_column("channel_media", name)
    op.drop_table("channel_media_parts")
    op.drop_column("inboxes", "files")

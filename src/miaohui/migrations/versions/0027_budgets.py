"""What each company's attempts came to, day by day and node by node, for budgets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_DAY_MS = 86_400_000


def upgrade() -> None:
    """One table, with what was spent before."""
    op.create_table(
        "engine_spent",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("node", sa.String(length=40), nullable=False),
        sa.Column("cost_micro", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "day", "node", name=op.f("pk_engine_spent")),
    )
    op.create_index("ix_engine_spent_day", "engine_spent", ["day"], unique=False)
    _take_over()


def _take_over() -> None:
    """The ledger's days until now, as those of a node that is gone."""
    attempts = sa.table(
        "engine_attempts",
        sa.column("tenant_id", sa.String()),
        sa.column("started_at_ms", sa.BigInteger()),
        sa.column("cost_micro", sa.BigInteger()),
    )
    spent = sa.table(
        "engine_spent",
        sa.column("tenant_id", sa.String()),
        sa.column("day", sa.Integer()),
        sa.column("node", sa.String()),
        sa.column("cost_micro", sa.BigInteger()),
    )
    day = (attempts.c.started_at_ms // _DAY_MS).label("day")
    cost = sa.func.sum(attempts.c.cost_micro).label("cost")
    found = sa.select(attempts.c.tenant_id, day, cost).where(attempts.c.cost_micro > 0)
    rows = op.get_bind().execute(found.group_by(attempts.c.tenant_id, day)).all()
    sums = [{"tenant_id": row[0], "day": int(row[1]), "node": "before", "cost_micro": int(row[2])} for row in rows]
    # Where this stopped half-way before, they are there already.
    op.execute(spent.delete().where(spent.c.node == "before"))
    if sums:
        op.bulk_insert(spent, sums)


def downgrade() -> None:
    """Nobody has a budget again."""
    op.drop_index("ix_engine_spent_day", table_name="engine_spent")
    op.drop_table("engine_spent")

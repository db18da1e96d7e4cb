"""The desk: teams, presence, the queue, tickets; and what a conversation must know of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = (
    "desk_agents",
    "desk_inboxes",
    "desk_members",
    "desk_teams",
    "inbox_hours",
    "desk_places",
    "desk_stints",
    "desk_replies",
    "desk_mentions",
    "tickets",
    "ticket_events",
    "ticket_rules",
    "ticket_targets",
)


def upgrade() -> None:
    _create_agents()
    _create_queue()
    _create_notebook()
    _create_tickets()
    _create_ticket_records()
    _widen_conversations()
    _widen_contacts()


def _create_agents() -> None:
    op.create_table(
        "desk_agents",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=8), server_default="offline", nullable=False),
        sa.Column("gone", sa.Integer(), server_default="0", nullable=False),
        sa.Column("capacity", sa.Integer(), server_default="5", nullable=False),
        sa.Column("skills", sa.Text(), server_default="[]", nullable=False),
        sa.Column("languages", sa.Text(), server_default="[]", nullable=False),
        sa.Column("seen_at_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("assigned_at_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("changed_at_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "person_id", name=op.f("pk_desk_agents")),
    )
    op.create_index("ix_desk_agents_state", "desk_agents", ["state", "gone", "seen_at_ms"], unique=False)
    op.create_table(
        "desk_inboxes",
        sa.Column("inbox_id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("team_id", sa.String(length=40), server_default="", nullable=False),
        sa.Column("skills", sa.Text(), server_default="[]", nullable=False),
        sa.Column("strategy", sa.String(length=12), server_default="round_robin", nullable=False),
        sa.PrimaryKeyConstraint("inbox_id", name=op.f("pk_desk_inboxes")),
    )
    op.create_index("ix_desk_inboxes_tenant", "desk_inboxes", ["tenant_id"], unique=False)
    op.create_table(
        "desk_members",
        sa.Column("team_id", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "person_id", name=op.f("pk_desk_members")),
    )
    op.create_index("ix_desk_members_person", "desk_members", ["tenant_id", "person_id"], unique=False)
    op.create_table(
        "desk_teams",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_teams")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_desk_teams_tenant_id_name")),
    )
    op.create_table(
        "inbox_hours",
        sa.Column("inbox_id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("hours", sa.Text(), nullable=False),
        sa.Column("updated_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("inbox_id", name=op.f("pk_inbox_hours")),
    )


def _create_queue() -> None:
    op.create_table(
        "desk_places",
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("queued_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.String(length=8), server_default="", nullable=False),
        sa.Column("sentiment", sa.Integer(), server_default="0", nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("estimate_s", sa.Integer(), server_default="-1", nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_desk_places")),
    )
    op.create_index("ix_desk_places_tenant", "desk_places", ["tenant_id"], unique=False)
    op.create_table(
        "desk_stints",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("queued_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("began_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_at_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_stints")),
    )
    op.create_index("ix_desk_stints_conversation", "desk_stints", ["conversation_id", "ended_at_ms"], unique=False)
    op.create_index("ix_desk_stints_ended", "desk_stints", ["tenant_id", "ended_at_ms"], unique=False)


def _create_notebook() -> None:
    op.create_table(
        "desk_mentions",
        sa.Column("message_id", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("by_id", sa.String(length=40), nullable=False),
        sa.Column("by_name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("seen_at_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("message_id", "person_id", name=op.f("pk_desk_mentions")),
    )
    op.create_index("ix_desk_mentions_person", "desk_mentions", ["tenant_id", "person_id", "at_ms"], unique=False)
    op.create_table(
        "desk_replies",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("short_code", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_by", sa.String(length=64), server_default="", nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("updated_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_replies")),
        sa.UniqueConstraint("tenant_id", "short_code", name=op.f("uq_desk_replies_tenant_id_short_code")),
    )


def _create_tickets() -> None:
    op.create_table(
        "tickets",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("priority", sa.String(length=8), nullable=False),
        sa.Column("category", sa.String(length=40), server_default="", nullable=False),
        sa.Column("conversation_id", sa.String(length=40), server_default="", nullable=False),
        sa.Column("contact_id", sa.String(length=40), server_default="", nullable=False),
        sa.Column("inbox_id", sa.String(length=40), server_default="", nullable=False),
        sa.Column("assignee_id", sa.String(length=40), server_default="", nullable=False),
        sa.Column("team_id", sa.String(length=40), server_default="", nullable=False),
        sa.Column("opened_by", sa.String(length=64), nullable=False),
        sa.Column("rule_id", sa.String(length=40), nullable=True),
        sa.Column("due_at_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("left_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("follow_up_at_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("follow_up_text", sa.Text(), server_default="", nullable=False),
        sa.Column("follow_up_by", sa.String(length=40), server_default="", nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("updated_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("closed_at_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_tickets_tenant_id_number")),
        sa.UniqueConstraint(
            "tenant_id", "rule_id", "conversation_id", name=op.f("uq_tickets_tenant_id_rule_id_conversation_id")
        ),
    )
    op.create_index("ix_tickets_conversation", "tickets", ["tenant_id", "conversation_id"], unique=False)
    op.create_index("ix_tickets_feed", "tickets", ["tenant_id", "updated_at_ms", "id"], unique=False)
    op.create_index("ix_tickets_follow_up", "tickets", ["follow_up_at_ms"], unique=False)


def _create_ticket_records() -> None:
    op.create_table(
        "ticket_events",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("ticket_id", sa.String(length=40), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("actor_name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_events")),
    )
    op.create_index("ix_ticket_events_ticket", "ticket_events", ["tenant_id", "ticket_id", "at_ms"], unique=False)
    op.create_table(
        "ticket_rules",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("handoff_reason", sa.String(length=32), server_default="", nullable=False),
        sa.Column("label", sa.String(length=40), server_default="", nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("priority", sa.String(length=8), nullable=False),
        sa.Column("category", sa.String(length=40), server_default="", nullable=False),
        sa.Column("team_id", sa.String(length=40), server_default="", nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_rules")),
    )
    op.create_index("ix_ticket_rules_tenant", "ticket_rules", ["tenant_id", "created_at_ms"], unique=False)
    op.create_table(
        "ticket_targets",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("priority", sa.String(length=8), nullable=False),
        sa.Column("due_minutes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "priority", name=op.f("pk_ticket_targets")),
    )


def _widen_conversations() -> None:
    op.add_column("conversations", sa.Column("queued_at_ms", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("conversations", sa.Column("team_id", sa.String(length=40), server_default="", nullable=False))
    op.add_column("conversations", sa.Column("priority", sa.String(length=8), server_default="", nullable=False))
    op.add_column("conversations", sa.Column("labels", sa.Text(), server_default="[]", nullable=False))
    op.add_column("conversations", sa.Column("snoozed_until_ms", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("conversations", sa.Column("blocked", sa.Integer(), server_default="0", nullable=False))
    op.create_index("ix_conversations_assignee", "conversations", ["tenant_id", "assignee_id", "status"], unique=False)
    op.create_index(
        "ix_conversations_queue",
        "conversations",
        ["tenant_id", "queued_at_ms"],
        unique=False,
        sqlite_where=sa.text("status = 'open' AND assignee_id = ''"),
        postgresql_where=sa.text("status = 'open' AND assignee_id = ''"),
    )
    op.create_index(
        "ix_conversations_snoozed",
        "conversations",
        ["snoozed_until_ms"],
        unique=False,
        sqlite_where=sa.text("status = 'snoozed'"),
        postgresql_where=sa.text("status = 'snoozed'"),
    )


def _widen_contacts() -> None:
    op.add_column("contacts", sa.Column("blocked_at_ms", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("contacts", sa.Column("merged_into", sa.String(length=40), server_default="", nullable=False))
    op.create_index(
        "ix_contacts_merged",
        "contacts",
        ["tenant_id", "merged_into"],
        unique=False,
        sqlite_where=sa.text("merged_into <> ''"),
        postgresql_where=sa.text("merged_into <> ''"),
    )


def downgrade() -> None:
    for index in ("snoozed", "queue", "assignee"):
        op.drop_index(f"ix_conversations_{index}", table_name="conversations")
    for column in ("blocked", "snoozed_until_ms", "labels", "priority", "team_id", "queued_at_ms"):
        op.drop_column("conversations", column)
    op.drop_index("ix_contacts_merged", table_name="contacts")
    for column in ("merged_into", "blocked_at_ms"):
        op.drop_column("contacts", column)
    for table in TABLES:
        op.drop_table(table)

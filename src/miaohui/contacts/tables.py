"""Contacts."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text, UniqueConstraint, text

from miaohui.kit.database import metadata

contacts = Table(
    "contacts",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    Column("inbox_id", String(40), nullable=False),
    # NULL for a visitor: a unique key lets any number of those stand side by side.
    Column("external_id", String(128), nullable=True),
    Column("name", String(200), nullable=False, server_default=""),
    Column("verified", Integer, nullable=False, server_default="0"),
    Column("attributes", Text, nullable=False, server_default="{}"),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("last_seen_at_ms", BigInteger, nullable=False),
    Column("blocked_at_ms", BigInteger, nullable=False, server_default="0"),
    # The contact that this one was found to be; whose words are whose stays as it was.
    Column("merged_into", String(40), nullable=False, server_default=""),
    # What the attribute `vip` says, to be found by.
    Column("vip", Integer, nullable=False, server_default="0"),
    UniqueConstraint("tenant_id", "inbox_id", "external_id"),
    Index("ix_contacts_vip", "tenant_id", "vip", "last_seen_at_ms"),
    Index("ix_contacts_seen", "tenant_id", "last_seen_at_ms"),
    Index(
        "ix_contacts_merged",
        "tenant_id",
        "merged_into",
        sqlite_where=text("merged_into <> ''"),
    ),
)

contact_visits = Table(
    "contact_visits",
    metadata,
    Column("contact_id", String(40), primary_key=True),
    Column("tenant_id", String(40), nullable=False),
    # `Page` in JSON.
    Column("page", Text, nullable=False),
    Column("since_at_ms", BigInteger, nullable=False),
    Column("updated_at_ms", BigInteger, nullable=False),
    Index("ix_contact_visits_old", "tenant_id", "updated_at_ms"),
)

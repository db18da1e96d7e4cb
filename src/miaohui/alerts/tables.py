"""What nodes see, what operators were told, and what they wish not to hear. Of the installation, not of a tenant."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Integer, String, Table

from miaohui.kit.database import metadata

alert_standings = Table(
    "alert_standings",
    metadata,
    Column("code", String(24), primary_key=True),
    Column("node", String(64), primary_key=True),
    Column("firing", Integer, nullable=False),
    Column("value", Float, nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    Column("seen_ms", BigInteger, nullable=False),
)

alert_told = Table(
    "alert_told",
    metadata,
    Column("code", String(24), primary_key=True),
    Column("firing", Integer, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("lease_owner", String(40), nullable=False, server_default=""),
    Column("lease_until_ms", BigInteger, nullable=False, server_default="0"),
)

alert_silences = Table(
    "alert_silences",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("code", String(24), nullable=False, server_default=""),
    Column("until_ms", BigInteger, nullable=False),
    Column("reason", String(200), nullable=False, server_default=""),
    Column("created_at_ms", BigInteger, nullable=False),
)

"""What nodes tell one another of themselves. Of the installation, not of a tenant."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, String, Table

from miaohui.kit.database import metadata

node_strains = Table(
    "node_strains",
    metadata,
    Column("node", String(40), primary_key=True),
    Column("step", Integer, nullable=False),
    Column("why", String(8), nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    Column("seen_ms", BigInteger, nullable=False),
)

"""Every module that declares tables, in one plain list; importing them fills `kit.database.metadata`.

Names, not imports: migrations stand below the rooms, and only Alembic and tests ever load these.
"""

from __future__ import annotations

import importlib

from sqlalchemy import MetaData

from miaohui.kit.database import metadata

MODULES = (
    "miaohui.kit.meta",
    "miaohui.tenants.tables",
    "miaohui.identity.tables",
    "miaohui.inboxes.tables",
    "miaohui.contacts.tables",
    "miaohui.conversations.tables",
    "miaohui.journal.tables",
    "miaohui.guard.tables",
    "miaohui.knowledge.tables",
    "miaohui.memory.tables",
    "miaohui.webhooks.tables",
    "miaohui.alerts.tables",
    "miaohui.engines.tables",
    "miaohui.tools.tables",
    "miaohui.desk.tables",
    "miaohui.tickets.tables",
    "miaohui.insight.tables",
    "miaohui.channels.tables",
)


def all_tables() -> MetaData:
    """Every table of every room, as servers are to make them.

    Which rows an index is over, SQLite's part of it says, and PostgreSQL is told the same here: naming its part where
    the index is declared would load its dialect into every process, 0.07 s of a start.
    """
    for module in MODULES:
        importlib.import_module(module)
    for table in metadata.tables.values():
        for index in table.indexes:
            if (where := index.dialect_options["sqlite"]["where"]) is not None:
                index.dialect_kwargs["postgresql_where"] = where
    return metadata

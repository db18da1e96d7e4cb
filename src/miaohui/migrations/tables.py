"""Every module that declares tables, in one plain list; importing them fills `kit.database.metadata`.

Names, not imports: migrations stand below the rooms, and only Alembic and tests ever load these.
"""

from __future__ import annotations

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

"""Every module that declares tables, in one plain list; importing them fills `kit.database.metadata`.

Names, not imports: migrations stand below the rooms, and only Alembic and tests ever load these.
"""

from __future__ import annotations

MODULES = (
    "miaohui.kit.meta",
)

"""Facts about the database itself, such as which history it holds."""

from __future__ import annotations

import hashlib

from sqlalchemy import Column, String, Table, Text, bindparam, select
from sqlalchemy.schema import CreateTable

from miaohui.kit.database import metadata

META = Table("meta", metadata, Column("key", String(64), primary_key=True), Column("value", Text, nullable=False))

CREATE = CreateTable(META, if_not_exists=True)
FIND = select(META.c.value).where(META.c.key == bindparam("key"))
INSERT = META.insert()
REPLACE = META.update().where(META.c.key == bindparam("its_key")).values(value=bindparam("its_value"))


def format_epoch(*parts: object) -> str:
    """A short name for a history, the same for the same parts."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:16]

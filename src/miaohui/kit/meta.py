"""Facts about the database itself, such as which history it holds."""

from __future__ import annotations

import hashlib

from sqlalchemy import Column, String, Table, Text, bindparam, select
from sqlalchemy.schema import CreateTable

from miaohui.kit.database import Operation, metadata
from miaohui.kit.ids import new_id

META = Table("meta", metadata, Column("key", String(64), primary_key=True), Column("value", Text, nullable=False))

CREATE = CreateTable(META, if_not_exists=True)
FIND = select(META.c.value).where(META.c.key == bindparam("key"))
INSERT = META.insert()
REPLACE = META.update().where(META.c.key == bindparam("its_key")).values(value=bindparam("its_value"))


def touch() -> Operation[None]:
    """Write something that nobody reads: whether that can be done. It is another each time, or SQLite would not."""
    known = yield FIND, {"key": "touched"}
    if known:
        yield REPLACE, {"its_key": "touched", "its_value": new_id("touch")}
    else:
        yield INSERT, {"key": "touched", "value": new_id("touch")}


def format_epoch(*parts: object) -> str:
    """A short name for a history, the same for the same parts."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:16]


def learn_epoch(inode: int) -> Operation[str]:
    """The stored epoch; a new one for a new file, and for a file put in its place, which holds another history."""
    yield CREATE, {}
    epochs = yield FIND, {"key": "epoch"}
    inodes = yield FIND, {"key": "inode"}
    if epochs and inodes and inodes[0]["value"] == str(inode):
        return str(epochs[0]["value"])
    epoch = format_epoch(new_id("epoch"))
    for key, value, known in (("epoch", epoch, epochs), ("inode", str(inode), inodes)):
        if known:
            yield REPLACE, {"its_key": key, "its_value": value}
        else:
            yield INSERT, {"key": key, "value": value}
    return epoch

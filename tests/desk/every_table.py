"""A row in every table that holds a contact's or a conversation's id, made from the tables themselves."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, LargeBinary, String, Table, Text, insert, select

from miaohui.kit.database import Database, Operation, metadata
from miaohui.migrations.tables import MODULES

for _module in MODULES:
    importlib.import_module(_module)

LINKS = {
    "conversation_id": "conv_{}",
    "contact_id": "cont_{}",
    "message_id": "msg_{}",
    "turn_id": "turn_{}",
    "ticket_id": "tick_{}",
    "principal": "visitor:cont_{}",
    "address": "words_{}@example.com",
}
"""Columns by which a row belongs to somebody."""
OTHERS = {"letter_id": "x_{}", "cmid": "x_{}"}
IDS = {
    "conversations": "conv_{}",
    "contacts": "cont_{}",
    "messages": "msg_{}",
    "turns": "turn_{}",
    "tickets": "tick_{}",
}
SET: dict[str, dict[str, Any]] = {
    "conversations": {"status": "resolved"},
    "messages": {"sender": "visitor", "kind": "text", "cmid": None, "citations": "[]"},
    "contacts": {"attributes": '{"city": "words_{}"}', "merged_into": None},
    "outbox": {"state": "sent"},
    "contact_facts": {"state": "told"},
    "idempotency": {"answer": b"{}"},
    "audit": {"act": "contact.exported", "subject": "cont_{}", "detail": "{}"},
    "tickets": {"status": "open", "priority": "medium"},
}
"""What is not to be made from a column's type."""
_SHORT = 24
"""A text this short is a code."""
CODES = {
    "lease_owner",
    "route",
    "created_by",
    "opened_by",
    "by_name",
    "actor",
    "actor_name",
    "handoff_reason",
    "category",
}
CODES |= {
    "provider",
    "model",
    "failure",
    "code",
    "price_version",
    "reason",
    "last_error",
    "labels",
    "type",
    "follow_up_by",
}
"""Longer ones that are codes too, or say something of colleagues and machines alone."""


def filled(
    database_tables: list[Table], tenant_id: str, who: str, now_ms: int
) -> Iterator[tuple[Table, dict[str, Any]]]:
    """A row of each; every word in it is `words_<who>`, every id ends with `_<who>`."""
    for table in database_tables:
        given = {name: _told(value, who) for name, value in SET.get(table.name, {}).items()}
        row = {column.name: _value(table, column, who) for column in table.columns if not _is_left_out(column)}
        row |= given | {"tenant_id": tenant_id}
        row |= {name: now_ms for name in row if name.endswith("_at_ms") or name == "at_ms"}
        yield table, {name: value for name, value in row.items() if name in table.columns and value is not None}


def linked() -> list[Table]:
    """Tables whose rows belong to a contact or a conversation, and those two themselves."""
    return [one for one in metadata.sorted_tables if one.name in IDS or set(LINKS) & set(one.columns.keys())] + [
        metadata.tables["audit"]
    ]


async def fill(database: Database, tenant_id: str, who: str, now_ms: int) -> None:
    """One row in each."""
    rows = list(filled(linked(), tenant_id, who, now_ms))

    def operation() -> Operation[None]:
        for table, row in rows:
            yield insert(table), row

    await database.write(operation)


async def holding(database: Database, *needles: str) -> set[str]:
    """Tables in which any of these stands anywhere."""
    found = set()
    for table in metadata.sorted_tables:
        for row in await database.read(select(table)):
            cells = [
                value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in tuple(row)
            ]
            if any(needle in cell for needle in needles for cell in cells):
                found.add(table.name)
    return found


def _is_left_out(column: Column[Any]) -> bool:
    """What has a default that says something, or is counted by the database."""
    default = getattr(column.server_default, "arg", None)
    return bool(column.autoincrement is True or (default is not None and str(default) != ""))


def _value(table: Table, column: Column[Any], who: str) -> Any:
    if column.name == "id" and isinstance(column.type, String):
        return IDS.get(table.name, table.name[:20] + "_{}").format(who)
    if column.name in LINKS | OTHERS:
        return (LINKS | OTHERS)[column.name].format(who)
    if isinstance(column.type, String):
        return f"words_{who}" if _holds_words(column) else "x"
    if isinstance(column.type, LargeBinary):
        return b"x"
    return sum(map(ord, who)) if column.name == "number" else 1


def _holds_words(column: Column[Any]) -> bool:
    is_name = column.name.endswith(("_id", "_hash")) and column.name != "external_id"
    is_long = isinstance(column.type, Text) or (getattr(column.type, "length", 0) or 0) > _SHORT
    return is_long and not is_name and column.name not in CODES


def _told(value: Any, who: str) -> Any:
    return value.replace("{}", who) if isinstance(value, str) and "_{}" in value else value

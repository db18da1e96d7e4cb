"""The sample shop's own records as a small database, for the connector that reads it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

_TABLES = """
CREATE TABLE customers (id TEXT PRIMARY KEY, name TEXT, level TEXT, points INTEGER, email TEXT);
CREATE TABLE orders (
    id TEXT PRIMARY KEY, customer_id TEXT, state TEXT, created_at TEXT, goods TEXT, goods_yuan TEXT,
    discount_yuan TEXT, delivery_yuan TEXT, total_yuan TEXT, note TEXT
);
CREATE TABLE parcels (
    order_id TEXT, carrier TEXT, tracking_number TEXT, status TEXT, last_event TEXT, last_event_at TEXT
);
"""


def lay_out(folder: Path, file: Path) -> None:
    """`shop.db` of what the folder's files say, made anew."""
    customers, orders, parcels = (
        json.loads((folder / f"{name}.json").read_text("utf-8")) for name in ("customers", "orders", "logistics")
    )
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with closing(sqlite3.connect(draft)) as connection:
        connection.executescript(_TABLES)
        connection.executemany("INSERT INTO customers VALUES (?, ?, ?, ?, ?)", map(_buyer, customers))
        connection.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", map(_order, orders))
        connection.executemany("INSERT INTO parcels VALUES (?, ?, ?, ?, ?, ?)", map(_parcel, parcels))
        connection.commit()
    draft.replace(file)


def _buyer(one: dict[str, Any]) -> tuple[Any, ...]:
    return one["id"], one["name"], one["level"], one["points"], f"{one['id']}@mail.example"


def _order(one: dict[str, Any]) -> tuple[Any, ...]:
    goods = "、".join(f"{item['name']} × {item['quantity']}" for item in one["items"])
    off = sum(one[name] for name in ("member_discount_fen", "spend_and_save_fen", "coupon_fen", "points_fen"))
    sums = (_yuan(fen) for fen in (one["goods_fen"], off, one["delivery_fen"], one["total_fen"]))
    return one["id"], one["customer_id"], one["state"], one["created_at"], goods, *sums, str(one.get("note") or "")


def _parcel(one: dict[str, Any]) -> tuple[Any, ...]:
    last = one["events"][-1] if one["events"] else {"text": "", "at": ""}
    return one["order_id"], one["carrier"], one["tracking_number"], one["status"], last["text"], last["at"]


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"

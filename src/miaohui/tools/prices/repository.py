"""The SQL of price lists."""

from __future__ import annotations

import msgspec
from sqlalchemy import bindparam, func, insert, select, update

from miaohui.kit.database import Database, Operation
from miaohui.tools.prices.types import PriceList
from miaohui.tools.tables import PRICE_LISTS

_CHANGE = (
    update(PRICE_LISTS)
    .where(PRICE_LISTS.c.tenant_id == bindparam("its_tenant_id"))
    .values(body=bindparam("its_body"), updated_at_ms=bindparam("its_updated_at_ms"))
    .returning(PRICE_LISTS.c.tenant_id)
)
_ADD = insert(PRICE_LISTS)
_ALL = select(PRICE_LISTS.c.tenant_id, PRICE_LISTS.c.body)
_STAMP = select(func.count(), func.coalesce(func.max(PRICE_LISTS.c.updated_at_ms), 0)).select_from(PRICE_LISTS)
_decode = msgspec.json.Decoder(PriceList).decode


def put(tenant_id: str, prices: PriceList, now_ms: int) -> Operation[None]:
    """In place of the one before."""
    body = msgspec.json.encode(prices).decode()
    row = {"its_tenant_id": tenant_id, "its_body": body, "its_updated_at_ms": now_ms}
    if not (yield _CHANGE, row):
        yield _ADD, {"tenant_id": tenant_id, "body": body, "updated_at_ms": now_ms}


async def stamp(db: Database) -> tuple[int, int]:
    """What differs whenever a list was written."""
    rows = await db.read(_STAMP)
    return int(rows[0][0]), int(rows[0][1])


async def list_all(db: Database) -> dict[str, PriceList]:
    """By tenant."""
    return {row[0]: _decode(row[1]) for row in await db.read(_ALL)}

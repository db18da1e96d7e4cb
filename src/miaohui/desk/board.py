"""SQL of notices: what everybody is told while something is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import bindparam, delete, insert, select

from miaohui.desk.tables import desk_notices
from miaohui.desk.types import Notice

if TYPE_CHECKING:
    from miaohui.kit.database import Database, Operation, Row

_n = desk_notices.c
_INSERT = insert(desk_notices)
_DELETE = (
    delete(desk_notices).where(_n.tenant_id == bindparam("its_tenant"), _n.id == bindparam("its_id")).returning(_n.id)
)
_HOLDING = (
    select(desk_notices)
    .where(_n.tenant_id == bindparam("tenant_id"), _n.until_ms > bindparam("now"))
    .order_by(_n.created_at_ms.desc(), _n.id.desc())
    .limit(100)
)
_texts = msgspec.json.Decoder(dict[str, str])


def put_up(notice: Notice) -> Operation[Notice]:
    """A new one."""
    yield _INSERT, {**msgspec.structs.asdict(notice), "texts": msgspec.json.encode(notice.texts).decode()}
    return notice


def take_down(tenant_id: str, notice_id: str) -> Operation[bool]:
    """False when there is no such notice."""
    return bool((yield _DELETE, {"its_tenant": tenant_id, "its_id": notice_id}))


class BoardRepository:
    """Reads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_holding(self, tenant_id: str, now_ms: int) -> list[Notice]:
        """What holds now, the last put up first."""
        return [_notice(row) for row in await self._database.read(_HOLDING, {"tenant_id": tenant_id, "now": now_ms})]


def _notice(row: Row) -> Notice:
    return Notice(**{**dict(row), "texts": _texts.decode(row["texts"])})

"""Questions that were answered wrongly once, kept so that it is seen when they are again: SQL and judgment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import bindparam, delete, insert, or_, select, update

from miaohui.desk.tables import desk_cases
from miaohui.desk.types import Case

if TYPE_CHECKING:
    from miaohui.desk.types import Outcome
    from miaohui.kit.database import Database, Operation, Row
    from miaohui.kit.paging import Cursor

_c = desk_cases.c
_ITS_CASE = (_c.tenant_id == bindparam("its_tenant"), _c.id == bindparam("its_id"))
_INSERT = insert(desk_cases)
_DELETE = delete(desk_cases).where(*_ITS_CASE).returning(_c.id)
_FIND = select(desk_cases).where(*_ITS_CASE)
_COUNT = select(_c.id).where(_c.tenant_id == bindparam("tenant_id")).limit(1_001)
_TRIED = (
    update(desk_cases)
    .where(*_ITS_CASE)
    .values(
        {_c.outcome: bindparam("its_outcome"), _c.answer: bindparam("its_answer"), _c.tried_at_ms: bindparam("its_now")}
    )
    .returning(desk_cases)
)
_LIST = (
    select(desk_cases)
    .where(
        _c.tenant_id == bindparam("tenant_id"),
        or_(
            _c.created_at_ms < bindparam("at"),
            (_c.created_at_ms == bindparam("at")) & (_c.id < bindparam("id")),
        ),
    )
    .order_by(_c.created_at_ms.desc(), _c.id.desc())
    .limit(bindparam("limit"))
)
_names = msgspec.json.Decoder(tuple[str, ...])


def judge(case: Case, answer: str) -> Outcome:
    """Whether an answer says all that it must and nothing that it must not, whatever its letters' case and spaces."""
    said = _plain(answer)
    holds = all(_plain(part) in said for part in case.holds)
    return "held" if holds and not any(_plain(part) in said for part in case.lacks) else "broke"


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()


def insert_case(case: Case) -> Operation[Case]:
    """A new one."""
    lists = {name: msgspec.json.encode(getattr(case, name)).decode() for name in ("holds", "lacks")}
    yield _INSERT, {**msgspec.structs.asdict(case), **lists}
    return case


def delete_case(tenant_id: str, case_id: str) -> Operation[bool]:
    """False when there is no such case."""
    return bool((yield _DELETE, {"its_tenant": tenant_id, "its_id": case_id}))


def note_trial(case: Case, answer: str, now_ms: int) -> Operation[Case]:
    """What became of it this time."""
    key = {"its_tenant": case.tenant_id, "its_id": case.id}
    rows = yield _TRIED, {**key, "its_outcome": judge(case, answer), "its_answer": answer, "its_now": now_ms}
    return _case(rows[0]) if rows else case


class CasesRepository:
    """Reads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, tenant_id: str, case_id: str) -> Case | None:
        """By id, of this tenant."""
        rows = await self._database.read(_FIND, {"its_tenant": tenant_id, "its_id": case_id})
        return _case(rows[0]) if rows else None

    async def count(self, tenant_id: str) -> int:
        """Up to a thousand and one."""
        return len(await self._database.read(_COUNT, {"tenant_id": tenant_id}))

    async def list_page(self, tenant_id: str, before: Cursor, limit: int) -> list[Case]:
        """The last written first."""
        values = {"tenant_id": tenant_id, "at": before.at, "id": before.id, "limit": limit}
        return [_case(row) for row in await self._database.read(_LIST, values)]


def _case(row: Row) -> Case:
    return Case(**{**dict(row), "holds": _names.decode(row["holds"]), "lacks": _names.decode(row["lacks"])})

"""The SQL of unanswered questions."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import BindParameter, bindparam, delete, select

from miaohui.kit.database import Database, Operation
from miaohui.knowledge.gaps.types import Unanswered
from miaohui.knowledge.tables import UNANSWERED

MOST_KEPT = 2_000
"""Of one tenant; the oldest go first."""

_TENANT: BindParameter[str] = bindparam("of_tenant")
_OF_TENANT = UNANSWERED.c.tenant_id == _TENANT
_INSERT = UNANSWERED.insert()
_LIST = select(UNANSWERED).where(_OF_TENANT).order_by(UNANSWERED.c.at_ms.desc(), UNANSWERED.c.id).limit(MOST_KEPT)
_OLDEST_KEPT = (
    select(UNANSWERED.c.at_ms).where(_OF_TENANT).order_by(UNANSWERED.c.at_ms.desc()).offset(MOST_KEPT).limit(1)
)
_DELETE_OLD = delete(UNANSWERED).where(_OF_TENANT, UNANSWERED.c.at_ms <= bindparam("until_ms"))
_DELETE = delete(UNANSWERED).where(_OF_TENANT, UNANSWERED.c.id == bindparam("of_question"))


def keep(tenant_id: str, asked: Sequence[Unanswered]) -> Operation[None]:
    """Remember these."""
    for one in asked:
        yield (
            _INSERT,
            {
                "id": one.id,
                "tenant_id": tenant_id,
                "question": one.question,
                "locale": one.locale,
                "answerability": round(one.answerability * 1000),
                "at_ms": one.at_ms,
            },
        )
    rows = yield _OLDEST_KEPT, {"of_tenant": tenant_id}
    if rows:
        yield _DELETE_OLD, {"of_tenant": tenant_id, "until_ms": rows[0]["at_ms"]}


def forget(tenant_id: str, question_ids: Sequence[str]) -> Operation[None]:
    """These are answered, or not worth an answer."""
    for question_id in question_ids:
        yield _DELETE, {"of_tenant": tenant_id, "of_question": question_id}


async def list_unanswered(db: Database, tenant_id: str) -> list[Unanswered]:
    """The newest first."""
    return [
        Unanswered(
            id=row["id"],
            tenant_id=row["tenant_id"],
            question=row["question"],
            locale=row["locale"],
            answerability=row["answerability"] / 1000,
            at_ms=row["at_ms"],
        )
        for row in await db.read(_LIST, {"of_tenant": tenant_id})
    ]

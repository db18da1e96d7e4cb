"""The SQL of drafts."""

from __future__ import annotations

from sqlalchemy import BindParameter, bindparam, delete, select

from miaohui.kit.database import Database, Operation, Row
from miaohui.knowledge.editing.types import ArticleDraft, Content
from miaohui.knowledge.repository import format_words, parse_words
from miaohui.knowledge.tables import DRAFTS

MOST_DRAFTS = 2_000

_TENANT: BindParameter[str] = bindparam("of_tenant")
_ONE = (DRAFTS.c.tenant_id == _TENANT) & (DRAFTS.c.article_id == bindparam("of_article"))
_LIST = select(DRAFTS).where(DRAFTS.c.tenant_id == _TENANT).order_by(DRAFTS.c.article_id).limit(MOST_DRAFTS)
_FIND = select(DRAFTS).where(_ONE)
_DELETE = delete(DRAFTS).where(_ONE)
_INSERT = DRAFTS.insert()


def put(tenant_id: str, draft: ArticleDraft) -> Operation[None]:
    """Keep a draft, in place of an older one of the same article."""
    yield _DELETE, {"of_tenant": tenant_id, "of_article": draft.article_id}
    content = draft.content
    yield (
        _INSERT,
        {
            "tenant_id": tenant_id,
            "article_id": draft.article_id,
            "removed": int(draft.removed),
            "title": content.title,
            "text": content.text,
            "locale": content.locale,
            "tags": format_words(content.tags),
            "questions": format_words(content.questions),
            "valid_from_ms": content.valid_from_ms,
            "valid_until_ms": content.valid_until_ms,
            "author": draft.author,
            "updated_at_ms": draft.updated_at_ms,
        },
    )


def drop(tenant_id: str, drafts: tuple[ArticleDraft, ...]) -> Operation[None]:
    """These drafts are done with; one that was changed meanwhile is kept."""
    for draft in drafts:
        rows = yield _FIND, {"of_tenant": tenant_id, "of_article": draft.article_id}
        if rows and rows[0]["updated_at_ms"] == draft.updated_at_ms:
            yield _DELETE, {"of_tenant": tenant_id, "of_article": draft.article_id}


async def list_drafts(db: Database, tenant_id: str) -> list[ArticleDraft]:
    """By age of their articles."""
    return [_draft(row) for row in await db.read(_LIST, {"of_tenant": tenant_id})]


async def find_draft(db: Database, tenant_id: str, article_id: str) -> ArticleDraft | None:
    """None also for another tenant's."""
    rows = await db.read(_FIND, {"of_tenant": tenant_id, "of_article": article_id})
    return _draft(rows[0]) if rows else None


def _draft(row: Row) -> ArticleDraft:
    return ArticleDraft(
        article_id=row["article_id"],
        removed=bool(row["removed"]),
        content=Content(
            title=row["title"],
            text=row["text"],
            locale=row["locale"],
            tags=parse_words(row["tags"]),
            questions=parse_words(row["questions"]),
            valid_from_ms=row["valid_from_ms"],
            valid_until_ms=row["valid_until_ms"],
        ),
        author=row["author"],
        updated_at_ms=row["updated_at_ms"],
    )

"""A draft as it will be stored: the article and its chunks."""

from __future__ import annotations

from miaohui.kit.ids import new_id
from miaohui.knowledge.chunking import split_markdown
from miaohui.knowledge.reading import Draft
from miaohui.knowledge.types import Article, Chunk


def write_article(tenant_id: str, article_id: str, draft: Draft, now_ms: int) -> tuple[Article, list[Chunk]]:
    """What a draft becomes."""
    article = Article(
        id=article_id,
        tenant_id=tenant_id,
        title=draft.title,
        text=draft.text,
        locale=draft.locale,
        tags=draft.tags,
        questions=draft.questions,
        names=draft.names,
        valid_from_ms=draft.valid_from_ms,
        valid_until_ms=draft.valid_until_ms,
        source=draft.source,
        digest=draft.digest,
        updated_at_ms=now_ms,
    )
    chunks = [
        Chunk(
            id=new_id("chunk"),
            article_id=article_id,
            ordinal=ordinal,
            title=draft.title,
            heading=piece.heading,
            text=piece.text,
            start=piece.start,
            end=piece.end,
            locale=draft.locale,
            questions=draft.questions,
            names=draft.names,
            valid_from_ms=draft.valid_from_ms,
            valid_until_ms=draft.valid_until_ms,
            tags=draft.tags,
        )
        for ordinal, piece in enumerate(split_markdown(draft.text))
    ]
    return article, chunks

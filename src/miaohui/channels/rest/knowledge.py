"""What the knowledge base holds, and the passages behind citations."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response

from miaohui.channels.rest import schemas, views
from miaohui.channels.rest.edge import Doors, Who, answer
from miaohui.knowledge.types import Scope


async def get_passage(chunk_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """The passage that a citation names."""
    chunk, article = await doors.knowledge.passage(who.tenant_id, chunk_id)
    return answer(views.passage(chunk, article))


async def list_articles(
    doors: Doors,
    who: Who,
    cursor: Annotated[str, Query(max_length=64, pattern=r"^[A-Za-z0-9_-]*$")] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """All articles."""
    found = await doors.knowledge.list_articles(who.tenant_id, after=cursor, limit=limit + 1)
    more = found[limit - 1].id if len(found) > limit else ""
    view = views.ArticlePage([views.article_summary(one) for one in found[:limit]], more)
    link = {"link": f'</v1/articles?limit={limit}&cursor={more}>; rel="next"'} if more else {}
    return answer(view, headers=link)


async def get_article(article_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """One article, whole."""
    return answer(views.article(await doors.knowledge.get_article(who.tenant_id, article_id)))


async def search(form: schemas.SearchWords, doors: Doors, who: Who) -> Response:
    """The passages that the assistant would be given for this question, with their scores."""
    scope = Scope(audience=form.audience, inbox=form.inbox_id, locales=tuple(form.languages), tags=tuple(form.tags))
    found = await doors.knowledge.search(
        who.tenant_id, form.question, locale=form.locale, limit=form.limit, scope=scope
    )
    hits = [
        views.Hit(
            chunk_id=passage.chunk.id,
            article_id=passage.chunk.article_id,
            title=passage.chunk.title,
            heading=passage.chunk.heading,
            text=passage.chunk.text,
            start=passage.chunk.start,
            end=passage.chunk.end,
            score=passage.score,
            bm25=passage.bm25,
            cosine=passage.cosine,
        )
        for passage in found.passages
    ]
    return answer(views.Hits(hits, found.answerability, found.answerable, found.version))

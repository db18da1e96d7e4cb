"""Drafts, their publication, and the way back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from difflib import unified_diff
from functools import partial

import msgspec

from miaohui.kit.clock import Clock
from miaohui.kit.database import Database
from miaohui.kit.errors import Conflict, FieldError, Invalid, NotFound
from miaohui.kit.ids import new_id
from miaohui.knowledge import repository
from miaohui.knowledge.editing import repository as drafts_repository
from miaohui.knowledge.editing.repository import MOST_DRAFTS
from miaohui.knowledge.editing.types import ArticleDraft, Content, Difference, Kind
from miaohui.knowledge.publication import write_article
from miaohui.knowledge.publishing import Changes, Written
from miaohui.knowledge.reading import MOST_TITLE_CHARACTERS, Draft
from miaohui.knowledge.types import Article, VersionNote

MOST_TEXT_CHARACTERS = 500_000
MOST_QUESTIONS = 100
MOST_TAGS = 50
MOST_WORD_CHARACTERS = 500
MOST_DIFFERENCES = 500
MOST_LINES = 400
_DROPPED_AT_ONCE = 20

Change = Callable[[str, str, Callable[[int], Awaitable[Changes]]], Awaitable[int]]
"""Publish what a function makes of the served version: tenant, act, function; the new version's number."""


class Editor:
    """The writing side of the knowledge base: nothing here is seen by a visitor before it is published."""

    def __init__(self, db: Database, clock: Clock, change: Change) -> None:
        self._db = db
        self._clock = clock
        self._change = change

    async def list_drafts(self, tenant_id: str) -> list[ArticleDraft]:
        """All that waits for a publication."""
        return await drafts_repository.list_drafts(self._db, tenant_id)

    async def save(self, tenant_id: str, author: str, content: Content, article_id: str = "") -> ArticleDraft:
        """Keep a draft of a new article, or of a served one. Raises `Invalid`, `NotFound`, `Conflict`."""
        check_content(content)
        if article_id and not await self._exists(tenant_id, article_id):
            raise NotFound("There is no such article.")
        if not article_id and len(await self.list_drafts(tenant_id)) >= MOST_DRAFTS:
            raise Conflict(f"More than {MOST_DRAFTS} drafts wait to be published.", code="too_many_drafts")
        return await self._put(tenant_id, author, article_id or new_id("art"), content, removed=False)

    async def remove(self, tenant_id: str, author: str, article_id: str) -> ArticleDraft | None:
        """The article will be served no more; a draft of one that never was is simply gone. Raises `NotFound`."""
        served = await self._served(tenant_id, article_id)
        if served is None:
            await self.discard(tenant_id, article_id)
            return None
        return await self._put(tenant_id, author, article_id, content_of(served), removed=True)

    async def discard(self, tenant_id: str, article_id: str) -> None:
        """Forget a draft. Raises `NotFound`."""
        draft = await drafts_repository.find_draft(self._db, tenant_id, article_id)
        if draft is None:
            raise NotFound("There is no draft of this article.")
        await self._db.write(lambda: drafts_repository.drop(tenant_id, (draft,)))

    async def add_questions(
        self, tenant_id: str, author: str, article_id: str, questions: Sequence[str]
    ) -> ArticleDraft:
        """Propose sample questions for an article, for somebody to publish. Raises `NotFound`, `Invalid`."""
        content = await self.content(tenant_id, article_id)
        told = tuple(dict.fromkeys((*content.questions, *(question.strip() for question in questions))))
        return await self.save(tenant_id, author, msgspec.structs.replace(content, questions=told), article_id)

    async def content(self, tenant_id: str, article_id: str) -> Content:
        """As it stands in the draft, else as it is served. Raises `NotFound`."""
        draft = await drafts_repository.find_draft(self._db, tenant_id, article_id)
        if draft is not None:
            return draft.content
        served = await self._served(tenant_id, article_id)
        if served is None:
            raise NotFound("There is no such article.")
        return content_of(served)

    async def publish(self, tenant_id: str, article_ids: Sequence[str] = ()) -> VersionNote:
        """Serve the drafts, or those named. Raises `Conflict`: nothing to publish, or somebody else publishes."""
        waiting = await self.list_drafts(tenant_id)
        chosen = tuple(draft for draft in waiting if not article_ids or draft.article_id in article_ids)
        if not chosen:
            raise Conflict("No draft waits to be published.", code="nothing_to_publish")

        async def apply(version: int) -> Changes:
            return await self._apply(tenant_id, version, chosen)

        published = await self._change(tenant_id, "publish", apply)
        for start in range(0, len(chosen), _DROPPED_AT_ONCE):
            some = chosen[start : start + _DROPPED_AT_ONCE]
            await self._db.write(partial(drafts_repository.drop, tenant_id, some))
        return await self.version(tenant_id, published)

    async def versions(self, tenant_id: str, limit: int = 50) -> list[VersionNote]:
        """The newest first."""
        return await repository.list_versions(self._db, tenant_id, limit=limit)

    async def version(self, tenant_id: str, version: int) -> VersionNote:
        """Raises `NotFound`."""
        note = await repository.find_version(self._db, tenant_id, version)
        if note is None:
            raise NotFound("There is no such version, or it is forgotten.")
        return note

    async def diff(self, tenant_id: str, old: int, new: int) -> list[Difference]:
        """What changed from one version to another, at most so many articles. Raises `NotFound`."""
        await self.version(tenant_id, old)
        await self.version(tenant_id, new)
        before = await repository.list_digests(self._db, tenant_id, old)
        after = await repository.list_digests(self._db, tenant_id, new)
        changed = [
            article_id
            for article_id in dict.fromkeys((*before, *after))
            if before.get(article_id, ("",))[0] != after.get(article_id, ("",))[0]
        ]
        return [
            await self._difference(tenant_id, article_id, (old, before), (new, after))
            for article_id in changed[:MOST_DIFFERENCES]
        ]

    async def rollback(self, tenant_id: str, version: int) -> VersionNote:
        """Serve again what a version served; it becomes a new version. Raises `NotFound`, `Conflict`."""
        await self.version(tenant_id, version)

        async def restore(served: int) -> Changes:
            return await self._restore(tenant_id, served, version)

        return await self.version(tenant_id, await self._change(tenant_id, "rollback", restore))

    async def _exists(self, tenant_id: str, article_id: str) -> bool:
        return (
            await self._served(tenant_id, article_id) is not None
            or await drafts_repository.find_draft(self._db, tenant_id, article_id) is not None
        )

    async def _served(self, tenant_id: str, article_id: str) -> Article | None:
        stamp = await repository.find_served(self._db, tenant_id)
        if stamp is None:
            return None
        return await repository.find_article(self._db, tenant_id, stamp.version, article_id)

    async def _put(
        self, tenant_id: str, author: str, article_id: str, content: Content, *, removed: bool
    ) -> ArticleDraft:
        draft = ArticleDraft(
            article_id=article_id,
            removed=removed,
            content=content,
            author=author,
            updated_at_ms=self._clock.now_ms(),
        )
        await self._db.write(lambda: drafts_repository.put(tenant_id, draft))
        return draft

    async def _apply(self, tenant_id: str, version: int, drafts: Sequence[ArticleDraft]) -> Changes:
        end: list[str] = []
        store = []
        for draft in drafts:
            served = await repository.find_article(self._db, tenant_id, version, draft.article_id)
            if served is not None:
                end.append(draft.article_id)
            if not draft.removed:
                store.append(_write(tenant_id, draft, served, self._clock.now_ms()))
        return Changes(end=end, store=store)

    async def _restore(self, tenant_id: str, served: int, version: int) -> Changes:
        now = await repository.list_digests(self._db, tenant_id, served)
        then = await repository.list_digests(self._db, tenant_id, version)
        end: list[str] = []
        store: list[Written] = []
        for article_id in dict.fromkeys((*now, *then)):
            if now.get(article_id) == then.get(article_id):
                continue
            is_ = await repository.find_article(self._db, tenant_id, served, article_id)
            was = await repository.find_article(self._db, tenant_id, version, article_id)
            if is_ and was and content_of(is_) == content_of(was):
                continue
            if is_:
                end.append(article_id)
            if was:
                store.append(write_article(tenant_id, article_id, _as_draft(was), was.updated_at_ms))
        if not end and not store:
            raise Conflict("This is what is served already.", code="nothing_to_publish")
        return Changes(end=end, store=store)

    async def _difference(
        self,
        tenant_id: str,
        article_id: str,
        old: tuple[int, dict[str, tuple[str, str]]],
        new: tuple[int, dict[str, tuple[str, str]]],
    ) -> Difference:
        before = await repository.find_article(self._db, tenant_id, old[0], article_id)
        after = await repository.find_article(self._db, tenant_id, new[0], article_id)
        title = new[1].get(article_id, old[1].get(article_id, ("", "")))[1]
        lines = list(unified_diff(_lines(before), _lines(after), lineterm="", n=2))[2 : 2 + MOST_LINES]
        kind: Kind = "changed" if before and after else "added" if after else "removed"
        return Difference(article_id=article_id, title=title, change=kind, lines=tuple(lines))


def check_content(content: Content) -> None:
    """Raises `Invalid`."""
    problems: list[FieldError] = []
    if not content.title.strip() or len(content.title) > MOST_TITLE_CHARACTERS:
        problems.append(FieldError("$.title", f"1 to {MOST_TITLE_CHARACTERS} characters"))
    if not content.text.strip() or len(content.text) > MOST_TEXT_CHARACTERS:
        problems.append(FieldError("$.text", f"1 to {MOST_TEXT_CHARACTERS} characters"))
    for name, words, most in (("tags", content.tags, MOST_TAGS), ("questions", content.questions, MOST_QUESTIONS)):
        if len(words) > most or any(not word.strip() or len(word) > MOST_WORD_CHARACTERS for word in words):
            problems.append(FieldError(f"$.{name}", f"at most {most}, each of 1 to {MOST_WORD_CHARACTERS} characters"))
    if content.valid_until_ms and content.valid_until_ms <= content.valid_from_ms:
        problems.append(FieldError("$.valid_until", "after valid_from"))
    if problems:
        raise Invalid("The article cannot be kept like this.", errors=problems)


def content_of(article: Article) -> Content:
    """What a person may write of it."""
    return Content(
        title=article.title,
        text=article.text,
        locale=article.locale,
        tags=article.tags,
        questions=article.questions,
        valid_from_ms=article.valid_from_ms,
        valid_until_ms=article.valid_until_ms,
    )


def _write(tenant_id: str, draft: ArticleDraft, served: Article | None, now_ms: int) -> Written:
    """An article that came from a file keeps its file, so that importing the unchanged file leaves the edit alone."""
    content = draft.content
    written = Draft(
        source=served.source if served else "",
        title=content.title,
        text=content.text,
        locale=content.locale,
        tags=content.tags,
        questions=content.questions,
        names=served.names if served else (),
        valid_from_ms=content.valid_from_ms,
        valid_until_ms=content.valid_until_ms,
    )
    article, chunks = write_article(tenant_id, draft.article_id, written, now_ms)
    return msgspec.structs.replace(article, digest=served.digest if served else ""), chunks


def _as_draft(article: Article) -> Draft:
    return Draft(
        source=article.source,
        title=article.title,
        text=article.text,
        locale=article.locale,
        tags=article.tags,
        questions=article.questions,
        names=article.names,
        valid_from_ms=article.valid_from_ms,
        valid_until_ms=article.valid_until_ms,
    )


def _lines(article: Article | None) -> list[str]:
    if article is None:
        return []
    head = [f"# {article.title}", *(f"? {question}" for question in article.questions)]
    return [*head, *article.text.splitlines()]

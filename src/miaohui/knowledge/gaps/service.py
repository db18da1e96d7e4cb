"""Unanswered questions: noted in passing, kept a moment later, and turned into drafts by a person."""

from __future__ import annotations

import asyncio
from collections import deque

from miaohui.kit.clock import Clock
from miaohui.kit.database import Database
from miaohui.kit.errors import NotFound
from miaohui.kit.ids import new_id
from miaohui.knowledge.editing.service import MOST_QUESTIONS, Editor
from miaohui.knowledge.editing.types import ArticleDraft, Content
from miaohui.knowledge.gaps import repository
from miaohui.knowledge.gaps.policy import cluster
from miaohui.knowledge.gaps.types import Cluster, Unanswered
from miaohui.knowledge.reading import MOST_TITLE_CHARACTERS

MOST_WAITING = 1_000
MOST_CHARACTERS = 500


class Gaps:
    """What is missing. Noting costs a turn nothing: it is written down by `flush`, until then lost with the process."""

    def __init__(self, db: Database, clock: Clock, editor: Editor) -> None:
        self._db = db
        self._clock = clock
        self._editor = editor
        self._waiting: deque[Unanswered] = deque(maxlen=MOST_WAITING)

    def note(self, tenant_id: str, question: str, locale: str, answerability: float) -> None:
        """Nothing here answered this."""
        self._waiting.append(
            Unanswered(
                id=new_id("gap"),
                tenant_id=tenant_id,
                question=question[:MOST_CHARACTERS].strip(),
                locale=locale,
                answerability=answerability,
                at_ms=self._clock.now_ms(),
            )
        )

    async def flush(self) -> int:
        """Write down what was noted: how many. Raises `Unavailable`; then nothing is lost."""
        noted = list(self._waiting)
        for tenant_id in dict.fromkeys(one.tenant_id for one in noted):
            some = [one for one in noted if one.tenant_id == tenant_id]
            await self._db.write(lambda some=some, tenant_id=tenant_id: repository.keep(tenant_id, some))  # type: ignore[misc]
            for one in some:
                if one in self._waiting:
                    self._waiting.remove(one)
        return len(noted)

    async def list_(self, tenant_id: str, limit: int = 50) -> list[Cluster]:
        """What to write next, the most asked first."""
        await self.flush()
        asked = await repository.list_unanswered(self._db, tenant_id)
        return (await asyncio.to_thread(cluster, asked))[:limit]

    async def draft(self, tenant_id: str, author: str, cluster_id: str, text: str) -> ArticleDraft:
        """A draft that answers a cluster, its questions as samples; the cluster is done with. Raises `NotFound`."""
        found = await self._get(tenant_id, cluster_id)
        content = Content(
            title=found.title[:MOST_TITLE_CHARACTERS],
            text=text,
            locale=found.locale,
            questions=found.questions[:MOST_QUESTIONS],
        )
        draft = await self._editor.save(tenant_id, author, content)
        await self._db.write(lambda: repository.forget(tenant_id, found.members))
        return draft

    async def dismiss(self, tenant_id: str, cluster_id: str) -> None:
        """These need no answer. Raises `NotFound`."""
        found = await self._get(tenant_id, cluster_id)
        await self._db.write(lambda: repository.forget(tenant_id, found.members))

    async def _get(self, tenant_id: str, cluster_id: str) -> Cluster:
        for one in await self.list_(tenant_id, repository.MOST_KEPT):
            if one.id == cluster_id:
                return one
        raise NotFound("There is no such group of questions.")

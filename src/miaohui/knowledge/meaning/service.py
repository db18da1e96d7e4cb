"""Passages by meaning, asked only when words found no answer: for a question in another language or in other words."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from miaohui.kit.aio import launch
from miaohui.kit.errors import MiaohuiError
from miaohui.kit.telemetry import get_log
from miaohui.knowledge.index import Index
from miaohui.knowledge.meaning import vectors as kept
from miaohui.knowledge.meaning.ports import Embedder
from miaohui.knowledge.meaning.vectors import Floats
from miaohui.knowledge.types import Passage, Retrieval

AT_ONCE = 64
MOST_CHUNKS = 50_000
"""Of a larger knowledge base the vectors are too much for one process."""
MOST_QUESTIONS = 2_000
"""Questions whose vectors stay at hand."""

_log = get_log(__name__)


class Terms(NamedTuple):
    """How far it goes."""

    sure: float
    """Cosine from which on a passage is taken for the answer."""
    deadline_s: float
    """How long a question may wait for its vector."""


class _Ready(NamedTuple):
    version: int
    rows: Floats
    """A unit vector of each chunk."""


class Meaning:
    """One matrix for each tenant, made after its index is shown; until then, words alone find."""

    def __init__(self, embedder: Embedder, folder: Path | None, terms: Terms) -> None:
        """`folder` is where vectors are kept over a restart."""
        self.embedder = embedder
        self._folder = folder
        self._terms = terms
        self._ready: dict[str, _Ready] = {}
        self._making: dict[str, int] = {}
        self._asked: OrderedDict[tuple[str, str], Floats] = OrderedDict()

    def prepare_later(self, tenant_id: str, index: Index) -> None:
        """Have the vectors of this version made. Returns at once."""
        ready = self._ready.get(tenant_id)
        if self._making.get(tenant_id) == index.version or (ready and ready.version == index.version):
            return
        self._making[tenant_id] = index.version
        launch(self.prepare(tenant_id, index), name=f"knowledge-meaning:{tenant_id}")

    async def prepare(self, tenant_id: str, index: Index) -> bool:
        """Make the vectors of what is new in this version; whether they are there now."""
        try:
            rows = await self._make(tenant_id, index)
        except (MiaohuiError, OSError, ValueError) as error:
            _log.warning("knowledge.no_meaning", tenant_id=tenant_id, version=index.version, reason=str(error))
            return False
        finally:
            if self._making.get(tenant_id) == index.version:
                del self._making[tenant_id]
        if rows is not None and index.version >= self._version(tenant_id):
            self._ready[tenant_id] = _Ready(index.version, rows)
        return rows is not None

    def _version(self, tenant_id: str) -> int:
        ready = self._ready.get(tenant_id)
        return ready.version if ready else 0

    async def _make(self, tenant_id: str, index: Index) -> Floats | None:
        if not 0 < len(index.chunks) <= MOST_CHUNKS:
            return None
        file = self._folder / kept.name_of(tenant_id) if self._folder else None
        texts = await asyncio.to_thread(lambda: [kept.text_of(chunk) for chunk in index.chunks])
        digests = [kept.digest_of(text) for text in texts]
        known = await asyncio.to_thread(kept.load, file, self.embedder.model) if file else {}
        missing = {digest: text for digest, text in zip(digests, texts, strict=True) if digest not in known}
        wanted = list(missing)
        for start in range(0, len(wanted), AT_ONCE):
            some = wanted[start : start + AT_ONCE]
            made = await self.embedder.embed(tenant_id, [missing[digest] for digest in some])
            known.update(zip(some, map(kept.read_vector, made), strict=True))
        used = {digest: known[digest] for digest in digests}
        if file and (missing or len(used) < len(known)):
            await asyncio.to_thread(kept.save, file, self.embedder.model, used)
        return await asyncio.to_thread(kept.stack, digests, used)

    async def look_further(self, tenant_id: str, index: Index, question: str, found: Retrieval) -> Retrieval:
        """What was found by words, or before it what means the same; never later than the deadline.

        `index` is what is shown to who asks: of it nothing that is out of scope or not valid comes up.
        """
        ready = self._ready.get(tenant_id)
        if ready is None or ready.version != index.version or len(ready.rows) != len(index.chunks):
            return found
        asked = await self.ask(tenant_id, question)
        return found if asked is None else self._merge(index, ready.rows, asked, found)

    async def ask(self, tenant_id: str, question: str) -> Floats | None:
        """What a question means, as a unit vector; None when the model did not say so in time."""
        try:
            async with asyncio.timeout(self._terms.deadline_s):
                return await self._embed(tenant_id, question)
        except (MiaohuiError, TimeoutError) as error:
            _log.info("knowledge.meaning_not_asked", tenant_id=tenant_id, reason=type(error).__name__)
            return None

    async def _embed(self, tenant_id: str, question: str) -> Floats:
        key = (tenant_id, question)
        vector = self._asked.get(key)
        if vector is None:
            (made,) = await self.embedder.embed(tenant_id, [question])
            vector = self._asked[key] = kept.read_vector(made)
            if len(self._asked) > MOST_QUESTIONS:
                self._asked.popitem(last=False)
        return vector

    def _merge(self, index: Index, rows: Floats, asked: Floats, found: Retrieval) -> Retrieval:
        if rows.shape[1] != len(asked):
            return found
        likeness = np.where(index.preference[0] > 0, rows @ asked, np.float32(-1))
        most = max(len(found.passages), 5)
        slots = likeness.argsort()[::-1][:most].tolist()
        return self.merge(
            found,
            [
                Passage(chunk=index.chunks[slot], score=one, bm25=0.0, cosine=one)
                for slot in slots
                if (one := float(likeness[slot])) >= self._terms.sure
            ],
        )

    def merge(self, found: Retrieval, near: Sequence[Passage]) -> Retrieval:
        """What was found by words, behind what means nearly the same; the same when nothing does."""
        passages = [passage for passage in near if passage.cosine >= self._terms.sure]
        if not passages:
            return found
        told = {passage.chunk.id for passage in passages}
        others = [passage for passage in found.passages if passage.chunk.id not in told]
        return Retrieval(
            passages=(*passages, *others)[: max(len(found.passages), 5)],
            answerability=max(found.answerability, passages[0].cosine),
            answerable=True,
            version=found.version,
        )

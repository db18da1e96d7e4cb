"""A hundred thousand chunks in PostgreSQL, beside the exact index in the process: what is found, and how fast.

Passages are compared with the exact index's, and of the vectors alone those that pgvector's index finds with those that
comparing all of them finds.

    python -m bench.at_scale DATA [--chunks 100000] [--questions 300]

DATA holds `cmrc2018/` and `dify_docs/`. The questions are those of CMRC 2018; the other chunks are the pages of both
sets over and over, with their sentences in another order, so that there is much to take for the right one.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import asyncpg
import numpy as np
from tests.support.servers import database_at, postgres_server

from bench.retrieval import Page, read_pages, read_passages
from miaohui.kit.clock import SystemClock
from miaohui.kit.database import Database
from miaohui.kit.records import RecordsOptions, open_database
from miaohui.knowledge.embedding import embed
from miaohui.knowledge.importing import Read
from miaohui.knowledge.reading import Draft
from miaohui.knowledge.segment import normalise
from miaohui.knowledge.server import repository
from miaohui.knowledge.server.policy import write_vector
from miaohui.knowledge.server.service import ServerIndex
from miaohui.knowledge.service import Knowledge
from miaohui.migrations import migrate

_LIMIT = 5
_VECTORS = 100
"""Questions whose vectors are compared with all."""
_TENANT = "ten_bench"


def main() -> None:
    """Print both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--chunks", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=300)
    options = parser.parse_args()
    pages, asked = read_passages(options.data)
    others = [page for language in ("zh", "en") for page in read_pages(options.data, language)]
    step = max(1, len(asked) // options.questions)
    with postgres_server() as url:
        asyncio.run(_measure(url, _multiply(pages, others, options.chunks), asked[::step]))


def _multiply(pages: Sequence[Page], others: Sequence[Page], count: int) -> list[Page]:
    """The pages, and as many again as make so many chunks, their sentences shuffled."""
    chance = np.random.default_rng(7)
    made = list(pages)
    # A passage of the set is about one and a half chunks.
    wanted = int(count / 1.45)
    sources = [*pages, *others]
    while len(made) < wanted:
        one, other = (sources[int(place)] for place in chance.integers(len(sources), size=2))
        sentences = (one.text + other.text).replace("\n", " ").split("。")
        text = "。".join(sentences[int(place)] for place in chance.permutation(len(sentences))[:8])[:700]
        made.append(Page(f"{one.path}~{len(made)}", "", text or one.text[:400], one.locale))
    return made


async def _measure(server_url: str, pages: Sequence[Page], asked: Sequence[tuple[str, str]]) -> None:
    connection = await asyncpg.connect(server_url)
    await connection.execute("CREATE DATABASE at_scale")
    await connection.close()
    url = database_at(server_url, "at_scale")
    await asyncio.to_thread(migrate, url)
    with tempfile.TemporaryDirectory() as folder:
        db = await open_database(
            url, clock=SystemClock(), data_dir=Path(folder), options=RecordsOptions(lanes=2, readers=2)
        )
        server = ServerIndex(db, SystemClock(), threshold=0.35)
        inside = Knowledge(db, SystemClock())
        began = time.perf_counter()
        drafts = {
            page.path: Draft(source=page.path, title=page.title, text=page.text, locale=page.locale) for page in pages
        }
        await inside.import_drafts(_TENANT, Read(drafts), all_of_them=True)
        print(f"imported and built in the process in {time.perf_counter() - began:.0f} s", flush=True)
        outside = Knowledge(db, SystemClock(), server=server)
        began = time.perf_counter()
        await outside.refresh(_TENANT)
        print(f"made searchable in the server in {time.perf_counter() - began:.0f} s", flush=True)
        await _compare(inside, outside, asked)
        await _compare_vectors(db, outside, [question for question, _ in asked])
        await db.close()


async def _compare(inside: Knowledge, outside: Knowledge, asked: Sequence[tuple[str, str]]) -> None:
    sources_of: dict[str, str] = {}
    found_by: dict[str, list[set[str]]] = {}
    for name, knowledge in (("in the process, exact", inside), ("PostgreSQL", outside)):
        for question, _ in islice(asked, 20):
            await knowledge.search(_TENANT, question)
        times: list[float] = []
        hits = firsts = 0
        found_by[name] = []
        for question, path in asked:
            began = time.perf_counter()
            found = await knowledge.search(_TENANT, question, limit=_LIMIT)
            times.append(time.perf_counter() - began)
            sources = [await _source(inside, passage.chunk.article_id, sources_of) for passage in found.passages]
            hits += path in sources
            firsts += sources[:1] == [path]
            found_by[name].append({passage.chunk.id for passage in found.passages})
        times.sort()
        print(
            f"{name:24} R@1 {firsts / len(asked):.3f}  R@5 {hits / len(asked):.3f}  "
            f"P50 {times[len(times) // 2] * 1000:.1f} ms  P95 {times[len(times) * 95 // 100] * 1000:.1f} ms",
            flush=True,
        )
    first, second = found_by.values()
    same = [len(one & other) / max(len(one), 1) for one, other in zip(first, second, strict=True)]
    print(f"share of the exact five that PostgreSQL finds: {sum(same) / len(same):.3f}; load {os.getloadavg()[0]:.1f}")


async def _compare_vectors(db: Database, knowledge: Knowledge, questions: Sequence[str]) -> None:
    where: dict[str, object] = {
        "of_tenant": _TENANT,
        "at_version": (await knowledge.search(_TENANT, questions[0])).version,
        "now_ms": SystemClock().now_ms(),
        "audience": "",
        "inbox": "",
        "languages": [],
        "of_tags": [],
    }
    shares: list[float] = []
    times: list[float] = []
    for question in questions[:_VECTORS]:
        asked = where | {"vector": write_vector(embed(normalise(question)))}
        began = time.perf_counter()
        near = await repository.find_by_vector(db, asked, exactly=False)
        times.append(time.perf_counter() - began)
        exact = await repository.find_by_vector(db, asked, exactly=True)
        wanted = {one.chunk_id for one in exact.chunks}
        shares.append(len(wanted & {one.chunk_id for one in near.chunks}) / max(len(wanted), 1))
    times.sort()
    print(
        f"vectors alone: {sum(shares) / len(shares):.3f} of the nearest 20 by pgvector's index; "
        f"P50 {times[len(times) // 2] * 1000:.1f} ms  P95 {times[len(times) * 95 // 100] * 1000:.1f} ms"
    )


async def _source(knowledge: Knowledge, article_id: str, known: dict[str, str]) -> str:
    if article_id not in known:
        known[article_id] = (await knowledge.get_article(_TENANT, article_id)).source
    return known[article_id]


if __name__ == "__main__":
    main()

"""How well and how fast the knowledge base is searched, on real pages.

    python bench/retrieval.py DATA [--chunks 10000]

DATA holds `dify_docs/dify_{zh,en}.jsonl.gz` (one page a line: `path`, `title`, `text`) and
`cmrc2018/cmrc2018_dev.json.gz`. Quality: each page's title is asked, and the page is to be found without its front
matter, where the title stands. Speed: CPU of one search, segmentation included, over `--chunks` chunks of these texts.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

# One search is too small to share among threads: they would wait for one another longer than they work.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # noqa: TID251  (a program, and numpy reads it once)

from miaohui.knowledge import policy
from miaohui.knowledge.chunking import split_markdown
from miaohui.knowledge.index import Index, build_index
from miaohui.knowledge.types import Chunk


class Page(NamedTuple):
    """A text, and what it is asked for by."""

    path: str
    title: str
    text: str
    locale: str


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--chunks", type=int, default=10_000)
    options = parser.parse_args()
    zh, en = (list(read_pages(options.data, language)) for language in ("zh", "en"))
    print(f"{'set':10} {'R@1':>6} {'R@5':>6} {'MRR':>6}")
    for name, pages in (("pages zh", zh), ("pages en", en)):
        print(f"{name:10} " + " ".join(f"{figure:6.3f}" for figure in _measure_titles(pages)))
    passages, questions = read_passages(options.data)
    print(f"{'cmrc2018':10} " + " ".join(f"{figure:6.3f}" for figure in _measure(passages, questions[::5])))
    _measure_speed([*zh, *en, *passages], [question for question, _ in questions[::8]], options.chunks)


def read_pages(data: Path, language: str) -> Iterator[Page]:
    """Of a help centre."""
    with gzip.open(data / "dify_docs" / f"dify_{language}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            page = json.loads(line)
            yield Page(page["path"], page["title"], page["text"], "zh-CN" if language == "zh" else "en")


def read_passages(data: Path) -> tuple[list[Page], list[tuple[str, str]]]:
    """Passages, and questions with the passage that answers each."""
    with gzip.open(data / "cmrc2018" / "cmrc2018_dev.json.gz", "rt", encoding="utf-8") as file:
        paragraphs = [paragraph for article in json.load(file)["data"] for paragraph in article["paragraphs"]]
    pages = [Page(paragraph["id"], "", paragraph["context"], "zh-CN") for paragraph in paragraphs]
    return pages, [(asked["question"], paragraph["id"]) for paragraph in paragraphs for asked in paragraph["qas"]]


def _measure_titles(pages: list[Page]) -> tuple[float, float, float]:
    bare = [page._replace(title="", text=_without_title(page)) for page in pages]
    return _measure(bare, [(page.title, page.path) for page in pages])


def _without_title(page: Page) -> str:
    return re.sub(r"\A---\n.*?\n---\n", "", page.text, flags=re.DOTALL) or page.text


def _measure(pages: list[Page], questions: list[tuple[str, str]]) -> tuple[float, float, float]:
    """R@1, R@5 and mean reciprocal rank (of the first 20) by page."""
    index = build_index(1, _split(pages))
    ranks = [_rank(index, question, path) for question, path in questions]
    count = len(ranks)
    return (
        sum(rank == 1 for rank in ranks) / count,
        sum(0 < rank <= 5 for rank in ranks) / count,
        sum(1 / rank for rank in ranks if rank) / count,
    )


def _rank(index: Index, question: str, path: str) -> int:
    found = policy.search(index, question, locale="zh-CN", limit=32, threshold=0.5).passages
    paths = list(dict.fromkeys(passage.chunk.article_id for passage in found))
    return paths.index(path) + 1 if path in paths[:20] else 0


def _split(pages: list[Page]) -> list[Chunk]:
    return [
        Chunk(
            id=f"{page.path}#{ordinal}",
            article_id=page.path,
            ordinal=ordinal,
            title=page.title,
            heading=piece.heading,
            text=piece.text,
            start=piece.start,
            end=piece.end,
            locale=page.locale,
        )
        for page in pages
        for ordinal, piece in enumerate(split_markdown(page.text))
    ]


def _measure_speed(pages: list[Page], questions: list[str], count: int) -> None:
    chunks = _split(pages)
    while len(chunks) < count:
        again = [page._replace(path=f"{page.path}~{len(chunks)}") for page in pages]
        chunks += _split(again)
    began = time.perf_counter()
    index = build_index(1, chunks[:count])
    print(f"\nindex of {len(index.chunks)} chunks built in {time.perf_counter() - began:.2f} s")

    def search(question: str) -> object:
        return policy.search(index, question, locale="zh-CN", limit=5, threshold=0.5)

    _cpu(search, questions)
    costs = _cpu(search, questions)
    print(f"CPU of one search: P50 {costs[len(costs) // 2]:.0f} us, P95 {costs[len(costs) * 95 // 100]:.0f} us")


def _cpu(search: Callable[[str], object], questions: list[str]) -> list[float]:
    costs: list[float] = []
    for question in questions:
        began = time.process_time_ns()
        search(question)
        costs.append((time.process_time_ns() - began) / 1_000)
    return sorted(costs)


if __name__ == "__main__":
    main()

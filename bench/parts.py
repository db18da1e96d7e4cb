"""The measurements without load: retrieval, word filter, recall, start, size of the widget."""

from __future__ import annotations

import gzip
import time
from collections import Counter
from pathlib import Path

from bench.figures import Row
from bench.histogram import Histogram
from bench.processes import start_server
from bench.rows import Bench
from bench.stage import CHUNKS, copy
from miaohui.guard.words import Words
from miaohui.memory.types import Exchange
from miaohui.settings.service import load
from miaohui.wiring import House, open_house, static_folder

WORDS = 20_000
_PIECE = 300
_LOADER, _LANGUAGES = "widget.js", ("zh-", "en-")
_ALPHABET = "零一二三四五六七八九十百千万亿甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥金木水火土"


async def parts(bench: Bench) -> list[Row]:
    """One row each."""
    data = copy(bench.stage, bench.work / "parts")
    async with open_house(load(data=data), background=False) as house:
        rows = [await _retrieval(bench, house), await _recall(bench, house)]
    rows += [_words(bench), _start(bench)]
    return rows + _widget()


async def _retrieval(bench: Bench, house: House) -> Row:
    (tenant_id, _), *_ = Counter(visitor.tenant for visitor in bench.stage.visitors).most_common(1)
    costs = Histogram()
    for question in bench.stage.questions * 3:
        began = time.process_time_ns()
        await house.knowledge.retrieve(tenant_id, question)
        costs.add((time.process_time_ns() - began) / 1e9)
    p50, p99 = costs.quantile(0.5) * 1e6, costs.quantile(0.99) * 1e6
    return Row(
        work=f"Retrieval over {CHUNKS:,} chunks, segmentation included",
        measured=f"P50 {p50:.0f} µs, P99 {p99:.0f} µs of CPU",
        goal="≤ 400 µs",
        reached=p50 <= 400,
        facts={"p50_us": p50, "p99_us": p99},
    )


async def _recall(bench: Bench, house: House) -> Row:
    """Half of the conversations are remembered in the process; the others are read from the records."""
    costs = Histogram()
    visitors = bench.stage.visitors[:2000]
    for visitor in visitors[::2]:
        for i in range(10):
            await house.memory.remember(visitor.conversation, Exchange(f"问题{i}", "回答" * 60))
    for visitor in visitors:
        began = time.perf_counter()
        await house.memory.recall(visitor.tenant, visitor.conversation, visitor.contact)
        costs.add(time.perf_counter() - began)
    p50, p99 = costs.quantile(0.5) * 1000, costs.quantile(0.99) * 1000
    return Row(
        work="Recall (short-term memory, every other one read from the records)",
        measured=f"P50 {p50:.2f} ms, P99 {p99:.2f} ms",
        goal="P99 ≤ 20 ms",
        reached=p99 <= 20,
        facts={"p50_ms": p50, "p99_ms": p99},
    )


def _words(bench: Bench) -> Row:
    words = Words({"bench": [_word(number) for number in range(WORDS)]})
    text = "，".join(bench.stage.questions * 40)
    pieces = [text[at : at + _PIECE] for at in range(0, len(text) - _PIECE, _PIECE)]
    began = time.process_time_ns()
    for piece in pieces:
        words.find(piece)
    into = (time.process_time_ns() - began) / len(pieces) / 1000
    began = time.process_time_ns()
    for piece in pieces:
        words.look(piece, "")
    out = (time.process_time_ns() - began) / len(pieces) / 1000
    return Row(
        work=f"Word filter, {WORDS:,} words, per {_PIECE} characters",
        measured=f"{into:.1f} µs on the way in, {out:.1f} µs on the way out",
        goal="≤ 10 µs both ways",
        reached=max(into, out) <= 10,
        facts={"in_us": into, "out_us": out},
    )


def _word(number: int) -> str:
    """Three characters, none twice."""
    size = len(_ALPHABET)
    return _ALPHABET[number % size] + _ALPHABET[number // size % size] + _ALPHABET[number // size // size % size]


def _start(bench: Bench) -> Row:
    data = copy(bench.stage, bench.work / "start")
    took = []
    for _ in range(2):
        began = time.perf_counter()
        with start_server(data, bench.cores, {}):
            took.append(time.perf_counter() - began)
    return Row(
        work=f"Start on an existing data folder ({CHUNKS:,} chunks)",
        measured=f"ready after {took[-1]:.2f} s",
        goal="≤ 2 s",
        reached=took[-1] <= 2,
        facts={"seconds": took},
    )


def _widget() -> list[Row]:
    """What a page fetches until the window is open: loader, app and one language. The rest comes when it is needed."""
    sizes = {path.name: len(gzip.compress(path.read_bytes(), 9)) / 1024 for path in _scripts(static_folder("widget"))}
    if not sizes:
        return []
    opens = (_LOADER, "app.js", max((name for name in sizes if name.startswith(_LANGUAGES)), key=sizes.__getitem__))
    opened = sum(sizes[name] for name in opens)
    later = {name.partition("-")[0]: size for name, size in sizes.items() if not name.startswith((*opens, *_LANGUAGES))}
    return [
        Row(
            work="Widget, gzipped, until its window is open",
            measured=f"{opened:.2f} KB, the loader {sizes[_LOADER]:.1f} KB of it; when needed: "
            + ", ".join(f"{name} {size:.1f} KB" for name, size in sorted(later.items())),
            goal="≤ 25 KB, loader ≤ 3 KB",
            reached=opened <= 25 and sizes[_LOADER] <= 3,
            facts=dict(sizes),
        )
    ]


def _scripts(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*.js") if path.is_file()]

"""Publishing while visitors talk: a thousand changed chunks become the served version under 200 turns a second."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp

from bench.client import Crowd, now
from bench.figures import Row
from bench.load import Load, Words
from bench.rows import REST_S, Bench, running
from bench.stage import make_key
from bench.upstream import STREAM

RATE = 200.0
CHUNKS = 1_000
WORSE = 0.20
_PAGE = 200


class Phase(NamedTuple):
    """Some seconds of turns."""

    turns: int
    failed: int
    first_p99_ms: float
    whole_p99_ms: float


class Versions(NamedTuple):
    """What the journal says of the versions that turns were told from."""

    turns: int
    seen: tuple[int, ...]
    mixed: int
    """Turns with a passage that their version does not serve."""


async def publishing(bench: Bench) -> list[Row]:
    """One row: the turns before, and those during."""
    seconds = bench.seconds(20, 10)
    keys: list[str] = []
    with running(bench, "publishing", STREAM, lambda data: keys.append(make_key(data))) as run:
        crowd = Crowd(run.port)
        await crowd.join(bench.stage.visitors[: int(RATE * REST_S)])
        talk = Load(crowd, Words(bench.stage.questions), STREAM)
        headers = {"authorization": f"Bearer {keys[0]}"}
        async with aiohttp.ClientSession(f"http://127.0.0.1:{run.port}", headers=headers) as http:
            chunks = await _draft(http)
            await _phase(crowd, talk.at_rate(RATE, 3))
            before = await _phase(crowd, talk.at_rate(RATE, seconds))
            async with asyncio.TaskGroup() as group:
                published = group.create_task(_publish(http))
                during = await _phase(crowd, _until_served(talk, published, seconds))
        crowd.leave()
    return [_row(before, during, read_versions(run.data / "miaohui.db"), (chunks, published.result()))]


async def _phase(crowd: Crowd, sending: Coroutine[Any, Any, int]) -> Phase:
    crowd.figures = figures = type(crowd.figures)()
    sent = await sending
    await crowd.settle(30)
    failed = sent - figures.answered
    first, whole = figures.first.summary_ms()["p99"], figures.whole.summary_ms()["p99"]
    return Phase(turns=sent, failed=failed, first_p99_ms=first, whole_p99_ms=whole)


async def _until_served(talk: Load, published: asyncio.Task[float], seconds: float) -> int:
    """Turns for so long, and on until some were told from the new version; how many."""
    sent = await talk.at_rate(RATE, seconds)
    while not published.done():
        sent += await talk.at_rate(RATE, 1)
    return sent + await talk.at_rate(RATE, 2)


async def _draft(http: aiohttp.ClientSession) -> int:
    """Drafts that change so many chunks; how many they are, as far as is known before."""
    drafted, cursor = 0, ""
    while drafted < CHUNKS:
        page = await _ask(http, "GET", f"/v1/articles?limit={_PAGE}&cursor={cursor}")
        for one in page["data"]:
            article = await _ask(http, "GET", f"/v1/articles/{one['id']}")
            text = article["text"].replace("。", "；", 1) + "\n\n此条已经更新。\n"
            words = {"title": article["title"], "text": text, "locale": article["locale"]}
            await _ask(http, "PUT", f"/v1/knowledge/drafts/{one['id']}", words)
            drafted += text.count("\n## ")
            if drafted >= CHUNKS:
                break
        cursor = page["data"][-1]["id"]
    return drafted


async def _publish(http: aiohttp.ClientSession) -> float:
    """Seconds until the new version was served; it begins a second after the turns do."""
    await asyncio.sleep(1)
    began = now()
    await _ask(http, "POST", "/v1/knowledge/publish", {})
    return now() - began


async def _ask(http: aiohttp.ClientSession, method: str, path: str, body: Any = None) -> Any:
    async with http.request(method, path, json=body, timeout=aiohttp.ClientTimeout(total=120)) as answer:
        answer.raise_for_status()
        return await answer.json()


def read_versions(file: Path) -> Versions:
    """Every turn in the journal beside what its version served."""
    with closing(sqlite3.connect(file)) as records:
        served = {
            chunk: (born, ended)
            for chunk, born, ended in records.execute(
                "SELECT c.id, r.born, r.ended FROM revision_chunks c JOIN article_revisions r ON r.id = c.revision_id"
            )
        }
        entries = [json.loads(entry) for (entry,) in records.execute("SELECT entry FROM journal_turns")]
    seen: set[int] = set()
    turns = mixed = 0
    for entry in entries:
        for stage in entry["stages"] if isinstance(entry, dict) else entry:
            facts = stage.get("facts", {})
            if stage.get("name") != "recall_and_retrieve":
                continue
            version = facts["knowledge_version"]
            turns += 1
            seen.add(version)
            spans = [served[passage.split(" ", 1)[0]] for passage in facts["passages"]]
            mixed += not all(born <= version and (not ended or version < ended) for born, ended in spans)
    return Versions(turns, tuple(sorted(seen)), mixed)


def _row(before: Phase, during: Phase, versions: Versions, published: tuple[int, float]) -> Row:
    chunks, took_s = published
    worse = during.whole_p99_ms / max(before.whole_p99_ms, 0.1) - 1
    kept = during.failed == 0 and before.failed == 0 and versions.mixed == 0
    return Row(
        work=f"Publish {chunks} changed chunks at {RATE:.0f} turns/s",
        measured=f"served after {took_s:.1f} s; {during.failed} of {during.turns} turns failed, {versions.mixed} of "
        f"{versions.turns} mixed versions {versions.seen}; whole P99 {before.whole_p99_ms:.0f} → "
        f"{during.whole_p99_ms:.0f} ms ({worse:+.0%}), first P99 {before.first_p99_ms:.0f} → {during.first_p99_ms:.0f}",
        goal="none failed, none mixed, P99 up ≤ 20 %",
        reached=kept and worse <= WORSE and len(versions.seen) > 1,
        kept=kept,
        facts={"before": before._asdict(), "during": during._asdict(), "versions": versions._asdict()},
    )

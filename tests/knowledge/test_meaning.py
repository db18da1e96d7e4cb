"""What words do not find is found by meaning, where a model is named; and a model that fails costs no answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from tests.support.opening import opened

from miaohui.kit.clock import SystemClock
from miaohui.kit.database import Database
from miaohui.kit.errors import Unavailable
from miaohui.kit.server import ServerDatabase
from miaohui.knowledge.editing.types import Content
from miaohui.knowledge.meaning.service import Meaning, Terms
from miaohui.knowledge.server.service import ServerIndex
from miaohui.knowledge.service import Knowledge
from miaohui.knowledge.types import Scope

CONCEPTS = (
    ("退货", "return", "send back"),
    ("运费", "shipping", "postage"),
    ("门店", "store", "branch"),
    ("暗号", "codeword"),
)


class Bilingual:
    """A model that knows a few things in two languages."""

    model = "two-tongues"

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.failing = False
        self.slow = asyncio.Event()
        self.slow.set()

    async def embed(self, tenant_id: str, texts: Sequence[str]) -> list[bytes]:
        del tenant_id
        if self.failing:
            raise Unavailable("No provider could answer.")
        await self.slow.wait()
        self.texts += texts
        return [self._vector(text.lower()).tobytes() for text in texts]

    def _vector(self, text: str) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        known = [float(any(word in text for word in words)) for words in CONCEPTS]
        return np.array([*known, 0.05], "<f4")


ARTICLES = (
    Content(title="退货", text="七天内可以退货，运回的钱我们出。"),
    Content(title="门店", text="门店在南京路，晚上九点关门。"),
    Content(title="内部", text="暗号是黑天鹅。", tags=("audience:agents",)),
)
QUESTION = "Can I send back what I bought?"


@pytest.fixture
def model() -> Bilingual:
    return Bilingual()


@pytest.fixture(params=["process", pytest.param("server", marks=pytest.mark.pg)])
def url(request: pytest.FixtureRequest) -> str:
    """Where articles are searched decides which database it is."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "process" else "postgres_url"))


@pytest.fixture
async def db(url: str, tmp_path: Path) -> AsyncIterator[Database]:
    async with opened(url, tmp_path, lanes=2, readers=2) as database:
        yield database


@pytest.fixture
async def speaking(db: Database, model: Bilingual, tmp_path: Path) -> Knowledge:
    return await publish(db, model, tmp_path)


async def publish(db: Database, model: Bilingual, folder: Path) -> Knowledge:
    knowledge = build(db, model, folder)
    for content in ARTICLES:
        await knowledge.editor.save("ten", "agent", content)
    await knowledge.editor.publish("ten")
    await ready(knowledge)
    return knowledge


def build(db: Database, model: Bilingual, folder: Path) -> Knowledge:
    server = ServerIndex(db, SystemClock(), threshold=0.35) if isinstance(db, ServerDatabase) else None
    knowledge = Knowledge(db, SystemClock(), server=server)
    knowledge.meaning = Meaning(model, folder / "vectors", Terms(sure=0.5, deadline_s=0.2))
    return knowledge


async def ready(knowledge: Knowledge) -> None:
    meaning = knowledge.meaning
    assert meaning is not None
    there = knowledge._server.meanings if knowledge._server else None
    async with asyncio.timeout(10):
        while not (there._whole if there else meaning._ready) or (there or meaning)._making:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def titles(knowledge: Knowledge, question: str, **scope: object) -> list[str]:
    found = await knowledge.search("ten", question, scope=Scope(**scope))  # type: ignore[arg-type]
    return [passage.chunk.title for passage in found.passages]


async def test_a_question_finds_an_article_in_another_language(db: Database, speaking: Knowledge) -> None:
    found = await speaking.search("ten", QUESTION)
    assert (found.passages[0].chunk.title, found.answerable) == ("退货", True)
    words = Knowledge(db, SystemClock())
    await words.refresh("ten")
    assert not (await words.search("ten", QUESTION)).answerable


async def test_what_words_answer_asks_no_model(speaking: Knowledge, model: Bilingual) -> None:
    model.texts.clear()
    assert (await speaking.search("ten", "门店几点关门")).answerable
    assert model.texts == []


async def test_what_means_nothing_that_is_there_is_still_not_known(speaking: Knowledge) -> None:
    assert not (await speaking.search("ten", "What is quantum physics?")).answerable


async def test_what_is_not_for_everybody_is_not_found_by_meaning_either(speaking: Knowledge) -> None:
    assert "内部" not in await titles(speaking, "What is the codeword?")
    assert (await titles(speaking, "What is the codeword?", audience="agents"))[0] == "内部"


@pytest.mark.parametrize("trouble", ["failing", "slow"])
async def test_a_model_that_does_not_answer_in_time_costs_no_answer(
    speaking: Knowledge, model: Bilingual, trouble: str
) -> None:
    model.failing = trouble == "failing"
    if trouble == "slow":
        model.slow.clear()
    async with asyncio.timeout(2):
        found = await speaking.search("ten", QUESTION)
    assert not found.answerable
    model.failing = False
    model.slow.set()
    assert (await speaking.search("ten", QUESTION)).answerable


async def test_a_text_is_paid_for_once(db: Database, speaking: Knowledge, model: Bilingual, tmp_path: Path) -> None:
    assert len(model.texts) == len(ARTICLES)
    await speaking.editor.save("ten", "agent", Content(title="运费", text="满九十九元免运费。"))
    await speaking.editor.publish("ten")
    await ready(speaking)
    assert len(model.texts) == len(ARTICLES) + 1
    again = build(db, model, tmp_path)
    await again.refresh("ten")
    await ready(again)
    assert len(model.texts) == len(ARTICLES) + 1
    assert (await titles(again, "How much is postage?"))[0] == "运费"
    other = Bilingual()
    other.model = "another"
    changed = build(db, other, tmp_path)
    await changed.refresh("ten")
    await ready(changed)
    assert len(other.texts) == len(ARTICLES) + 1


@pytest.mark.parametrize("url", ["process"], indirect=True)
async def test_a_damaged_file_is_made_anew(db: Database, speaking: Knowledge, model: Bilingual, tmp_path: Path) -> None:
    del speaking
    (file,) = (tmp_path / "vectors").iterdir()
    file.write_bytes(file.read_bytes()[:-5])
    again = build(db, model, tmp_path)
    await again.refresh("ten")
    await ready(again)
    assert (await again.search("ten", QUESTION)).answerable
    assert len(model.texts) == 2 * len(ARTICLES) + 1


@pytest.mark.pg
@pytest.mark.parametrize("url", ["server"], indirect=True)
async def test_two_processes_pay_for_a_text_once(
    db: Database, speaking: Knowledge, model: Bilingual, tmp_path: Path
) -> None:
    del speaking
    model.texts.clear()
    model.slow.clear()
    both = [build(db, model, tmp_path) for _ in range(2)]
    await both[0].editor.save("ten", "agent", Content(title="运费", text="满九十九元免运费。"))
    await both[0].editor.publish("ten")
    await both[1].refresh("ten")
    model.slow.set()
    await ready(both[0])
    assert len(model.texts) == 1
    assert (await titles(both[1], "How much is postage?"))[0] == "运费"


@pytest.mark.pg
@pytest.mark.parametrize("url", ["server"], indirect=True)
async def test_what_a_model_could_not_say_is_asked_again_later(
    db: Database, model: Bilingual, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("miaohui.knowledge.server.meanings.service.AGAIN_MS", 0)
    model.failing = True
    knowledge = build(db, model, tmp_path)
    await knowledge.editor.save("ten", "agent", ARTICLES[0])
    await knowledge.editor.publish("ten")
    assert not (await knowledge.search("ten", QUESTION)).answerable
    model.failing = False
    await knowledge.look_around()
    await ready(knowledge)
    assert (await knowledge.search("ten", QUESTION)).answerable


@pytest.mark.pg
@pytest.mark.parametrize("url", ["server"], indirect=True)
async def test_the_index_of_what_is_meant_finds_what_comparing_all_finds(
    db: Database, speaking: Knowledge, model: Bilingual, monkeypatch: pytest.MonkeyPatch
) -> None:
    near = {}
    for few in (0, 5_000):
        monkeypatch.setattr("miaohui.knowledge.server.service.FEW", few)
        near[few] = [one.chunk.title for one in (await speaking.search("ten", QUESTION)).passages]
    assert near[0] == near[5_000]
    assert near[0][0] == "退货"

"""Who asks what in `miaohui eval cost`, and what there is to answer from."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from miaohui.cli.evaluate_data import found, read_conversations

if TYPE_CHECKING:
    from miaohui.engines.types import EngineRequest, Usage
    from miaohui.knowledge.types import Chunk, Retrieval
    from miaohui.memory.types import Exchange
    from miaohui.prompts.fit import Economy

_PASSAGES = 5


class Scene:
    """Who asks what, and what there is to answer from. Prompts are kept: every way asks for them again."""

    def __init__(self, talks: Sequence[Sequence[str]], openings: Sequence[str], chunks: list[Chunk]) -> None:
        from miaohui.knowledge.index import build_index

        self.talks = talks
        self.openings = openings
        self.chunks = tuple(chunks)
        self._index = build_index(1, chunks)
        self._retrieved: dict[str, Retrieval] = {}
        self._requests: dict[tuple[Any, ...], EngineRequest] = {}
        self._answers: dict[str, str] = {}

    def retrieve(self, question: str) -> Retrieval:
        """The best passages."""
        from miaohui.knowledge.policy import search

        if question not in self._retrieved:
            self._retrieved[question] = search(self._index, question, locale="zh-CN", limit=_PASSAGES, threshold=0.35)
        return self._retrieved[question]

    def compose(self, question: str, earlier: tuple[Exchange, ...], economy: Economy) -> EngineRequest:
        """The request that the house would send."""
        from miaohui.inboxes.types import Assistant
        from miaohui.memory.types import Recollection
        from miaohui.prompts.compose import Brief, compose

        key = (question, earlier, economy.keep)
        if key not in self._requests:
            brief = Brief(
                turn_id="turn",
                tenant_id="tnt",
                question=question,
                assistant=Assistant(name="小秒", persona="说话亲切、简洁。"),
                company="示例公司",
                locale="zh-CN",
                recollection=Recollection(exchanges=earlier),
                retrieval=self.retrieve(question),
                economy=economy,
            )
            self._requests[key] = compose(brief)
        return self._requests[key]

    def answer(self, question: str) -> str:
        """About as long as a model's answer, of the help centre's own sentences; the same whatever the prompt was."""
        from miaohui.engines.excerpt import compose_answer, compose_apology
        from miaohui.engines.types import Source

        if question not in self._answers:
            chunks = [passage.chunk for passage in self.retrieve(question).passages]
            sources = [
                Source(n=n, title=chunk.title, heading=chunk.heading, text=chunk.text, score=1.0)
                for n, chunk in enumerate(chunks, 1)
            ]
            told = compose_answer(question, sources, "zh-CN") or compose_apology(question, sources, "zh-CN")
            self._answers[question] = told
        return self._answers[question]

    def respond(self, request: EngineRequest) -> tuple[str, Usage]:
        """What a provider says, and what it counts."""
        from miaohui.engines.tokens import estimate_tokens
        from miaohui.engines.types import Usage

        text = self.answer(request.question)
        asked = sum(estimate_tokens(message.content) for message in request.messages)
        return text, Usage(input_tokens=asked, output_tokens=estimate_tokens(text), estimated=False)


def read_scene(data: Path) -> Scene:
    """CrossWOZ asks, Dify's help centre answers; its pages' own questions are those that many ask."""
    from miaohui.knowledge.chunking import split_markdown
    from miaohui.knowledge.types import Chunk

    pages = _read_pages(data / "dify_docs" / "dify_zh.jsonl.gz")
    chunks = [
        Chunk(
            id=f"{page['path']}#{place}",
            article_id=page["path"],
            ordinal=place,
            title=page["title"],
            heading=piece.heading,
            text=piece.text,
            start=piece.start,
            end=piece.end,
        )
        for page in pages
        for place, piece in enumerate(split_markdown(page["text"]))
    ]
    talks = [
        [question for question, _ in talk.pairs] for talk in read_conversations(data / "crosswoz" / "val.json.zip")
    ]
    return Scene(
        [talk for talk in talks if talk], [asked for page in pages for asked in page["question_headings"]], chunks
    )


def _read_pages(file: Path) -> list[dict[str, Any]]:
    with gzip.open(found(file), "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def measure_repetition(file: Path) -> float:
    """Share of a live log's messages that somebody had sent before; bare numbers stand for many others there."""
    with found(file).open(encoding="utf-8", newline="") as lines:
        said = [row[0].strip().lower() for row in list(csv.reader(lines))[1:] if row and not row[0].strip().isdigit()]
    return 1 - len(set(said)) / max(len(said), 1)

"""`miaohui eval economy`: does what a whole prompt holds still stand in one that saves tokens?"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from miaohui.cli.evaluate_data import Figure, Talk, data_folder, found, read_conversations, show, watched
from miaohui.cli.output import as_json

if TYPE_CHECKING:
    from miaohui.knowledge.index import Index
    from miaohui.knowledge.types import Retrieval
    from miaohui.memory.types import Exchange
    from miaohui.prompts.fit import Economy

_PASSAGES = 5


class Asked(NamedTuple):
    """A question, and the answers that would be right."""

    question: str
    answers: tuple[str, ...]


@click.command()
@data_folder
@click.option(
    "--keep", type=click.FloatRange(0.4, 1), default=0.6, show_default=True, help="As the setting prompt_keep."
)
@click.option("--whole-turns", type=int, default=3, show_default=True, help="As the setting prompt_whole_turns.")
@as_json
def economy(*, data: Path, keep: float, whole_turns: int, as_json: bool) -> None:
    """Does what a prompt holds survive when tokens are saved? DATA holds cmrc2018/ and crosswoz/."""
    from miaohui.prompts.fit import Economy

    saving = Economy(keep=keep, whole_turns=whole_turns)
    index, asked = read_questions(data / "cmrc2018" / "cmrc2018_dev.json.gz")
    talks = read_conversations(data / "crosswoz" / "val.json.zip")
    with watched(hidden=as_json) as watch:
        figures = [
            measure_passages(index, watch(asked, "passages"), saving),
            measure_turns(watch(talks, "earlier turns"), saving),
        ]
    show(figures, as_json=as_json)


def read_questions(file: Path) -> tuple[Index, list[Asked]]:
    """All passages of the set as one knowledge base, and what is asked of them."""
    import gzip

    from miaohui.knowledge.index import build_index
    from miaohui.knowledge.types import Chunk

    with gzip.open(found(file)) as whole:
        articles: list[dict[str, Any]] = json.load(whole)["data"]
    paragraphs = [paragraph for article in articles for paragraph in article["paragraphs"]]
    chunks = [
        Chunk(
            id=f"chunk_{n}",
            article_id=f"art_{n}",
            ordinal=0,
            title="",
            heading="",
            text=paragraph["context"],
            start=0,
            end=len(paragraph["context"]),
        )
        for n, paragraph in enumerate(paragraphs)
    ]
    asked = [
        Asked(one["question"], tuple(answer["text"] for answer in one["answers"]))
        for paragraph in paragraphs
        for one in paragraph["qas"]
    ]
    return build_index(1, chunks), asked


def measure_passages(index: Index, asked: Iterable[Asked], saving: Economy) -> Figure:
    """An answer that stands in the whole prompt survives when it stands in the saving one."""
    from miaohui.knowledge.policy import search
    from miaohui.prompts.fit import WHOLE

    total = survived = 0
    kept: list[float] = []
    for question, answers in asked:
        retrieval = search(index, question, locale="zh-CN", limit=_PASSAGES, threshold=0.35)
        whole, short = (compose_words(question, retrieval, (), way) for way in (WHOLE, saving))
        if any(answer in whole for answer in answers):
            total += 1
            survived += any(answer in short for answer in answers)
            kept.append(len(short) / len(whole))
    return Figure("answers in passages", saving.keep, total, survived, 0.98, sum(kept) / max(len(kept), 1))


def measure_turns(talks: Iterable[Talk], saving: Economy) -> Figure:
    """What the visitor named in earlier turns survives when it stands in the prompt of the last one."""
    from miaohui.knowledge.policy import NO_KNOWLEDGE
    from miaohui.memory.types import Exchange
    from miaohui.prompts.fit import SUMMARY_KEEP, WHOLE

    total = survived = 0
    kept: list[float] = []
    for talk in talks:
        *earlier, last = [Exchange(*pair) for pair in talk.pairs]
        whole, short = (compose_words(last.question, NO_KNOWLEDGE, tuple(earlier), way) for way in (WHOLE, saving))
        named = [value for value in talk.slots if value in whole]
        total += len(named)
        survived += sum(value in short for value in named)
        kept.append(len(short) / len(whole))
    return Figure("what the visitor named", SUMMARY_KEEP, total, survived, 0.97, sum(kept) / max(len(kept), 1))


def compose_words(question: str, retrieval: Retrieval, earlier: tuple[Exchange, ...], way: Economy) -> str:
    """All words of the prompt but the rules."""
    from miaohui.inboxes.types import Assistant
    from miaohui.memory.types import Recollection
    from miaohui.prompts.compose import Brief, compose

    brief = Brief(
        turn_id="turn",
        tenant_id="tnt",
        question=question,
        assistant=Assistant(),
        company="",
        locale="zh-CN",
        recollection=Recollection(exchanges=earlier),
        retrieval=retrieval,
        economy=way,
    )
    return "\n".join(message.content for message in compose(brief).messages[1:])

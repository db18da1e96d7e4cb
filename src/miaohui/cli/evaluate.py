"""`miaohui eval`: measure what was promised, on data that nobody here wrote. The data stays where it is."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click

from miaohui.cli import (
    evaluate_certainty,
    evaluate_entities,
    evaluate_guard,
    evaluate_knowledge,
    evaluate_memory,
    evaluate_promotions,
    evaluate_retail,
)
from miaohui.cli.evaluate_cost import cost
from miaohui.cli.evaluate_data import Figure, Talk, data_folder, found, read_conversations, show, watched
from miaohui.cli.evaluate_economy import economy
from miaohui.cli.output import as_json

T = TypeVar("T")

JOINED_CHARS = 1_000
"""Passages are joined until they are about so long."""


class Case(NamedTuple):
    """A text, and who asks what of it."""

    text: str
    questions: tuple[tuple[str, tuple[str, ...]], ...]
    """Each with the answers that would be right."""


@click.group("eval")
def evaluate() -> None:
    """Measure on public data sets; DATA is the folder that holds them."""


evaluate.add_command(cost)
evaluate.add_command(economy)
for room in (
    evaluate_knowledge,
    evaluate_certainty,
    evaluate_entities,
    evaluate_guard,
    evaluate_memory,
    evaluate_promotions,
    evaluate_retail,
):
    for measurement in room.COMMANDS:
        evaluate.add_command(measurement)


@evaluate.command()
@data_folder
@as_json
def compression(*, data: Path, as_json: bool) -> None:
    """Do answers survive when a text is shortened? DATA holds cmrc2018/."""
    cases = read_passages(data / "cmrc2018" / "cmrc2018_dev.json.gz")
    plan = ((True, 0.6, 0.99), (True, 0.4, 0.95), (False, 0.6, 0.80))
    with watched(hidden=as_json) as watch:
        figures = [
            measure_compression(watch(cases, f"{ratio:.0%}"), ratio, least, asked=asked) for asked, ratio, least in plan
        ]
    show(figures, as_json=as_json)


@evaluate.command()
@data_folder
@as_json
def history(*, data: Path, as_json: bool) -> None:
    """Does what the visitor asked for survive in a summary? DATA holds crosswoz/."""
    conversations = read_conversations(data / "crosswoz" / "val.json.zip")
    with watched(hidden=as_json) as watch:
        figures = [
            measure_history(watch(conversations, f"{ratio:.0%}"), ratio, least)
            for ratio, least in ((0.6, 0.99), (0.5, 0.99), (0.4, 0.0))
        ]
    show(figures, as_json=as_json)


def read_passages(file: Path) -> list[Case]:
    """Passages of the set, joined to about `JOINED_CHARS`, each case with the questions of all its passages."""
    cases: list[Case] = []
    group: list[dict[str, Any]] = []
    for article in json.loads(_open(file, gzip.open))["data"]:
        for paragraph in article["paragraphs"]:
            group.append(paragraph)
            if sum(len(one["context"]) for one in group) >= 0.9 * JOINED_CHARS:
                cases.append(_join(group))
                group = []
    return [*cases, _join(group)] if group else cases


def _join(group: list[dict[str, Any]]) -> Case:
    questions = tuple(
        (asked["question"], tuple(answer["text"] for answer in asked["answers"]))
        for paragraph in group
        for asked in paragraph["qas"]
    )
    return Case("\n".join(paragraph["context"] for paragraph in group), questions)


def measure_compression(cases: Iterable[Case], ratio: float, least: float, *, asked: bool) -> Figure:
    """An answer survives when one of its right forms stands in what is left."""
    from miaohui.prompts.compress import compress

    total = survived = 0
    kept: list[float] = []
    for case in cases:
        room = int(len(case.text) * ratio)
        blind = "" if asked else compress(case.text, room)
        for question, answers in case.questions:
            left = compress(case.text, room, question) if asked else blind
            total += 1
            survived += any(answer in left for answer in answers)
            kept.append(len(left) / len(case.text))
    name = "knowing the question" if asked else "not knowing the question"
    return Figure(name, ratio, total, survived, least, sum(kept) / max(len(kept), 1))


def measure_history(conversations: Iterable[Talk], ratio: float, least: float) -> Figure:
    """A slot survives when its value stands in the summary."""
    from miaohui.memory.types import Exchange
    from miaohui.prompts.summary import summarise

    total = survived = 0
    kept: list[float] = []
    for talk in conversations:
        length = sum(len(question) + len(answer) for question, answer in talk.pairs)
        summary = summarise([Exchange(*pair) for pair in talk.pairs], int(length * ratio))
        total += len(talk.slots)
        survived += sum(value in summary for value in talk.slots)
        kept.append(len(summary) / max(length, 1))
    return Figure("what the visitor named", ratio, total, survived, least, sum(kept) / max(len(kept), 1))


def _open(file: Path, opener: Any) -> bytes:
    with opener(found(file)) as stream:
        content: bytes = stream.read()
    return content

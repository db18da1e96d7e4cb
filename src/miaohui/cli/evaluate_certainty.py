"""`miaohui eval answerability`: does it know what it does not know?"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from miaohui.cli.demo import sample_folder
from miaohui.cli.evaluate_data import data_folder, found, watched
from miaohui.cli.evaluate_knowledge import build, read_passage_questions, read_sample
from miaohui.cli.evaluate_table import Measured, share, show
from miaohui.cli.output import as_json

if TYPE_CHECKING:
    from miaohui.knowledge.index import Index
    from miaohui.knowledge.reading import Draft

REMOVED = 0.3
"""Share of the answers that is taken away."""
PRECISION = 0.9
THRESHOLD = 0.35
"""As sure as one has to be where nobody set anything else."""
_SAMPLES = 10
"""Of the questions of one intent so many are given as samples; the others are asked."""
_OUT_OF_SCOPE = "NO_NODES_DETECTED"


class Judged(NamedTuple):
    """One question: how sure it was, whether there was an answer, and whether the right article came first."""

    certainty: float
    known: bool
    right: bool


@click.command()
@data_folder
@as_json
def answerability(*, data: Path, as_json: bool) -> None:
    """How well are questions without an answer told from the others? DATA holds cmrc2018/, hint3/ and bitext/.

    Of the first and the last, 30 % of the answers are taken away; of hint3, what lies out of the shop's scope is asked.
    `answered` is the share of all questions that can be answered while nine of ten answers come from the right article.
    """
    with watched(hidden=as_json) as watch:
        lines = [
            line
            for name, index, asked, least in _plan(data)
            for line in measure_answerability(name, judge(index, watch(asked, name)), least)
        ]
    show(lines, as_json=as_json)


def _plan(data: Path) -> Iterable[tuple[str, Index, list[tuple[str, str]], float | None]]:
    drafts, asked = read_passage_questions(data / "cmrc2018" / "cmrc2018_dev.json.gz")
    yield "30 % removed, passages", build(keep(drafts)), asked, 0.40
    known, test = (read_intents(data / "hint3" / f"curekart_{part}.csv") for part in ("train", "test"))
    # Two of three questions of this set have no answer, or not this shop's: the bound is set for the others.
    yield "hint3, out of scope", build(intents(known)), test, None
    samples, others = split_intents(read_requests(data / "bitext"))
    yield "30 % removed, requests", build(keep(intents(samples))), others, 0.40


def keep(drafts: Iterable[Draft]) -> list[Draft]:
    """Without the share that is removed; which ones is decided by a hash of their names."""
    return [one for one in drafts if hashlib.sha256(one.source.encode()).digest()[0] >= 256 * REMOVED]


def read_intents(file: Path) -> list[tuple[str, str]]:
    """Questions, and what each is about."""
    with found(file).open(encoding="utf-8", newline="") as stream:
        return [(row["sentence"], row["label"]) for row in csv.DictReader(stream)]


def read_requests(folder: Path) -> list[tuple[str, str]]:
    """Of the set."""
    file = found(folder / "intent_Bitext_Sample_Customer_Service_Training_Dataset.csv.gz")
    with gzip.open(file, "rt", encoding="utf-8", newline="") as stream:
        return [(row["utterance"], row["intent"]) for row in csv.DictReader(io.StringIO(stream.read()))]


def split_intents(
    requests: Sequence[tuple[str, str]],
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Samples, and those to be asked."""
    seen: dict[str, int] = {}
    samples: list[tuple[str, str]] = []
    others: list[tuple[str, str]] = []
    for request in sorted(requests, key=lambda one: hashlib.sha256(one[0].encode()).digest()):
        seen[request[1]] = seen.get(request[1], 0) + 1
        (samples if seen[request[1]] <= _SAMPLES else others).append(request)
    return samples, others


def intents(samples: Iterable[tuple[str, str]]) -> list[Draft]:
    """One article for each intent, which its sample questions lead to; it has nothing to say itself."""
    from miaohui.knowledge.reading import Draft

    questions: dict[str, list[str]] = {}
    for question, intent in samples:
        questions.setdefault(intent, []).append(question)
    return [
        Draft(source=intent, title="", text=".", locale="en", questions=tuple(dict.fromkeys(asked)))
        for intent, asked in questions.items()
    ]


def judge(index: Index, asked: Iterable[tuple[str, str]]) -> list[Judged]:
    """Ask everything."""
    from miaohui.knowledge import policy

    known = {chunk.article_id for chunk in index.chunks}
    judged: list[Judged] = []
    for question, article in asked:
        found = policy.search(index, question, locale="zh-CN", limit=5, threshold=0.5)
        right = bool(found.passages) and found.passages[0].chunk.article_id == article
        judged.append(Judged(found.answerability, article in known, right))
    return judged


def measure_answerability(name: str, judged: Sequence[Judged], least: float | None) -> list[Measured]:
    """The area under the curve, and what can be answered at the precision that is asked for."""
    chosen = surest(judged)
    right, known = sum(one.right for one in chosen), sum(one.known for one in judged)
    return [
        Measured(name, "AUROC", auroc(judged), len(judged), 0.85),
        Measured(name, "answered", len(chosen) / max(len(judged), 1), len(judged), least),
        Measured(name, "answered rightly, of those with an answer", right / max(known, 1), known),
    ]


def auroc(judged: Collection[Judged]) -> float:
    """The chance that a question with an answer is surer than one without; a tie counts half."""
    known = sorted(one.certainty for one in judged if one.known)
    unknown = sorted(one.certainty for one in judged if not one.known)
    if not known or not unknown:
        return 0.0
    from bisect import bisect_left, bisect_right

    below = sum(bisect_left(unknown, one) + bisect_right(unknown, one) for one in known)
    return below / 2 / len(known) / len(unknown)


def surest(judged: Collection[Judged]) -> list[Judged]:
    """As many of the surest questions as can be with nine of ten of them answered from the right article."""
    ordered = sorted(judged, key=lambda one: -one.certainty)
    right = most = 0
    for count, one in enumerate(ordered, 1):
        right += one.right
        if right >= PRECISION * count:
            most = count
    return ordered[:most]


@click.command()
@as_json
def field(*, as_json: bool) -> None:
    """Are questions told apart that the sample shop is the place for, and that it is not? Needs no DATA.

    The set is our own. One half was looked at when the signs were chosen, the other was held back.
    """
    halves = json.loads((sample_folder() / "field.json").read_text("utf-8"))
    index = build(read_sample())
    show([line for half, asked in halves.items() for line in measure_field(index, asked, half)], as_json=as_json)


def measure_field(index: Index, asked: Mapping[str, Sequence[Mapping[str, Any]]], half: str) -> list[Measured]:
    """Shares of what is answered although it is not the shop's, and not answered although it is."""
    held = half == "held"
    inside, outside = (
        [_is_answered(index, one["question"], one["locale"]) for one in asked[kind]] for kind in ("inside", "outside")
    )
    name = f"own field, {'held back' if held else 'looked at'}"
    return [
        Measured(name, "false answers", share(outside), len(outside), most=0.20 if held else None),
        Measured(name, "false refusals", 1 - share(inside), len(inside), most=0.10 if held else None),
    ]


def _is_answered(index: Index, question: str, locale: str) -> bool:
    from miaohui.knowledge import policy

    return policy.search(index, question, locale=locale, limit=5, threshold=THRESHOLD).answerable


COMMANDS = (answerability, field)

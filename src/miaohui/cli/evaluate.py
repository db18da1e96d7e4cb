"""`miaohui eval`: measure what was promised, on data that nobody here wrote. The data stays where it is."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click

from miaohui.cli.output import REFUSED, Refused, as_json, print_rows

T = TypeVar("T")

JOINED_CHARS = 1_000
"""Passages are joined until they are about so long."""
HEADINGS = ("measured", "kept at most", "cases", "survive", "to reach", "kept")

data_folder = click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))


class Case(NamedTuple):
    """A text, and who asks what of it."""

    text: str
    questions: tuple[tuple[str, tuple[str, ...]], ...]
    """Each with the answers that would be right."""


class Figure(NamedTuple):
    """One line of the table."""

    measured: str
    ratio: float
    cases: int
    survived: int
    least: float
    kept: float
    """Share of the characters that was kept, on average."""

    @property
    def share(self) -> float:
        """What survived."""
        return self.survived / max(self.cases, 1)


@click.group("eval")
def evaluate() -> None:
    """Measure on public data sets; DATA is the folder that holds them."""


@evaluate.command()
@data_folder
@as_json
def compression(*, data: Path, as_json: bool) -> None:
    """Do answers survive when a text is shortened? DATA holds cmrc2018/."""
    cases = read_passages(data / "cmrc2018" / "cmrc2018_dev.json.gz")
    plan = ((True, 0.6, 0.99), (True, 0.4, 0.95), (False, 0.6, 0.80))
    with _watched(hidden=as_json) as watch:
        figures = [
            measure_compression(watch(cases, f"{ratio:.0%}"), ratio, least, asked=asked) for asked, ratio, least in plan
        ]
    _show(figures, as_json=as_json)


@evaluate.command()
@data_folder
@as_json
def history(*, data: Path, as_json: bool) -> None:
    """Does what the visitor asked for survive in a summary? DATA holds crosswoz/."""
    conversations = read_conversations(data / "crosswoz" / "val.json.zip")
    with _watched(hidden=as_json) as watch:
        figures = [
            measure_history(watch(conversations, f"{ratio:.0%}"), ratio, least)
            for ratio, least in ((0.6, 0.99), (0.5, 0.99), (0.4, 0.0))
        ]
    _show(figures, as_json=as_json)


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


class Talk(NamedTuple):
    """A conversation, and what the visitor asked for in it."""

    pairs: tuple[tuple[str, str], ...]
    slots: tuple[str, ...]


def read_conversations(file: Path) -> list[Talk]:
    """Conversations of the set. A slot counts when the visitor named its value: what was never said cannot survive."""
    with zipfile.ZipFile(_found(file)) as archive:
        told = json.loads(archive.read("val.json"))
    return [_read_talk(conversation["messages"]) for conversation in told.values()]


def _read_talk(messages: list[dict[str, Any]]) -> Talk:
    contents = [message["content"] for message in messages] + [""]
    slots = tuple(
        value
        for message in messages
        if message["role"] == "usr"
        for act, _domain, _slot, value in message["dialog_act"]
        if act == "Inform" and value and value in message["content"]
    )
    return Talk(tuple(zip(contents[0:-1:2], contents[1::2], strict=False)), slots)


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
    with opener(_found(file)) as stream:
        content: bytes = stream.read()
    return content


def _found(file: Path) -> Path:
    if not file.is_file():
        raise Refused(f"{file} is not there: give the folder that holds {file.parent.name}/.")
    return file


@contextmanager
def _watched(*, hidden: bool) -> Iterator[Any]:
    """What it yields goes through a list and moves a progress bar on stderr."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, disable=hidden) as progress:

        def watch(items: Sequence[T], name: str) -> Iterable[T]:
            return progress.track(items, description=name)

        yield watch


def _show(figures: list[Figure], *, as_json: bool) -> None:
    rows = [
        (
            figure.measured,
            f"{figure.ratio:.0%}",
            figure.cases,
            f"{figure.share:.4f}",
            f"{figure.least:.2f}" if figure.least else "",
            f"{figure.kept:.1%}",
        )
        for figure in figures
    ]
    print_rows(rows, HEADINGS, as_json=as_json)
    if any(figure.share < figure.least for figure in figures):
        raise SystemExit(REFUSED)

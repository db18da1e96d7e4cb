"""What every `miaohui eval` command needs: the folder of the data, a conversation of it, a bar that moves, a table."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click

from miaohui.cli.output import REFUSED, Refused, print_rows

T = TypeVar("T")

HEADINGS = ("measured", "kept at most", "cases", "survive", "to reach", "kept")
data_folder = click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))


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


class Talk(NamedTuple):
    """A conversation, and what the visitor asked for in it."""

    pairs: tuple[tuple[str, str], ...]
    slots: tuple[str, ...]


def read_conversations(file: Path) -> list[Talk]:
    """Conversations of the set. A slot counts when the visitor named its value: what was never said cannot survive."""
    with zipfile.ZipFile(found(file)) as archive:
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


def found(file: Path) -> Path:
    """The file. Raises `Refused` when it is not there."""
    if not file.is_file():
        raise Refused(f"{file} is not there: give the folder that holds {file.parent.name}/.")
    return file


@contextmanager
def watched(*, hidden: bool) -> Iterator[Any]:
    """What it yields goes through a list and moves a progress bar on stderr."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, disable=hidden) as progress:

        def watch(items: Sequence[T], name: str) -> Iterable[T]:
            return progress.track(items, description=name)

        yield watch


def show(figures: list[Figure], *, as_json: bool) -> None:
    """Print them. Exit code 1: one was not reached."""
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

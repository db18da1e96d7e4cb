"""`miaohui eval memory`: does it come to mind what a customer said in earlier conversations?"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from miaohui.cli.evaluate_data import data_folder, found, watched
from miaohui.cli.evaluate_table import Measured, share, show
from miaohui.cli.output import as_json

_RETURNED = 5


class Asked(NamedTuple):
    """A question, and strings of which one is in the right memory."""

    question: str
    answers: tuple[str, ...]


@click.command()
@data_folder
@as_json
def memory(*, data: Path, as_json: bool) -> None:
    """Earlier conversations of one customer, then questions on them. DATA holds bfcl_memory/."""
    folder = data / "bfcl_memory"
    turns = read_turns(folder / "memory_customer.json")
    with watched(hidden=as_json) as watch:
        line = measure_memory(turns, watch(read_asked(folder / "questions_customer.jsonl"), "memory"))
    show([line], as_json=as_json)


def read_turns(file: Path) -> list[str]:
    """What the customer said, in all conversations, in order."""
    text = found(file).read_text("utf-8")
    told = json.loads(text) if text.startswith("[") else [json.loads(line) for line in text.splitlines() if line]
    return [turn[0]["content"] for conversation in told for turn in conversation["question"]]


def read_asked(file: Path) -> list[Asked]:
    """Of the set."""
    told = [json.loads(line) for line in found(file).read_text("utf-8").splitlines() if line]
    return [Asked(one["question"], tuple(one["answers"])) for one in told]


def measure_memory(turns: Sequence[str], asked: Iterable[Asked]) -> Measured:
    """A memory is right when a true string is among the five recollections that are returned."""
    from miaohui.memory.policy import extract
    from miaohui.memory.types import Said
    from miaohui.wiring.remembering import FactFinder

    facts = [one.text for one in extract(Said(turn, number) for number, turn in enumerate(turns))]
    look_up = FactFinder().build(facts)
    hits = []
    for one in asked:
        recalled = [_plain(facts[place]) for place in look_up(one.question, _RETURNED)]
        hits.append(any(_plain(answer) in text for answer in one.answers for text in recalled))
    return Measured(f"long-term memory, {len(facts)} facts", "recall", share(hits), len(hits), 0.90)


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("-", " ").split())


COMMANDS = (memory,)

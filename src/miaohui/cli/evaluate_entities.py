"""`miaohui eval entities`: are numbers and amounts read as they were meant, to the character?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from miaohui.cli.evaluate_data import data_folder, found, watched
from miaohui.cli.evaluate_table import Measured, show
from miaohui.cli.output import as_json

if TYPE_CHECKING:
    from miaohui.memory.money import Amount
    from miaohui.memory.spans import Number

_CLOSE = Decimal("1e-12")


class Sentence(NamedTuple):
    """A text, and the values in it with the places where they stand."""

    text: str
    values: tuple[tuple[int, int, Decimal], ...]


@click.command()
@data_folder
@as_json
def entities(*, data: Path, as_json: bool) -> None:
    """Numbers and currency, zh and en: exact span and value together, as F1. DATA holds recognizers_text/."""
    from miaohui.memory.money import find_amounts
    from miaohui.memory.numerals_en import find_numbers_en
    from miaohui.memory.numerals_zh import find_numbers_zh

    plan: tuple[tuple[str, str, Callable[[str], Sequence[Number | Amount]]], ...] = (
        ("numbers, zh", "Number_Chinese_NumberModel.json", find_numbers_zh),
        ("numbers, en", "Number_English_NumberModel.json", find_numbers_en),
        ("currency, zh", "NumberWithUnit_Chinese_CurrencyModel.json", find_amounts),
        ("currency, en", "NumberWithUnit_English_CurrencyModel.json", find_amounts),
    )
    with watched(hidden=as_json) as watch:
        lines = [
            measure_spans(name, watch(read_sentences(data / "recognizers_text" / file), name), find)
            for name, file, find in plan
        ]
    show(lines, as_json=as_json)


def read_sentences(file: Path) -> list[Sentence]:
    """Of the set; without what its authors do not support in this language, and without units that have no value."""
    told = json.loads(found(file).read_text("utf-8"))
    return [
        Sentence(one["Input"], tuple(_value(result) for result in one["Results"] if result["Resolution"].get("value")))
        for one in told
        if "python" not in (one.get("NotSupported", "") + one.get("NotSupportedByDesign", "")).lower()
    ]


def _value(result: dict[str, Any]) -> tuple[int, int, Decimal]:
    return result["Start"], result["End"] + 1, Decimal(result["Resolution"]["value"])


def measure_spans(
    name: str, sentences: Iterable[Sentence], find: Callable[[str], Sequence[Number | Amount]]
) -> Measured:
    """F1 over all values of all sentences."""
    hits = given = right = 0
    for sentence in sentences:
        said = [(one.start, one.end, one.value) for one in find(sentence.text)]
        given += len(said)
        right += len(sentence.values)
        hits += sum(any(_same(one, other) for other in said) for one in sentence.values)
    return Measured(name, "span and value F1", 2 * hits / max(given + right, 1), right, 0.98)


def _same(one: tuple[int, int, Decimal], other: tuple[int, int, Decimal]) -> bool:
    return one[:2] == other[:2] and abs(one[2] - other[2]) <= max(abs(one[2]), Decimal(1)) * _CLOSE


COMMANDS = (entities,)

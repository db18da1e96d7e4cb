"""A history as JSON lines, one thing a line: to be kept with a report, and checked again elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import msgspec

from miaohui.testing.history.types import (
    Arrival,
    Bounds,
    Cold,
    Effect,
    Event,
    Fault,
    History,
    Line,
    Sample,
    Stored,
    StoredTurn,
    Visitor,
)


class _About(msgspec.Struct, frozen=True, tag="history", tag_field="k"):
    bounds: Bounds
    endpoints: dict[str, str]
    canaries: dict[str, str]
    lossy: bool
    last_seqs: dict[str, int]


class _Client(msgspec.Struct, frozen=True, tag="client", tag_field="k"):
    number: int
    visitor: Visitor
    whole: bool


class _At(msgspec.Struct, frozen=True, tag="event", tag_field="k"):
    client: int
    event: Event


class _Fact(msgspec.Struct, frozen=True, tag="fact", tag_field="k"):
    """One of these."""

    message: Stored | None = None
    turn: StoredTurn | None = None
    arrival: Arrival | None = None
    effect: Effect | None = None
    sample: Sample | None = None
    fault: Fault | None = None


_Row: TypeAlias = _About | _Client | _At | _Fact


def write_history(history: History, file: Path) -> None:
    """Everything; a client's token is left out."""
    encode = msgspec.json.Encoder().encode
    with file.open("wb") as out:
        for row in _rows(history):
            out.write(encode(row) + b"\n")


def read_history(file: Path) -> History:
    """What `write_history` wrote. Raises `msgspec.MsgspecError` for what is no history."""
    decoder: msgspec.json.Decoder[_Row] = msgspec.json.Decoder(_About | _Client | _At | _Fact)
    lines: dict[int, Line] = {}
    facts: list[_Fact] = []
    about = _About(Bounds(), {}, {}, lossy=False, last_seqs={})
    with file.open("rb") as rows:
        for raw in rows:
            match decoder.decode(raw):
                case _About() as about:
                    pass
                case _Client(number=number, visitor=visitor, whole=whole):
                    lines[number] = Line(visitor=visitor, whole=whole)
                case _At(client=client, event=event):
                    lines[client].events.append(event)
                case _Fact() as fact:
                    facts.append(fact)
    return History(
        lines=list(lines.values()),
        cold=Cold(
            tuple(fact.message for fact in facts if fact.message),
            tuple(fact.turn for fact in facts if fact.turn),
            about.last_seqs,
        ),
        endpoints=about.endpoints,
        arrivals=[fact.arrival for fact in facts if fact.arrival],
        effects=[fact.effect for fact in facts if fact.effect],
        samples=[fact.sample for fact in facts if fact.sample],
        faults=[fact.fault for fact in facts if fact.fault],
        bounds=about.bounds,
        canaries=about.canaries,
        lossy=about.lossy,
    )


def _rows(history: History) -> Iterator[_Row]:
    yield _About(history.bounds, history.endpoints, history.canaries, history.lossy, history.cold.last_seqs)
    for number, line in enumerate(history.lines):
        yield _Client(number, msgspec.structs.replace(line.visitor, token=""), line.whole)
        for event in line.events:
            yield _At(number, event)
    yield from (_Fact(message=row) for row in history.cold.messages)
    yield from (_Fact(turn=turn) for turn in history.cold.turns)
    yield from (_Fact(arrival=one) for one in history.arrivals)
    yield from (_Fact(effect=one) for one in history.effects)
    yield from (_Fact(sample=one) for one in history.samples)
    yield from (_Fact(fault=one) for one in history.faults)

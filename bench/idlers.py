"""A process of its own full of visitors who say nothing: `python -m bench.idlers PLAN`, told what to do line by line.

Prints a line when all are welcomed; answers each line that it is given with what has happened since the last; leaves
when its input ends. One process opens only so many files, and one source address has only so many ports.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from pathlib import Path

import msgspec
import uvloop

from bench.client import Crowd
from bench.processes import raise_file_limit
from miaohui.testing.history.types import Visitor


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Who comes, from where, and how many."""

    port: int
    visitors: str
    """File of a JSON list; who is in it comes as often as it takes."""
    first: int
    count: int
    source: int
    """The last part of the first of sixteen addresses 127.0.0.x."""


class Since(msgspec.Struct, frozen=True, kw_only=True):
    """What happened since the last answer."""

    there: int
    lost: int
    beats: int


def _visitors(plan: Plan) -> list[Visitor]:
    known = msgspec.json.decode(Path(plan.visitors).read_bytes(), type=tuple[Visitor, ...])
    return [known[number % len(known)] for number in range(plan.first, plan.first + plan.count)]


async def _sit(plan: Plan, visitors: list[Visitor]) -> None:
    crowd = Crowd(plan.port, source=plan.source)
    await crowd.join(visitors, follow=False)
    _print(crowd)
    loop, reader = asyncio.get_running_loop(), asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.readline():
        _print(crowd)
    crowd.leave()


def _print(crowd: Crowd) -> None:
    since = Since(there=sum(one.there for one in crowd.clients), lost=crowd.figures.lost, beats=crowd.beats)
    crowd.beats = 0
    print(msgspec.json.encode(since).decode(), flush=True)


if __name__ == "__main__":
    raise_file_limit()
    gc.disable()
    plan = msgspec.json.decode(sys.argv[1], type=Plan)
    uvloop.run(_sit(plan, _visitors(plan)))

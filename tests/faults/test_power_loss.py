"""The power goes at any moment: what the disk was not made to keep is gone or torn, what was acked is there (A19)."""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import select
from tests.faults.storing import LIVES, WORDS, WRITES
from tests.support.failing import Failing

from miaohui.kit.clock import SystemClock
from miaohui.kit.records import RecordsOptions
from miaohui.kit.sqlite import open_sqlite

pytestmark = pytest.mark.faults

NAMES = ("records.db", "records.db-wal")
LONG, SHORT = 16 << 20, 24 << 10
"""Bytes of log before it is folded into the file: more than is ever written, and a commit or two."""


class Event(NamedTuple):
    """`W`rite, `S`ync, cu`T`, `U`nlink of a file, or an `A`ck of a key."""

    kind: str
    name: str
    at: int
    data: bytes


def events_of(log: bytes) -> Iterator[Event]:
    while log:
        head, _, log = log.partition(b"\n")
        kind, name, at, size = head.decode().split(" ")
        yield Event(kind, Path(name).name, int(at), log[: int(size)])
        log = log[int(size) :]


@dataclass
class Disk:
    """What is certainly there, and what was written since and not yet made certain; by file."""

    kept: dict[str, bytes] = field(default_factory=dict)
    pending: dict[str, list[Event]] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        if event.kind == "S":
            self.kept[event.name] = apply(self.kept.get(event.name, b""), self.pending.pop(event.name, []))
        elif event.kind == "U":
            self.kept.pop(event.name, None)
            self.pending.pop(event.name, None)
        else:
            self.pending.setdefault(event.name, []).append(event)

    def after(self, chance: random.Random) -> dict[str, dict[str, bytes]]:
        """What may be found when the power is back: nothing of what was pending, its last piece torn, or some of it."""

        def found(choose: object) -> dict[str, bytes]:
            names = {*self.kept, *self.pending}
            return {name: apply(self.kept.get(name, b""), choose(self.pending.get(name, []))) for name in names}  # type: ignore[operator]

        def torn(pending: list[Event]) -> list[Event]:
            return [*pending[:-1], *(one._replace(data=one.data[: len(one.data) // 2]) for one in pending[-1:])]

        return {
            "dropped": found(lambda _: []),
            "torn": found(torn),
            "some": found(lambda pending: [one for one in pending if chance.random() < 0.5]),
        }


def apply(content: bytes, events: list[Event]) -> bytes:
    found = bytearray(content)
    for event in events:
        if event.kind == "T":
            found = found[: event.at].ljust(event.at, b"\0")
        else:
            found = found.ljust(event.at, b"\0")
            found[event.at : event.at + len(event.data)] = event.data
    return bytes(found)


def life_of(folder: Path, log_bytes: int, *trust: str) -> list[Event]:
    """Everything that was written, synced and acked, in order."""
    failing = Failing(folder, "records.db", log=True)
    environment = {**os.environ, **failing.environment, "PYTHONPATH": os.pathsep.join(sys.path)}
    words = (str(folder / "records.db"), str(failing.log_file), str(log_bytes), *trust)
    command = [sys.executable, "-m", "tests.faults.storing", *words]
    subprocess.run(command, env=environment, check=True, timeout=60)
    return [one for one in events_of(failing.log_file.read_bytes()) if one.kind == "A" or one.name in NAMES]


def lay_out(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / "records.db.running").touch()


async def words_in(folder: Path, files: dict[str, bytes]) -> set[str]:
    """What a server finds that starts over these; raises when it finds them damaged."""
    await asyncio.to_thread(lay_out, folder, files)
    database = await open_sqlite(
        folder / "records.db", clock=SystemClock(), data_dir=folder, options=RecordsOptions(readers=1)
    )
    try:
        return {str(row["key"]) for row in await database.read(select(WORDS.c.key))}
    except sqlite3.OperationalError:
        return set()  # not even the table is there
    finally:
        await database.close()


async def lost_in(events: list[Event], folder: Path, states: int) -> list[str]:
    """The power goes after each of some events, at every sync among them; what was acked and is not there."""
    chance, disk, acked, lost = random.Random(19), Disk(), set[str](), list[str]()
    syncs = {number + step for number, event in enumerate(events) if event.kind == "S" for step in (-1, 0)}
    chosen = syncs | set(chance.sample(range(len(events)), min(states, len(events))))
    for number, event in enumerate(events):
        if event.kind == "A":
            acked.add(event.name)
        else:
            disk.take(event)
        if number in chosen and acked:
            for how, files in disk.after(chance).items():
                there = await words_in(folder / f"{number}-{how}", files)
                lost += [f"{key} after event {number}, {how}" for key in sorted(acked - there)]
    return lost


@pytest.mark.parametrize("log_bytes", [LONG, SHORT], ids=["folded at the end", "folded beside the commits"])
async def test_what_was_acked_is_there_whenever_the_power_went(tmp_path: Path, log_bytes: int) -> None:
    events = await asyncio.to_thread(life_of, tmp_path, log_bytes)
    assert [event.kind for event in events].count("A") == LIVES * WRITES
    assert {event.name for event in events if event.kind == "S"} == set(NAMES)
    folded = [event for event in events if event.kind == "S" and event.name == "records.db"]
    assert (len(folded) > 3 * LIVES) is (log_bytes == SHORT), len(folded)
    assert await lost_in(events, tmp_path, 10) == []


async def test_a_commit_that_does_not_wait_for_the_disk_is_found_out(tmp_path: Path) -> None:
    events = await asyncio.to_thread(life_of, tmp_path, LONG, "NORMAL")
    assert await lost_in(events, tmp_path, 0) != []

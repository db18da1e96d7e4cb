"""Stores words in SQLite at a pace, whatever becomes of those before, and tells how long each took: JSON on stdout.

`python -m tests.faults.hurrying FILE SECONDS`; with a third word, commits fold the log of commits themselves.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from time import monotonic
from typing import Any

from tests.faults.storing import make, put

from miaohui.kit.clock import SystemClock
from miaohui.kit.records import RecordsOptions
from miaohui.kit.sqlite import SQLiteDatabase, open_sqlite
from miaohui.kit.sqlite_log import Checkpointer

PER_S = 240
LOG_BYTES = 4 << 20
"""A second or two of words, so that it is folded now and then."""


async def hurry(database: SQLiteDatabase, seconds: float) -> dict[str, Any]:
    took, late, began = list[float](), list[float](), monotonic()

    async def one(number: int) -> None:
        due = began + number / PER_S
        await asyncio.sleep(max(0.0, due - monotonic()))
        await database.write(lambda: put(f"w{number}"))
        took.append(monotonic() - due)

    async def watch() -> None:
        while True:
            before = monotonic()
            await asyncio.sleep(0.01)
            late.append(monotonic() - before - 0.01)

    watching = asyncio.ensure_future(watch())
    await asyncio.gather(*(one(number) for number in range(int(PER_S * seconds))))
    watching.cancel()
    return {"per_s": len(took) / (monotonic() - began), "took": sorted(took), "late": sorted(late)}


async def run(file: Path, seconds: float, *, itself: bool) -> dict[str, Any]:
    options = RecordsOptions(readers=1, log_bytes=LOG_BYTES)
    database = await open_sqlite(file, clock=SystemClock(), data_dir=file.parent, options=options)
    await database.write(make)
    if itself:  # planted: as SQLite does unless told otherwise
        setattr(Checkpointer, "note", lambda *_: None)  # noqa: B010
        database._writer._connection.execute(f"PRAGMA wal_autocheckpoint={LOG_BYTES // 4096}")
    told = await hurry(database, seconds)
    return told | {"file": file.stat().st_size, "log": file.with_name(file.name + "-wal").stat().st_size}  # noqa: ASYNC240


def main() -> None:
    file, seconds, *itself = sys.argv[1:]
    print(json.dumps(asyncio.run(run(Path(file), float(seconds), itself=bool(itself)))))  # noqa: T201


if __name__ == "__main__":
    main()

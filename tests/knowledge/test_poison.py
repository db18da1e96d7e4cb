"""A workbook may be made to break its reader; it breaks nothing else."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from miaohui.knowledge import apart, reading, sheets
from miaohui.knowledge.service import Knowledge

Write = Callable[[str, str], Path]


def _workbook(*rows: tuple[str, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


SOUND = _workbook(("question", "answer"), ("几点下班？", "晚上九点。"))


@pytest.mark.parametrize(
    ("ending", "told"),
    [
        ("import os; os.kill(os.getpid(), 11)", "killed by signal 11"),
        ("import sys; sys.exit(3)", "ended with 3"),
        ("import time; time.sleep(60)", "more than 1 second"),
        ("print('what?')", "not a readable spreadsheet"),
    ],
)
async def test_whatever_befalls_the_reader_the_import_goes_on(
    knowledge: Knowledge, write: Write, monkeypatch: pytest.MonkeyPatch, ending: str, told: str
) -> None:
    monkeypatch.setattr(apart, "_BEGIN", ending)
    monkeypatch.setattr(reading, "SHEET_SECONDS", 1)
    folder = write("return.md", "# 如何退货\n\n七天内可以退货。\n").parent
    (folder / "poison.xlsx").write_bytes(SOUND)
    report = await knowledge.import_folder("ten", folder)
    assert (report.added, [problem.source for problem in report.problems]) == (1, ["poison.xlsx"])
    assert told in report.problems[0].detail


@pytest.mark.skipif(sys.platform == "win32", reason="no such limits there")
def test_the_reader_has_little_memory_little_time_and_nothing_to_write_to() -> None:
    probe = (
        "import resource as r; from miaohui.knowledge import sheets; sheets._limit();"
        "print(*(r.getrlimit(limit)[1] for limit in (r.RLIMIT_AS, r.RLIMIT_CPU, r.RLIMIT_FSIZE)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, check=True, env={"PYTHONPATH": os.pathsep.join(sys.path)}
    )
    assert done.stdout.split() == [str(512 * 1024 * 1024).encode(), b"30", b"0"]


def test_more_memory_than_that_is_not_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        apart,
        "_BEGIN",
        "import sys; sys.path[:] = sys.argv[2:]; from miaohui.knowledge import sheets; sheets._limit();"
        "sheets._rows = lambda content: [bytearray(600 * 1024 * 1024)]; sheets.main()",
    )
    with pytest.raises(reading.BrokenFile, match="too much memory"):
        reading._read_sheet(SOUND)


def test_what_unpacks_to_too_much_is_not_unpacked() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(sheets.MOST_UNPACKED_BYTES + 1))
    assert "unpacks to more than 64 MB" in sheets.read(packed.getvalue()).problem


def test_the_reader_is_given_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIAOHUI_SECRET", "s3cret")
    monkeypatch.setattr(apart, "_BEGIN", "import os; print('MIAOHUI_SECRET' in os.environ)")
    assert apart.run("", b"", seconds=20).strip() == b"False"


def test_a_sound_workbook_is_read() -> None:
    assert sheets.read(SOUND) == sheets.Sheet([["question", "answer"], ["几点下班？", "晚上九点。"]])

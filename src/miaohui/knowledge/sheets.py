"""The rows of a workbook, read in a process that has nothing to lose: no settings, little memory, little time.

Run as a program: the workbook on standard input, `Sheet` in MessagePack on standard output.
"""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Iterator

import msgspec

MOST_ROWS = 20_000
MOST_UNPACKED_BYTES = 64 * 1024 * 1024
"""Of a workbook, which is a zip archive."""
MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 30


class Sheet(msgspec.Struct, frozen=True):
    """What a workbook's first sheet holds, or why that cannot be said."""

    rows: list[list[str]]
    problem: str = ""


def main() -> None:
    """Read, answer, end."""
    _limit()
    sheet = read(sys.stdin.buffer.read())
    sys.stdout.buffer.write(msgspec.msgpack.encode(sheet))


def read(content: bytes) -> Sheet:
    """Cells as text; at most one row more than may be."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED_BYTES:
                return Sheet([], f"unpacks to more than {MOST_UNPACKED_BYTES // 1024 // 1024} MB")
        return Sheet(list(_rows(content)))
    except MemoryError:
        return Sheet([], "takes too much memory to read")
    except Exception as error:  # noqa: BLE001  (openpyxl raises whatever its parsers do)
        return Sheet([], f"is not a readable spreadsheet: {type(error).__name__}")


def _rows(content: bytes) -> Iterator[list[str]]:
    import openpyxl  # noqa: PLC0415  (a fifth of a second, for the few who import a workbook; and under the limits)

    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    for row in book.worksheets[0].iter_rows(values_only=True, max_row=MOST_ROWS + 2):
        yield ["" if cell is None else str(cell) for cell in row]


def _limit() -> None:
    if sys.platform != "win32":
        import resource  # noqa: PLC0415  (not there on Windows, where only the parent's deadline holds)

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

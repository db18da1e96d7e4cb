"""The rows of a workbook's first sheet."""

from __future__ import annotations

import io

import openpyxl

MOST_ROWS = 20_000
MOST_COLUMNS = 100


def read_rows(content: bytes) -> list[list[str]]:
    """Cells as text, values and no formulas; at most one row more than may be."""
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    rows = book.worksheets[0].iter_rows(values_only=True, max_row=MOST_ROWS + 2)
    return [["" if cell is None else str(cell) for cell in row[:MOST_COLUMNS]] for row in rows]

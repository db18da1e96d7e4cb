"""A Word document as Markdown: headings, lists, tables; nothing that its author hid."""

from __future__ import annotations

import io
import re

import docx
from docx.document import Document as Opened
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from miaohui.knowledge.parsed import MOST_CHARACTERS, Parsed, Unparsable, format_table

_PICTURE = qn("wp:docPr")
_HEADING = re.compile(r"(?:heading|标题)\s*([1-6])", re.IGNORECASE)


def read_docx(content: bytes) -> Parsed:
    """Raises `Unparsable` for a document without words."""
    document = docx.Document(io.BytesIO(content))
    parts = list(_parts(document))
    text = "\n\n".join(part for part in parts if part)[:MOST_CHARACTERS]
    if not text.strip():
        raise Unparsable("holds no text")
    return Parsed(title=(document.core_properties.title or "").strip(), text=text)


def _parts(document: Opened) -> list[str]:
    return [_paragraph(item) if isinstance(item, Paragraph) else _table(item) for item in document.iter_inner_content()]


def _paragraph(paragraph: Paragraph) -> str:
    text = "".join(_run(run) for run in paragraph.runs if not run.font.hidden).strip()
    style = (paragraph.style.name if paragraph.style else "") or ""
    heading = _HEADING.match(style)
    if not text:
        return ""
    if style.lower() == "title":
        return f"# {text}"
    if heading:
        return f"{'#' * int(heading[1])} {text}"
    return f"- {text}" if style.lower().startswith("list") else text


def _run(run: Run) -> str:
    """What is written, and what its pictures are said to show; names that the program gave them say nothing."""
    described = (shown.get("descr", "") for shown in run._r.iter(_PICTURE))  # noqa: SLF001  (it has no other door)
    said = [" ".join(one.split()) for one in described if one.strip()]
    return " ".join((run.text, *said)).strip(" ") if said else run.text


def _table(table: Table) -> str:
    rows = [[" ".join(cell.text.split()).replace("|", "/") for cell in row.cells] for row in table.rows]
    return format_table(rows)

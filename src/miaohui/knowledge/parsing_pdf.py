"""The words of a PDF, page after page."""

from __future__ import annotations

import io
import re

from pypdf import PdfReader

from miaohui.knowledge.parsed import MOST_CHARACTERS, MOST_PAGES, Parsed, Unparsable

_LEAST_CHARACTERS = 20
"""Fewer on all pages together: it was scanned."""
_BROKEN_LINE = re.compile(r"(?<![。！？.!?:：;；|])\n(?=[^\n\s#\-•*\d|])")


def read_pdf(content: bytes) -> Parsed:
    """Raises `Unparsable` when it is locked, too long, or pictures alone."""
    reader = PdfReader(io.BytesIO(content), strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        raise Unparsable("is locked with a password")
    count = len(reader.pages)
    if count > MOST_PAGES:
        raise Unparsable(f"has more than {MOST_PAGES} pages")
    pages: list[str] = []
    size = 0
    for page in reader.pages:
        text = page.extract_text() or ""
        size += len(text)
        if size > MOST_CHARACTERS:
            raise Unparsable(f"holds more than {MOST_CHARACTERS} characters")
        pages.append(_join_lines(text))
    text = "\n\n".join(page for page in pages if page.strip())
    if len(text.strip()) < _LEAST_CHARACTERS:
        raise Unparsable("has no text in it: it seems to be scanned; run text recognition over it first")
    title = reader.metadata.title if reader.metadata else ""
    return Parsed(title=str(title or "").strip(), text=text)


def _join_lines(text: str) -> str:
    """A line of print is no paragraph; between Latin words a blank takes its place."""
    return _BROKEN_LINE.sub(_gap, text.replace("\r\n", "\n"))


def _gap(match: re.Match[str]) -> str:
    before = match.string[match.start() - 1] if match.start() else ""
    return " " if before.isascii() else ""

"""Whether bytes are plain words: a text, or a table with the same number of columns in each line. Pure."""

from __future__ import annotations

import re

from miaohui.channels.media import errors
from miaohui.channels.media.kinds import KINDS, Kind

_SNIFFED = 2_048
"""So far browsers look for signs of a page."""
_LINES = 20
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
_PAGE = re.compile(
    r"^\s*<[!?a-z/]|<\s*(?:!doctype|html|head|body|script|svg|iframe|object|embed|meta|link|style|math|\?php|\?xml)\b|<!--",
    re.IGNORECASE,
)
_SCRIPT = re.compile(
    r"^(?:#!|@echo\b|rem\s|@?setlocal\b|on error resume next|windows registry editor|\[internetshortcut\]|\[autorun\]"
    r"|param\s*\(|#requires\b|\{\\rtf)",
    re.IGNORECASE,
)


def look_at_text(body: bytes) -> Kind:
    """The kind. Raises `FileRefused`."""
    text = _decode(body)
    if text is None or _CONTROL.search(text):
        raise errors.unknown()
    head = text[:_SNIFFED].lstrip("\ufeff \t\r\n\f")
    if not head:
        raise errors.empty()
    if _PAGE.search(head):
        raise errors.active("A page")
    if _SCRIPT.match(head):
        raise errors.active("A script")
    return KINDS["csv" if _is_table(text) else "txt"]


def _decode(body: bytes) -> str | None:
    """As Unicode, or as Chinese spreadsheets write it."""
    wide = body.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8", "gb18030"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _is_table(text: str) -> bool:
    lines = [line for line in text[: _SNIFFED * 8].splitlines() if line.strip()][:_LINES]
    if len(lines) < 2:
        return False
    bare = [re.sub(r'"[^"]*"', "", line) for line in lines]
    return any(len({line.count(mark) for line in bare}) == 1 and mark in bare[0] for mark in ",;\t")

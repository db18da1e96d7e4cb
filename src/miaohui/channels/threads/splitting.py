"""Long words in parts: at the end of a paragraph or a sentence where there is one, never inside a character. Pure."""

from __future__ import annotations

import re

_ENDS = (re.compile(r"\n\s*"), re.compile(r"[。！？!?；;…]+[”’」』)）\"']*\s*|\.\s+"), re.compile(r"[，,、：:]\s*|\s+"))
"""Where a part may end, best first."""


def split(text: str, most_bytes: int) -> tuple[str, ...]:
    """`text` in parts of at most `most_bytes` in UTF-8 (4 or more); nothing is lost but white space at the seams."""
    parts: list[str] = []
    rest = text.strip()
    while len(rest.encode()) > most_bytes:
        cut = _cut(rest, most_bytes)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return tuple(part for part in (*parts, rest) if part)


def _cut(text: str, most_bytes: int) -> int:
    """How many characters go into the first part."""
    fits = len(text.encode()[:most_bytes].decode(errors="ignore"))
    for pattern in _ENDS:
        # A seam in the first third would leave a crumb; then a lesser seam further on is better.
        ends = [found.end() for found in pattern.finditer(text, 0, fits) if found.end() > fits // 3]
        if ends:
            return ends[-1]
    return max(_whole_cluster(text, fits), 1)


def _whole_cluster(text: str, fits: int) -> int:
    """Back to before what belongs together: a joiner, a variation selector, a skin tone."""
    cut = fits
    while cut > 1 and cut < len(text) and (_joins(text[cut]) or text[cut - 1] == "\u200d"):
        cut -= 1
    return cut if cut > 1 else fits


def _joins(character: str) -> bool:
    return (
        character in "\u200d\ufe0e\ufe0f"
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\u0300" <= character <= "\u036f"
    )

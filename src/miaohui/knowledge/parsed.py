"""A document as it comes, and what it says once it was read."""

from __future__ import annotations

import msgspec

MOST_PAGES = 2_000
MOST_CHARACTERS = 5_000_000


class Document(msgspec.Struct, frozen=True):
    """What is to be read."""

    suffix: str
    content: bytes


class Parsed(msgspec.Struct, frozen=True, kw_only=True):
    """What a document says, or why that cannot be told."""

    title: str = ""
    text: str = ""
    """Markdown."""
    rows: list[list[str]] = []
    members: list[tuple[str, bytes]] = []
    """Of an archive: name and content."""
    problem: str = ""


class Unparsable(Exception):
    """The message says why, in words for whoever made the document."""


def format_table(rows: list[list[str]]) -> str:
    """As Markdown writes one; its first row is the head."""
    rows = [row for row in rows if any(row)]
    if not rows:
        return ""
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    rule = "|" + " --- |" * len(rows[0])
    return "\n".join([lines[0], rule, *lines[1:]])

"""The marks that part data from rules in a prompt. Pure."""

from __future__ import annotations

import re

_MARKS = re.compile(r"[<＜](?=\s*/?\s*(?:passages?|question|earlier|known|system|assistant|note)\b)", re.IGNORECASE)


def defuse(text: str) -> str:
    """Text that cannot be taken for one of our marks."""
    return _MARKS.sub("‹", text) if "<" in text or "＜" in text else text

"""One width for what is written: full-width letters, digits and signs as their plain ones (NFKC)."""

from __future__ import annotations

import re
import unicodedata

_SIGNS = tuple(zip("，：；？！（）", ",:;?!()", strict=True))

_UNSURE = re.compile(r"[^\x00-\x7f\u3001\u3002\u3400-\u4dbf\u4e00-\u9fff]")
"""What may be written otherwise in that form; all others stay as they are, whatever stands beside them."""


def narrow(text: str) -> str:
    """The text in Unicode's compatibility form, composed."""
    if text.isascii() or not _UNSURE.search(text):
        return text
    # Chinese writing is in that form but for its signs, and asking is twenty times cheaper than making it so.
    for wide, plain in _SIGNS:
        text = text.replace(wide, plain)
    if _UNSURE.search(text) and not unicodedata.is_normalized("NFKC", text):
        return unicodedata.normalize("NFKC", text)
    return text

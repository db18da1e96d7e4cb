"""How many tokens a text will be, without the vendor's tokenizer."""

from __future__ import annotations

_PER_ASCII = 0.3
_PER_OTHER = 0.9


def estimate_tokens(text: str) -> int:
    """Tokens of `text`, over-estimated on purpose: 0.9 for each CJK character and 0.3 for each ASCII one."""
    ascii_count = len(text.encode("ascii", "ignore"))
    return round(ascii_count * _PER_ASCII + (len(text) - ascii_count) * _PER_OTHER)

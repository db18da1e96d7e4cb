"""Which language a text is in, as far as its letters show it, and what a translation must not lose. Pure."""

from __future__ import annotations

import re

_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\u1100-\u11ff\uac00-\ud7af]")),
    ("zh", re.compile("[\u3400-\u9fff]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
)
"""Letters that one of our languages alone is written in; kana before Han, because Japanese has both."""
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_LETTER = re.compile(r"[^\W\d_]")
_NOT_WORDS = re.compile(r"https?://\S+|\S+@\S+\.\S+")
_KEPT = re.compile(r"https?://[^\s\u3000-\u9fff<>\"']+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\d[\d,]*(?:\.\d+)?(?!\s?月)")
MOST_LOST = 10


def written_in(text: str) -> str:
    """`zh`, `ja`, `ko`, `th`, `ar`, `hi`, or empty where letters alone do not say."""
    return next((language for language, letters in _SCRIPTS if letters.search(text)), "")


def needs_none(text: str, language: str) -> bool:
    """Whether there is certainly nothing to translate: no words, or words of that very language."""
    words = _NOT_WORDS.sub(" ", text)
    if not _LETTER.search(words):
        return True
    found = written_in(words)
    # Letters do not part traditional from simplified, nor Ukrainian from Russian.
    return bool(found) and found == language.removesuffix("-CN") and not _CYRILLIC.search(words)


def is_same(source: str, language: str) -> bool:
    """Whether the language that an engine found is the one that was asked for."""
    named, wanted = source.lower(), language.lower()
    if named in {"zh", "zh-hans", "zh-sg"}:
        named = "zh-cn"
    elif named in {"zh-hant", "zh-hk", "zh-mo"}:
        named = "zh-tw"
    return named == wanted or (not wanted.startswith("zh") and named.partition("-")[0] == wanted)


def lost_in(original: str, translated: str) -> tuple[str, ...]:
    """Links, addresses and figures of two digits or more that the translation does not have: somebody should look."""
    there = translated.replace(",", "")
    wanted = dict.fromkeys(part.replace(",", "").rstrip(".") for part in _KEPT.findall(original))
    return tuple(part for part in wanted if len(part) > 1 and part not in there)[:MOST_LOST]

"""What articles are called by others: by the file they stand in, and by the words of the links that lead to them.

A page named "Overview" is called something better wherever another page points to it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import unquote

MOST_NAMES = 12
_LONGEST_NAME = 80
_LINK = re.compile(r"(?<!!)\[([^\]\n]{1,160})\]\(([^)\s#]+)(#[^)\s]*)?(?:\s+\"[^\"\n]*\")?\)")
_CARD = re.compile(r"<\w+[^<>\n]{0,400}?\btitle=\"([^\"\n]+)\"[^<>\n]{0,400}?\bhref=\"([^\"#\s]+)(#[^\"]*)?\"")
_EMPHASIS = re.compile(r"[*_`]+")
_GENERIC = frozenset(
    {"readme", "index", "overview", "introduction", "faq", "main", "default", "article", "page", "untitled"}
)
_ELSEWHERE = re.compile(r"^[a-z][a-z0-9+.-]*:|^//", re.IGNORECASE)
_TELLS_NOTHING = frozenset(
    {"here", "this", "link", "more", "read more", "learn more", "这里", "此处", "点击这里", "查看", "详情", "更多"}
)


def name_of_file(source: str) -> str:
    """`en/return-policy.md` is called `return policy`; a number or `index` is no name."""
    stem = posixpath.basename(source.partition("#")[0]).rpartition(".")[0]
    words = " ".join(re.split(r"[-_.\s]+", unquote(stem))).strip()
    return "" if words.lower() in _GENERIC or not any(letter.isalpha() for letter in words) else words[:_LONGEST_NAME]


def find_names(texts: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """By source, the words of the links that other texts of the folder lead to it with, the most frequent first."""
    counted: dict[str, dict[str, int]] = {}
    places = _places(texts)
    for source, text in texts.items():
        for words, target in _links(text):
            found = _resolve(source, target, places)
            if found and found != source:
                names = counted.setdefault(found, {})
                names[words] = names.get(words, 0) + 1
    return {
        source: tuple(sorted(names, key=lambda name: (-names[name], name))[:MOST_NAMES])
        for source, names in counted.items()
    }


def _links(text: str) -> Iterable[tuple[str, str]]:
    for pattern in (_LINK, _CARD):
        for words, target, part in pattern.findall(text):
            name = _EMPHASIS.sub("", words).strip()
            if name and not part and len(name) <= _LONGEST_NAME and name.lower() not in _TELLS_NOTHING:
                yield name, target


def _places(sources: Iterable[str]) -> dict[str, str]:
    """Every way in which a link may write a source."""
    places: dict[str, str] = {}
    for source in sources:
        stem = source.rpartition(".")[0] or source
        for way in _ways(source, stem):
            places.setdefault(way, source)
    return places


def _ways(source: str, stem: str) -> Sequence[str]:
    folder, name = posixpath.split(stem)
    return (source, stem, folder) if name.lower() in {"index", "readme"} and folder else (source, stem)


def _resolve(source: str, target: str, places: Mapping[str, str]) -> str | None:
    if _ELSEWHERE.match(target):
        return None
    path = unquote(target)
    if path.startswith("/"):
        joined = posixpath.normpath(path.lstrip("/"))
    else:
        joined = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
    return places.get(joined.rstrip("/"))

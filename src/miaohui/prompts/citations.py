"""Which passages an answer cites. Pure."""

from __future__ import annotations

import re

from miaohui.conversations.types import Citation
from miaohui.knowledge.types import Passage, Retrieval

EXCERPT_CHARS = 160
"""How much of a passage a citation shows."""
_MARK = re.compile(r"[\[【［]\^?(\d{1,2}(?:\s*[,，、]\s*\d{1,2})*)[\]】］](?!\()|([①-⑳])")
_NUMBER = re.compile(r"\d+")
_CIRCLED_ONE = ord("①")
_BLANKS = re.compile(r"\s+")


def cite(answer: str, retrieval: Retrieval) -> tuple[Citation, ...]:
    """The passages that the answer names as `[1]`, `【1】`, `[1, 2]` or `①`, once each, in the order of their naming.

    Numbers count the passages of the retrieval from 1; a number without a passage is dropped.
    """
    numbers = dict.fromkeys(n for mark in _MARK.finditer(answer) for n in _read_numbers(mark))
    passages = retrieval.passages
    return tuple(_quote(n, passages[n - 1]) for n in numbers if 0 < n <= len(passages))


def tidy(answer: str, retrieval: Retrieval) -> str:
    """The answer without marks that name no passage; marks that name several keep those that exist."""
    count = len(retrieval.passages)

    def keep(mark: re.Match[str]) -> str:
        numbers = _read_numbers(mark)
        kept = [n for n in numbers if 0 < n <= count]
        if len(kept) == len(numbers):
            return mark[0]
        return f"[{', '.join(map(str, kept))}]" if kept else ""

    return _MARK.sub(keep, answer)


def _read_numbers(mark: re.Match[str]) -> list[int]:
    if mark[2]:
        return [ord(mark[2]) - _CIRCLED_ONE + 1]
    return [int(number) for number in _NUMBER.findall(mark[1])]


def _quote(n: int, passage: Passage) -> Citation:
    chunk = passage.chunk
    text = _BLANKS.sub(" ", chunk.text[: EXCERPT_CHARS * 2]).strip()
    return Citation(
        n=n,
        chunk_id=chunk.id,
        article_id=chunk.article_id,
        title=chunk.title,
        heading=chunk.heading,
        excerpt=text if len(text) <= EXCERPT_CHARS else text[: EXCERPT_CHARS - 1] + "…",
    )

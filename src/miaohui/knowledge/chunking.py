"""Markdown into chunks: pieces of 200 to 500 characters that each stand under one heading path."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

LONGEST = 500
SHORTEST = 200
WHOLE_BLOCK = 2_000
"""A table, list or code block up to this is never cut."""

_HEADING = re.compile(r"^(#{1,6})[ \t]+(.+?)[ \t#]*$")
_FENCE = re.compile(r"^\s*(?:```|~~~)")
_KEPT_LINE = re.compile(r"^\s*(?:\||[-*+]\s|\d+[.)、]\s*|>)")
_SENTENCE_END = re.compile(r"[。！？!?；;]+[”’\"')）]*|\.(?=\s)|\n")


class Piece(msgspec.Struct, frozen=True):
    """A chunk to be: `text` is exactly `article[start:end]`."""

    heading: str
    text: str
    start: int
    end: int


class _Block(msgspec.Struct, frozen=True):
    path: tuple[str, ...]
    start: int
    end: int
    whole: bool


def split_markdown(text: str) -> list[Piece]:
    """The chunks of an article, in its order."""
    return [piece for group in _group(_split_long(_blocks(text), text)) for piece in _cut(group, text)]


def _blocks(text: str) -> Iterator[_Block]:
    """Paragraphs, lists, tables and code, each with the headings above it."""
    path: list[tuple[int, str]] = []
    start = at = 0
    kept = fenced = False

    def close(end: int) -> Iterator[_Block]:
        if text[start:end].strip():
            yield _Block(tuple(name for _, name in path), start, end, kept)

    for line in text.splitlines(keepends=True):
        heading = None if fenced else _HEADING.match(line.rstrip("\r\n"))
        if heading:
            yield from close(at)
            level = len(heading[1])
            path = [(depth, name) for depth, name in path if depth < level] + [(level, heading[2].strip())]
            start, kept = at + len(line), False
        elif _FENCE.match(line):
            if not fenced:
                yield from close(at)
                start, kept = at, True
            fenced = not fenced
        elif not fenced and not line.strip():
            yield from close(at)
            start, kept = at + len(line), False
        elif not fenced and not kept and _KEPT_LINE.match(line):
            if text[start:at].strip() and at - start > SHORTEST:
                yield from close(at)
                start = at
            kept = True
        at += len(line)
    yield from close(at)


def _split_long(blocks: Iterator[_Block], text: str) -> Iterator[_Block]:
    for block in blocks:
        if block.end - block.start <= (WHOLE_BLOCK if block.whole else LONGEST):
            yield block
            continue
        start = end = block.start
        for stop in _sentence_ends(block, text):
            if stop - start > LONGEST and end > start:
                yield _Block(block.path, start, end, block.whole)
                start = end
            while stop - start > LONGEST:
                yield _Block(block.path, start, start + LONGEST, block.whole)
                start += LONGEST
            end = stop
        if text[start : block.end].strip():
            yield _Block(block.path, start, block.end, block.whole)


def _sentence_ends(block: _Block, text: str) -> Iterator[int]:
    for match in _SENTENCE_END.finditer(text, block.start, block.end):
        yield match.end()
    yield block.end


def _group(blocks: Iterator[_Block]) -> Iterator[list[_Block]]:
    """Neighbours under one heading, filled up to the longest chunk; and short sections of one parent together."""
    group: list[_Block] = []
    for block in blocks:
        if group and not _joins(group, block):
            yield group
            group = []
        group.append(block)
    if group:
        yield group


def _joins(group: list[_Block], block: _Block) -> bool:
    size = group[-1].end - group[0].start
    if block.end - group[0].start > LONGEST:
        return size < SHORTEST // 2 and block.whole and block.path == group[-1].path
    if block.path == group[-1].path:
        return True
    short = SHORTEST // 2
    return size < short and block.end - block.start < short and block.path[:-1] == group[-1].path[:-1] != ()


def _cut(group: list[_Block], text: str) -> Iterator[Piece]:
    start, end = group[0].start, group[-1].end
    while text[start].isspace():
        start += 1
    while text[end - 1].isspace():
        end -= 1
    shared = group[0].path
    for block in group[1:]:
        shared = tuple(a for a, b in zip(shared, block.path, strict=False) if a == b)
    yield Piece(" › ".join(shared), text[start:end], start, end)

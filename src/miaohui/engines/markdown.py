"""Markdown as a message shows it: plain blocks without the noise. Pure."""

from __future__ import annotations

import re

_ITEM = re.compile(r"^\s*(?:[-*+•]|\d{1,2}[.)、．])\s*(?=\S)")
_BULLET = re.compile(r"^(\s*)[*+•]\s+")
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+")
_RULE = re.compile(r"^\s*(?:[-*_=][^\S\n]*){3,}$")
_TABLE_RULE = re.compile(r"^\s*\|[\s:|-]+$")
_ASKED = re.compile(r"^\s*(?:问|Q|Question)\s*[:：]", re.IGNORECASE)
_ANSWERED = re.compile(r"^\s*(?:答|A|Answer)\s*[:：]\s*", re.IGNORECASE)
_IMAGE = re.compile(r"!\[[^\[\]]{0,500}\]\([^()]{0,2000}\)")
_LINK = re.compile(r"\[([^\[\]]{1,500})\]\([^()]{0,2000}\)")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--.{0,2000}?-->")
_STRONG = re.compile(r"(\*\*|__|~~|`)(?=\S)(.+?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])")
_SENTENCE = re.compile(r".+?(?:[。！？!?；;]+[”’」』）)]*|\.(?=\s)|$)\s*", re.DOTALL)


def read_blocks(text: str) -> list[str]:
    """The paragraphs and lists of a text, in order; a list keeps the line that leads it in."""
    blocks: list[list[str]] = []
    closed = True
    for raw in text.splitlines():
        if _HEADING.match(raw) or _ASKED.match(raw) or _RULE.match(raw):
            closed = True
            continue
        if _TABLE_RULE.match(raw) and "-" in raw:
            continue
        line = _plain(raw)
        if not line.strip():
            closed = True
        elif blocks and (not closed or _belongs(line, blocks[-1])):
            _add(line, blocks[-1])
            closed = False
        else:
            blocks.append([line.strip()])
            closed = False
    return ["\n".join(block) for block in blocks]


def _plain(line: str) -> str:
    if line.lstrip().startswith("|"):
        return " · ".join(cell.strip() for cell in line.strip().strip("|").split("|"))
    line = _ANSWERED.sub("", line.lstrip(">").rstrip() if line.startswith(">") else line.rstrip())
    line = _TAG.sub("", _LINK.sub(r"\1", _IMAGE.sub("", line)))
    return _EMPHASIS.sub(r"\1", _STRONG.sub(r"\2", _BULLET.sub(r"\1- ", line)))


def _belongs(line: str, block: list[str]) -> bool:
    """Whether a line after a gap goes on with the block: the next item of a list, or what a colon announced."""
    return block[-1].endswith(("：", ":")) or (is_list(line) and is_list(block[-1]))


def _add(line: str, block: list[str]) -> None:
    if is_list(line) or is_list(block[-1]) or " · " in line or block[-1].endswith(("：", ":")):
        block.append(line.rstrip() if is_list(line) else line.strip())
    elif ord(block[-1][-1]) < 0x2E80:
        block[-1] += " " + line.strip()
    else:
        block[-1] += line.strip()


def is_list(text: str) -> bool:
    """Whether a text begins as a list item."""
    return _ITEM.match(text) is not None


def read_sentences(text: str) -> list[str]:
    """The sentences of a paragraph, each with its end mark and the space behind it."""
    return [sentence for sentence in _SENTENCE.findall(text) if sentence.strip()]

"""A message as a channel outside shows it: words, pictures, files, cards. Pure.

Agents write Markdown: a picture is `![what](address)`, a file of ours is `[name](address)`, a card is a link that has a
line to itself, with a line `> words` below it if wished. Of the assistant's words no address is ever fetched: what it
names may be an injected one.
"""

from __future__ import annotations

import re
from typing import TypeAlias

import msgspec

from miaohui.channels.threads.splitting import split
from miaohui.conversations.types import Message

_PICTURE = r"!\[(?P<alt>[^\]\n]{0,200})\]\((?P<picture>[^\s()]{1,2048})\)"
_CARD = (
    r"^[ \t]*\[(?P<title>[^\]\n]{1,64})\]\((?P<link>https?://[^\s()]{1,2048})\)[ \t]*$"
    r"(?:\n>[ \t]?(?P<words>[^\n]{1,120}))?"
)
_FILE = r"\[(?P<name>[^\]\n]{0,200})\]\((?P<file>/v1/media/med_[0-9a-f]{32})\)"
_STANDS_APART = re.compile(f"{_PICTURE}|{_FILE}|{_CARD}", re.MULTILINE)
_LINK = re.compile(r"\[([^\]\n]{1,200})\]\((https?://[^\s()<>\"]{1,2048})\)")
_STRONG = re.compile(r"\*\*([^*\n]{1,500})\*\*")


class Words(msgspec.Struct, frozen=True):
    """Plain words."""

    text: str


class Picture(msgspec.Struct, frozen=True):
    """A picture at an address, ours (`/v1/media/…`) or another's."""

    url: str
    alt: str


class Enclosure(msgspec.Struct, frozen=True):
    """A file of ours that is no picture, or was not sent as one."""

    url: str
    name: str


class Card(msgspec.Struct, frozen=True):
    """A link with a title."""

    title: str
    url: str
    text: str = ""


Part: TypeAlias = Words | Picture | Enclosure | Card


def split_message(message: Message, most_bytes: int) -> tuple[str, ...]:
    """A message in parts that a channel takes, each as `read_part` reads it."""
    if message.sender != "agent":
        return split(_without_pictures(message.text), most_bytes)
    parts: list[str] = []
    at = 0
    for found in _STANDS_APART.finditer(message.text):
        parts += split(message.text[at : found.start()], most_bytes)
        parts.append(found[0].strip())
        at = found.end()
    return (*parts, *split(message.text[at:], most_bytes))


def read_part(text: str) -> Part:
    """What a part is."""
    found = _STANDS_APART.fullmatch(text)
    if found is None:
        return Words(text)
    if found["picture"]:
        return Picture(found["picture"], found["alt"])
    if found["file"]:
        return Enclosure(found["file"], found["name"])
    return Card(found["title"], found["link"], found["words"] or "")


def plain(text: str, link: str = "{title}: {url}") -> str:
    """Words without Markdown's marks; a link as `link` says."""
    text = _STRONG.sub(r"\1", text)
    return _LINK.sub(lambda found: link.format(title=found[1], url=found[2]), text)


def _without_pictures(text: str) -> str:
    return _STANDS_APART.sub(lambda found: f"{found['alt']} {found['picture']}" if found["picture"] else found[0], text)

"""Weighing what is to be found, by a process of its own when it is much: a thread would hold up whoever is answered.

Run as a program: a `Load` on standard input, `WeighedArticle`s on standard output, in MessagePack.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby

import msgspec

from miaohui.kit.telemetry import get_log
from miaohui.knowledge import apart
from miaohui.knowledge.server import policy
from miaohui.knowledge.server.types import WeighedArticle
from miaohui.knowledge.types import Chunk

FEW = 20
"""So many revisions are weighed in a thread."""
WEIGH_SECONDS = 300
_encode = msgspec.msgpack.Encoder().encode
_parts = msgspec.msgpack.Decoder(list[msgspec.Raw])
_article = msgspec.msgpack.Decoder(WeighedArticle)
_log = get_log(__name__)


class Load(msgspec.Struct, frozen=True):
    """What is to be weighed."""

    revisions: list[policy.Revision]
    chunks: list[tuple[str, Chunk]]
    """Each with its revision's id; those of one revision together."""


async def weigh(load: Load) -> Iterator[WeighedArticle]:
    """One after the other; each is unpacked when it is its turn."""
    if len(load.revisions) > FEW:
        try:
            told = await asyncio.to_thread(
                apart.run, "miaohui.knowledge.server.weighing", _encode(load), seconds=WEIGH_SECONDS, background=True
            )
            return map(_article.decode, _parts.decode(told))
        except apart.Failed as error:
            _log.warning("knowledge.weighed_here", reason=str(error))
    return iter(await asyncio.to_thread(weigh_all, load))


def weigh_all(load: Load) -> list[WeighedArticle]:
    """A revision without chunks is one too: it would be looked for for ever."""
    by_revision = _by_revision(load.chunks)
    return [policy.weigh(revision, by_revision.get(revision.id, [])) for revision in load.revisions]


def _by_revision(chunks: Sequence[tuple[str, Chunk]]) -> dict[str, list[Chunk]]:
    return {id_: [chunk for _, chunk in group] for id_, group in groupby(chunks, key=lambda one: one[0])}


def main() -> None:
    """Take the load, weigh it, end."""
    load = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Load)
    sys.stdout.buffer.write(_encode(weigh_all(load)))

"""What a tenant's sample questions teach: worked out in a process of its own, kept as bytes beside what is searched.

Run as a program: a `Lesson` on standard input, `Taught` on standard output, each in MessagePack.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import cast

import msgspec
import numpy as np

from miaohui.knowledge import apart
from miaohui.knowledge.certainty import UNTAUGHT, Certainty
from miaohui.knowledge.counting import Floats
from miaohui.knowledge.learning import BUCKETS, Learned, judge, learn
from miaohui.knowledge.rehearsal import rehearse
from miaohui.knowledge.segment import normalise
from miaohui.knowledge.types import Chunk

TEACH_SECONDS = 120
_FORM = 2
"""To be raised when something else would be learned from the same samples."""

Samples = Sequence[tuple[str, tuple[str, ...]]]
"""Article ids, in their order, and the sample questions of each."""


class Lesson(msgspec.Struct, frozen=True):
    """What there is to learn from."""

    samples: list[tuple[str, tuple[str, ...]]]
    chunks: list[Chunk]
    """Of some articles, those of one together: what certainty is rehearsed with."""


class Taught(msgspec.Struct, frozen=True, gc=False):
    """What came of it; `articles` is empty where there was too little to learn from."""

    articles: tuple[str, ...]
    weights: bytes
    """Buckets by articles, in half precision: a score needs no more."""
    rarity: bytes
    certainty: Certainty

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return len(self.weights) + len(self.rarity)


NOTHING_TAUGHT = Taught((), b"", b"", UNTAUGHT)
_encode = msgspec.msgpack.Encoder().encode
_taught = msgspec.msgpack.Decoder(Taught)


class Judge:
    """What a question is meant for, by what was taught."""

    def __init__(self, taught: Taught) -> None:
        self.certainty = taught.certainty
        self.size = taught.size
        self._articles = taught.articles
        weights = np.frombuffer(taught.weights, "<f2").reshape(BUCKETS, -1)
        self._learned = Learned(
            weights=cast("Floats", weights),
            rarity=np.frombuffer(taught.rarity, "<f4"),
            articles=np.arange(len(taught.articles)),
        )

    def judge(self, normalised: str) -> dict[str, float]:
        """By article id, from 0 to 1."""
        if not self._articles:
            return {}
        told: Floats = np.clip(judge(self._learned, normalised), 0.0, 1.0)
        return dict(zip(self._articles, told.tolist(), strict=True))


def digest_of(samples: Samples) -> str:
    """Changes when a sample question does."""
    return hashlib.sha256(_encode([_FORM, *samples])).hexdigest()


def may_teach(samples: Samples) -> bool:
    """Whether there may be something to learn: two articles with two questions each."""
    return sum(len(questions) > 1 for _, questions in samples) > 1


def teach(lesson: Lesson) -> Taught:
    """Have it worked out by a process. Waits for it. Raises `Failed`."""
    return read(apart.run("miaohui.knowledge.server.teaching", _encode(lesson), seconds=TEACH_SECONDS, background=True))


def read(packed: bytes) -> Taught:
    """What was kept."""
    return _taught.decode(packed)


def pack(taught: Taught) -> bytes:
    """To be kept."""
    return _encode(taught)


def work_out(lesson: Lesson) -> Taught:
    """What the index in the process would learn of the same."""
    learned = learn([(place, normalise(one)) for place, (_, told) in enumerate(lesson.samples) for one in told])
    if learned is None:
        return NOTHING_TAUGHT
    return Taught(
        articles=tuple(lesson.samples[place][0] for place in learned.articles.tolist()),
        weights=learned.weights.astype("<f2").tobytes(),
        rarity=learned.rarity.astype("<f4").tobytes(),
        certainty=rehearse(_by_article(lesson.chunks)),
    )


def _by_article(chunks: Iterable[Chunk]) -> list[list[Chunk]]:
    return [list(group) for _, group in groupby(chunks, key=lambda chunk: chunk.article_id)]


def main() -> None:
    """Take the lesson, work it out, end."""
    lesson = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Lesson)
    sys.stdout.buffer.write(pack(work_out(lesson)))

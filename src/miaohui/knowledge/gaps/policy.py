"""Which questions ask for the same. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from miaohui.knowledge.embedding import Vector, embed
from miaohui.knowledge.gaps.types import Cluster, Unanswered
from miaohui.knowledge.segment import parse_question

ALIKE = 0.42
"""Least likeness of a question to a cluster that it joins."""
MOST_QUESTIONS = 20


def cluster(asked: Sequence[Unanswered]) -> list[Cluster]:
    """Each question with those it is alike to, the most asked first. Oldest first, so that clusters keep their ids."""
    groups: list[list[Unanswered]] = []
    sums: list[Vector] = []
    for one in sorted(asked, key=lambda one: (one.at_ms, one.id)):
        vector = _read(one.question)
        place = _nearest(vector, sums)
        if place is None:
            groups.append([one])
            sums.append(vector.copy())
        else:
            groups[place].append(one)
            sums[place] += vector
    made = [_describe(group, total) for group, total in zip(groups, sums, strict=True)]
    return sorted(made, key=lambda one: (-one.count, -one.last_at_ms))


def _read(question: str) -> Vector:
    """Its content words alone: how a question is put says nothing of what it asks for."""
    query = parse_question(question)
    return embed(" ".join(sorted(word.text for word in query.words)) or query.text)


def _nearest(vector: Vector, sums: Sequence[Vector]) -> int | None:
    if not sums:
        return None
    totals = np.stack(sums)
    likeness = totals @ vector / np.maximum(np.linalg.norm(totals, axis=1), 1e-9)
    best = int(likeness.argmax())
    return best if likeness[best] >= ALIKE else None


def _describe(group: Sequence[Unanswered], total: Vector) -> Cluster:
    counts = Counter(one.question for one in group)
    likeness = {question: float(_read(question) @ total) for question in counts}
    questions = sorted(counts, key=lambda question: (-likeness[question], question))
    return Cluster(
        id=group[0].id,
        title=questions[0],
        questions=tuple(questions[:MOST_QUESTIONS]),
        count=len(group),
        last_at_ms=max(one.at_ms for one in group),
        locale=Counter(one.locale for one in group).most_common(1)[0][0],
        members=tuple(one.id for one in group),
    )

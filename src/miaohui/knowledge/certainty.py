"""How likely the answer stands in what was found: a logistic function of a few signs, fitted to what came true.

The weights that a tenant begins with were fitted on help centres and shops in Chinese and English from which a part of
the answers had been removed. Its own articles then move them: see `rehearsal`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt


class Signs(NamedTuple):
    """What speaks for an answer; each from 0 to about 1 but `gap`, which may be larger."""

    coverage: float
    """Share of the question's content words, by rarity, that one of the leading passages holds."""
    bm25: float
    taught: float
    """How much the sample questions say that the question is meant for the leading article."""
    gap: float
    """By how much the leading article is ahead of the next."""
    strange: float = 0.0
    """Share of the question that is about what no article knows; it speaks against."""


class Certainty(msgspec.Struct, frozen=True, gc=False):
    """Weights of the signs."""

    base: float
    coverage: float
    bm25: float
    taught: float
    gap: float
    strange: float = 0.0


UNTAUGHT = Certainty(base=-1.81, coverage=2.02, bm25=1.12, taught=0.0, gap=0.70, strange=-1.5)
"""For a knowledge base without sample questions."""
TAUGHT = Certainty(base=-2.3, coverage=2.4, bm25=1.5, taught=1.5, gap=0.5, strange=-1.5)
_STEADINESS = 5.0
"""How many pairs of cases the weights to begin with are worth."""
_ROUNDS = 25
_SHARE_OF_STRANGERS = 0.4


def chance(certainty: Certainty, signs: Signs) -> float:
    """0 to 1."""
    signal = (
        certainty.base
        + certainty.coverage * signs.coverage
        + certainty.bm25 * signs.bm25
        + certainty.taught * signs.taught
        + certainty.gap * signs.gap
        + certainty.strange * signs.strange
    )
    return 1.0 / (1.0 + math.exp(-signal))


def fit(cases: Sequence[tuple[Signs, bool]], prior: Certainty, strangers: Sequence[Signs] = ()) -> Certainty:
    """Weights that fit what came true, and stay near `prior` where little was seen; only `strange` speaks against.

    Answered and unanswered cases count alike, however many there are of each; `strangers`, what questions of nobody's
    field look like, are a third of what is unanswered. Logistic regression by Newton's method with a Gaussian prior.
    """
    known = np.array([is_known for _, is_known in cases], np.bool_)
    if not cases or known.all() or not known.any():
        return prior
    outcomes = np.append(known, np.zeros(len(strangers), np.bool_)).astype(np.float64)
    importance = _weigh_cases(known, len(strangers))
    signs = np.array([(1.0, *one) for one in (*(told for told, _ in cases), *strangers)])
    start = np.array([prior.base, prior.coverage, prior.bm25, prior.taught, prior.gap, prior.strange])
    steadiness = _STEADINESS * np.maximum(signs.var(0), 0.01)
    weights = start.copy()
    for _ in range(_ROUNDS):
        chances = 1 / (1 + np.exp(-np.clip(signs @ weights, -30, 30)))
        slope = signs.T @ (importance * (chances - outcomes)) + steadiness * (weights - start)
        curve = (signs * (importance * chances * (1 - chances))[:, None]).T @ signs + np.diag(steadiness)
        step = np.linalg.solve(curve, slope)
        weights -= np.clip(step, -2.0, 2.0)
    base, *for_it, against = map(float, weights)
    coverage, bm25, taught, gap = (max(0.0, weight) for weight in for_it)
    return Certainty(base, coverage, bm25, taught, gap, min(0.0, against))


def _weigh_cases(known: npt.NDArray[np.bool_], strangers: int) -> npt.NDArray[np.float64]:
    """In all as much as there are cases."""
    unknown = 0.5 * (1 - _SHARE_OF_STRANGERS * (strangers > 0))
    own = np.where(known, 0.5 / known.mean(), unknown / (1 - known.mean()))
    each = 0.5 * _SHARE_OF_STRANGERS * len(known) / max(strangers, 1)
    return np.append(own, np.full(strangers, each))

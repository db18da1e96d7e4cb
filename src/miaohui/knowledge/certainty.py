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


class Signs(NamedTuple):
    """What speaks for an answer; each from 0 to about 1 but `gap`, which may be larger."""

    coverage: float
    """Share of the question's content words, by rarity, that one of the leading passages holds."""
    bm25: float
    taught: float
    """How much the sample questions say that the question is meant for the leading article."""
    gap: float
    """By how much the leading article is ahead of the next."""


class Certainty(msgspec.Struct, frozen=True, gc=False):
    """Weights of the signs."""

    base: float
    coverage: float
    bm25: float
    taught: float
    gap: float


UNTAUGHT = Certainty(base=-1.96, coverage=2.02, bm25=1.12, taught=0.0, gap=0.70)
"""For a knowledge base without sample questions."""
TAUGHT = Certainty(base=-2.6, coverage=2.4, bm25=1.5, taught=1.5, gap=0.5)
_STEADINESS = 5.0
"""How many pairs of cases the weights to begin with are worth."""
_ROUNDS = 25


def chance(certainty: Certainty, signs: Signs) -> float:
    """0 to 1."""
    signal = (
        certainty.base
        + certainty.coverage * signs.coverage
        + certainty.bm25 * signs.bm25
        + certainty.taught * signs.taught
        + certainty.gap * signs.gap
    )
    return 1.0 / (1.0 + math.exp(-signal))


def fit(cases: Sequence[tuple[Signs, bool]], prior: Certainty) -> Certainty:
    """Weights that fit what came true, and stay near `prior` where little was seen; no sign ever speaks against.

    Answered and unanswered cases count alike, however many there are of each. Logistic regression by Newton's method
    with a Gaussian prior.
    """
    outcomes = np.array([known for _, known in cases], np.float64)
    if not cases or outcomes.min() == outcomes.max():
        return prior
    signs = np.array([(1.0, *signs) for signs, _ in cases])
    share = outcomes.mean()
    importance = np.where(outcomes > 0, 0.5 / share, 0.5 / (1 - share))
    start = np.array([prior.base, prior.coverage, prior.bm25, prior.taught, prior.gap])
    steadiness = _STEADINESS * np.maximum(signs.var(0), 0.01)
    weights = start.copy()
    for _ in range(_ROUNDS):
        chances = 1 / (1 + np.exp(-np.clip(signs @ weights, -30, 30)))
        slope = signs.T @ (importance * (chances - outcomes)) + steadiness * (weights - start)
        curve = (signs * (importance * chances * (1 - chances))[:, None]).T @ signs + np.diag(steadiness)
        step = np.linalg.solve(curve, slope)
        weights -= np.clip(step, -2.0, 2.0)
    fitted = [float(weights[0]), *(max(0.0, float(weight)) for weight in weights[1:])]
    return Certainty(*fitted)

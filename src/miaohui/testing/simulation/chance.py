"""Chance from a seed, for the trouble that is made and for the ids that are drawn."""

from __future__ import annotations

import random  # noqa: TID251  (the seed is the argument; nothing else here draws)
from collections.abc import Iterator
from contextlib import contextmanager

from miaohui.kit import ids

Chance = random.Random
"""Passed to whoever makes trouble."""


class _Seeded:
    """Ids that grow, and are the same for the same seed."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._last = 1_750_000_000_000 << 80

    def next(self) -> int:
        """Larger than the one before."""
        self._last += 1 + self._chance.getrandbits(40)
        return self._last


@contextmanager
def seeded_ids(seed: int) -> Iterator[None]:
    """While this lasts, `new_id` draws from the seed."""
    source, ids._source = ids._source, _Seeded(Chance(seed))  # type: ignore[assignment]  # noqa: SLF001
    try:
        yield
    finally:
        ids._source = source  # noqa: SLF001

"""The names of the promises, and the number of the invariant that tests each."""

from __future__ import annotations

from typing import Literal

import msgspec

Promise = Literal[
    "durable", "once", "agreed", "numbered", "ordered", "genuine", "contiguous", "unended", "one_end", "one_final",
    "untorn", "outside", "isolated", "bounded", "healed", "answered",
]  # fmt: skip

INVARIANTS: dict[Promise, int] = {
    "durable": 1,
    "once": 2,
    "agreed": 3,
    "numbered": 3,
    "ordered": 4,
    "genuine": 5,
    "contiguous": 6,
    "unended": 7,
    "one_end": 7,
    "one_final": 8,
    "untorn": 8,
    "outside": 9,
    "isolated": 10,
    "bounded": 11,
    "healed": 12,
    "answered": 13,
}
"""INV-1 to INV-13, by the promise's name."""


class Violation(msgspec.Struct, frozen=True):
    """A promise that was not kept, and where."""

    promise: Promise
    where: str

    @property
    def invariant(self) -> int:
        """Its number."""
        return INVARIANTS[self.promise]

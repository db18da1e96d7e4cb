"""Bags of weighted terms as bytes, and many of them at once as arrays. Pure.

A term is 32 bits of a checksum of it: two terms of one tenant that share them are counted as one, which some dozens of
half a million are. Weights are sums of small counts and boosts, so half precision holds them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt

_TERM = np.dtype([("term", "<u4"), ("weight", "<f2")])
_TERM_OF_BAG = np.dtype([("term", "<u4"), ("weight", "<f2"), ("bag", "<u2")])
_MOST_BAGS = 0xFFFF

Ints = npt.NDArray[np.int64]
Terms = npt.NDArray[np.uint32]
Floats = npt.NDArray[np.float32]


class Bags(NamedTuple):
    """What several bags hold, one entry after another."""

    terms: Terms
    weights: Floats
    bag_of: Ints
    """Number of each entry's bag."""
    size: int


class Groups(NamedTuple):
    """Bags that belong together by group."""

    bags: Bags
    group_of_bag: Ints


@lru_cache(maxsize=1 << 16)
def number(term: str) -> int:
    """A term as it is stored."""
    return crc32(term.encode("utf-8", "replace"))


def spell(packed: bytes, mark: str) -> list[str]:
    """The terms of one bag in letters and digits, each behind a mark."""
    terms: npt.NDArray[Any] = np.frombuffer(packed, _TERM)["term"]
    spelt = terms.astype(">u4").tobytes().hex()
    return [mark + spelt[at : at + 8] for at in range(0, len(spelt), 8)]


def pack(weights: Mapping[str, float]) -> bytes:
    """One bag."""
    packed = np.empty(len(weights), _TERM)
    packed["term"] = [number(term) for term in weights]
    packed["weight"] = list(weights.values())
    return packed.tobytes()


def pack_several(bags: Sequence[Mapping[str, float]]) -> bytes:
    """Several bags in one, each still a bag of its own."""
    kept = bags[:_MOST_BAGS]
    packed = np.empty(sum(map(len, kept)), _TERM_OF_BAG)
    packed["term"] = [number(term) for bag in kept for term in bag]
    packed["weight"] = [weight for bag in kept for weight in bag.values()]
    packed["bag"] = np.repeat(np.arange(len(kept)), [len(bag) for bag in kept])
    return packed.tobytes()


def unpack(packed: Sequence[bytes]) -> Bags:
    """What `pack` made, in this order."""
    joined: npt.NDArray[Any] = np.frombuffer(b"".join(packed), _TERM)
    of = np.repeat(np.arange(len(packed)), [len(one) // _TERM.itemsize for one in packed])
    return Bags(joined["term"].astype(np.uint32), joined["weight"].astype(np.float32), of, len(packed))


def unpack_several(packed: Sequence[bytes]) -> Groups:
    """What `pack_several` made; bags that are empty are not there."""
    joined: npt.NDArray[Any] = np.frombuffer(b"".join(packed), _TERM_OF_BAG)
    groups = np.repeat(np.arange(len(packed)), [len(one) // _TERM_OF_BAG.itemsize for one in packed])
    keys, bag_of = np.unique(groups * (_MOST_BAGS + 1) + joined["bag"], return_inverse=True)
    bags = Bags(joined["term"].astype(np.uint32), joined["weight"].astype(np.float32), bag_of, len(keys))
    return Groups(bags, keys // (_MOST_BAGS + 1))

"""The built-in embedder: hashed character n-grams, 256 numbers, no model.

Feature hashing with signs, after Weinberger et al., 2009 (https://arxiv.org/abs/0902.2206). It finds what shares
spelling: inflected words, typos, words written together. It knows no meaning; an embedding model may take its place.
"""

from __future__ import annotations

import re
import sys
from array import array
from functools import lru_cache
from math import copysign, sqrt

import numpy as np
import numpy.typing as npt

DIMENSIONS = 256
Vector = npt.NDArray[np.float32]

_M1, _M2, _M3 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x165667B19E3779F9)
_MIX = np.uint64(29)
_PLACE, _SIGN = (5, 7) if sys.byteorder == "little" else (2, 0)
"""Of a hash's eight bytes, the one that says which number it counts for, and the one whose top bit says the sign."""
_SIGNS = np.where(np.arange(256) < 128, -1.0, 1.0)
_SHORT = 24
"""Characters up to which counting one by one takes less time than two dozen array operations."""
_GRAMS_KEPT = 8_192
"""Of short texts, n-grams that are hashed once: people ask in the same few words."""
_FACTORS = (int(_M1), int(_M2), int(_M3))
_64_BITS = 2**64 - 1
_ZEROS = bytes(4 * DIMENSIONS)
_LITTLE = re.compile("[\x00-/]+")
"""What is left out: spaces and most signs."""


def embed(normalised: str) -> Vector:
    """A unit vector; zeros for a text with nothing in it."""
    return _embed_short(normalised) if len(normalised) <= _SHORT else _embed_long(normalised)


def _embed_short(normalised: str) -> Vector:
    """What `_embed_long` makes, to the last bit."""
    text = _LITTLE.sub("", normalised)
    grams = [text[i : i + 2] for i in range(len(text) - 1)] + [text[i : i + 3] for i in range(len(text) - 2)]
    sums: dict[int, int] = {}
    for place in map(_find_place, grams or text):
        if place < 0:
            sums[~place] = sums.get(~place, 0) - 1
        else:
            sums[place] = sums.get(place, 0) + 1
    total = sum(map(abs, sums.values()))
    vector = array("f", _ZEROS)
    for place, counted in sums.items():
        if counted:
            vector[place] = copysign(sqrt(abs(counted) / total), counted)
    return np.frombuffer(vector, np.float32)


@lru_cache(maxsize=_GRAMS_KEPT)
def _find_place(gram: str) -> int:
    """Of an n-gram, which number it adds to, or the complement of the one that it takes from."""
    codes = memoryview(gram.encode("utf-32-le", "replace")).cast("I")
    hashed = sum(code * factor for code, factor in zip(codes, _FACTORS, strict=False)) & _64_BITS
    mixed = (hashed ^ hashed >> 29) * _FACTORS[0]
    place = mixed >> 40 & 255
    return place if mixed >> 63 & 1 else ~place


def _embed_long(normalised: str) -> Vector:
    codes = np.frombuffer(normalised.encode("utf-32-le", "replace"), np.uint32)
    codes = codes[codes > 47].astype(np.uint64)
    count = len(codes)
    if not count:
        return np.zeros(DIMENSIONS, np.float32)
    hashes = codes * _M1
    if count > 1:
        grams = np.empty(2 * count - 3, np.uint64)
        pairs, triples = grams[: count - 1], grams[count - 1 :]
        np.multiply(codes[1:], _M2, out=pairs)
        pairs += hashes[:-1]
        np.multiply(codes[2:], _M3, out=triples)
        triples += pairs[:-1]
        hashes = grams
    hashes ^= hashes >> _MIX
    hashes *= _M1
    octets = hashes.view(np.uint8)
    sums = np.bincount(octets[_PLACE::8], _SIGNS[octets[_SIGN::8]], DIMENSIONS)
    sizes = np.abs(sums)
    total = float(np.add.reduce(sizes))
    if not total:
        return np.zeros(DIMENSIONS, np.float32)
    sizes /= total
    return np.copysign(np.sqrt(sizes, out=sizes), sums, out=sizes).astype(np.float32)

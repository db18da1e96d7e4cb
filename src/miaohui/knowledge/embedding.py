"""The built-in embedder: hashed character n-grams, 256 numbers, no model.

Feature hashing with signs, after Weinberger et al., 2009 (https://arxiv.org/abs/0902.2206). It finds what shares
spelling: inflected words, typos, words written together. It knows no meaning; an embedding model may take its place.
"""

from __future__ import annotations

import sys

import numpy as np
import numpy.typing as npt

DIMENSIONS = 256
Vector = npt.NDArray[np.float32]

_M1, _M2, _M3 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x165667B19E3779F9)
_MIX = np.uint64(29)
_PLACE, _SIGN = (5, 7) if sys.byteorder == "little" else (2, 0)
"""Of a hash's eight bytes, the one that says which number it counts for, and the one whose top bit says the sign."""
_SIGNS = np.where(np.arange(256) < 128, -1.0, 1.0)


def embed(normalised: str) -> Vector:
    """A unit vector; zeros for a text with nothing in it."""
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

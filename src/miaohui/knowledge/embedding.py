"""The built-in embedder: hashed character n-grams, 256 numbers, no model.

Feature hashing with signs, after Weinberger et al., 2009 (https://arxiv.org/abs/0902.2206). It finds what shares
spelling: inflected words, typos, words written together. It knows no meaning; an embedding model may take its place.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

DIMENSIONS = 256
Vector = npt.NDArray[np.float32]

_M1, _M2, _M3 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x165667B19E3779F9)
_TOP = np.uint64(40)


def embed(normalised: str) -> Vector:
    """A unit vector; zeros for a text with nothing in it."""
    codes = np.frombuffer(normalised.encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    codes = codes[codes > np.uint64(47)]
    if not len(codes):
        return np.zeros(DIMENSIONS, np.float32)
    hashes = codes * _M1
    if len(codes) > 1:
        pairs = hashes[:-1] + codes[1:] * _M2
        hashes = np.concatenate((pairs, pairs[:-1] + codes[2:] * _M3))
    hashes ^= hashes >> np.uint64(29)
    hashes *= _M1
    signs = np.where(hashes.view(np.int64) < 0, 1.0, -1.0)
    sums = np.bincount((hashes >> _TOP).astype(np.uint8), signs, DIMENSIONS)
    vector = np.copysign(np.sqrt(np.abs(sums)), sums).astype(np.float32)
    norm = float(np.sqrt(vector @ vector))
    return vector / np.float32(norm) if norm else vector

"""Articles that hold only for a time: an index shows, at any moment, those that hold then. Pure."""

from __future__ import annotations

import msgspec
import numpy as np
import numpy.typing as npt

from miaohui.knowledge.index import Index, prefer

FOR_EVER = np.iinfo(np.int64).max


def valid_at(index: Index, now_ms: int) -> Index:
    """The same index, in which chunks that do not hold at this moment cannot be found."""
    if index.validity is None:
        return index
    holds = _holds(index.validity, now_ms)
    english, chinese = prefer(index.chinese)
    return msgspec.structs.replace(index, preference=(english * holds, chinese * holds))


def next_change(index: Index, now_ms: int) -> int | None:
    """When `valid_at` will next be another, milliseconds; None for never."""
    if index.validity is None:
        return None
    later = index.validity[(index.validity > now_ms) & (index.validity < FOR_EVER)]
    return int(later.min()) if later.size else None


def _holds(validity: npt.NDArray[np.int64], now_ms: int) -> npt.NDArray[np.float32]:
    return ((validity[:, 0] <= now_ms) & (validity[:, 1] > now_ms)).astype(np.float32)

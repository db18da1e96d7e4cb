"""Who takes part, and when it is enough. Pure."""

from __future__ import annotations

from collections import deque
from hashlib import blake2b
from statistics import median

from miaohui.experiments.types import Share, Verge

BUCKETS = 10_000


def bucket_of(salt: str, conversation_id: str) -> int:
    """0 to 9,999: the same for a conversation in every process and for ever, and independent between salts."""
    digest = blake2b(conversation_id.encode(), digest_size=8, key=salt.encode()[:64]).digest()
    return int.from_bytes(digest, "big") % BUCKETS


def takes_part(share: Share, conversation_id: str) -> bool:
    """Whether the conversation is in this share; a larger share holds all of a smaller one."""
    return bool(conversation_id) and bucket_of(share.salt, conversation_id) < round(share.share * BUCKETS)


class Side:
    """What came of the last answers of one side."""

    __slots__ = ("_ends", "_firsts")

    def __init__(self, window: int) -> None:
        self._ends: deque[bool] = deque(maxlen=window)
        self._firsts: deque[float] = deque(maxlen=window)

    def note(self, first_content_ms: float | None) -> None:
        """One answer's time until its first word; None when it failed."""
        self._ends.append(first_content_ms is not None)
        if first_content_ms is not None:
            self._firsts.append(first_content_ms)

    def __len__(self) -> int:
        return len(self._ends)

    @property
    def failures(self) -> float:
        """Share of those that failed."""
        return self._ends.count(False) / len(self._ends) if self._ends else 0.0

    @property
    def first_content_ms(self) -> float:
        """Median; 0 when there is none."""
        return median(self._firsts) if self._firsts else 0.0


def why_to_end(trial: Side, rest: Side, verge: Verge) -> str:
    """`failures`, `latency`, or empty while the trial may go on."""
    if len(trial) < verge.least:
        return ""
    if trial.failures > rest.failures + verge.more_failures:
        return "failures"
    slow, usual = trial.first_content_ms, rest.first_content_ms
    if usual and slow > usual * verge.slower and slow > usual + verge.slower_least_ms:
        return "latency"
    return ""

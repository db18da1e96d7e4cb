"""Limits counted in this process."""

from __future__ import annotations

import math
from collections import OrderedDict, deque

from miaohui.engines.limits import KEPT_S, SECOND_S, WINDOW_S, Quota, Room
from miaohui.kit.clock import Clock

_MOST_RESERVED = 100_000


class _Spent:
    """Of one quota."""

    __slots__ = ("at", "filled_at", "tokens")

    def __init__(self, tokens: float, now: float) -> None:
        self.at: deque[float] = deque()
        self.tokens = tokens
        self.filled_at = now


class LimitsMemory:
    """`share` is what this process may use of each quota, when others draw on it and cannot be asked."""

    def __init__(self, clock: Clock, *, share: float = 1.0) -> None:
        self._clock = clock
        self._share = share
        self._spent: dict[str, _Spent] = {}
        self._reserved: OrderedDict[str, tuple[float, int]] = OrderedDict()

    async def reserve(self, quota: Quota, attempt_id: str, tokens: int) -> float:
        if not quota.rpm and not quota.tpm:
            return 0.0
        now = self._clock.monotonic()
        spent = self._spent.get(quota.key)
        if spent is None:
            spent = self._spent[quota.key] = _Spent(quota.tpm * self._share, now)
        wanted = min(tokens, math.floor(quota.tpm * self._share))
        wait = max(self._wait_for_request(spent.at, quota, now), self._wait_for_tokens(spent, quota, wanted, now))
        if wait > 0:
            return wait
        if quota.rpm:
            spent.at.append(now)
        if quota.tpm:
            spent.tokens -= wanted
            self._remember(attempt_id, now, wanted)
        return 0.0

    def _wait_for_request(self, at: deque[float], quota: Quota, now: float) -> float:
        if not quota.rpm:
            return 0.0
        while at and at[0] <= now - WINDOW_S:
            at.popleft()
        most = self._part(quota.rpm)
        wait = at[-most] + WINDOW_S - now if len(at) >= most else 0.0
        if quota.smooth and len(at) >= (few := self._part(quota.per_second)):
            wait = max(wait, at[-few] + SECOND_S - now)
        return wait

    def _part(self, limit: int) -> int:
        return max(1, math.floor(limit * self._share))

    def _wait_for_tokens(self, spent: _Spent, quota: Quota, wanted: int, now: float) -> float:
        if not quota.tpm:
            return 0.0
        most = quota.tpm * self._share
        rate = most / 60
        spent.tokens = min(most, spent.tokens + (now - spent.filled_at) * rate)
        spent.filled_at = now
        return max(0.0, (wanted - spent.tokens) / rate)

    def _remember(self, attempt_id: str, now: float, tokens: int) -> None:
        reserved = self._reserved
        reserved[attempt_id] = now, tokens
        while reserved and (len(reserved) > _MOST_RESERVED or next(iter(reserved.values()))[0] < now - KEPT_S):
            reserved.popitem(last=False)

    def settle(self, quota: Quota, attempt_id: str, tokens: int) -> None:
        if not quota.tpm:
            return
        reservation = self._reserved.pop(attempt_id, None)
        spent = self._spent.get(quota.key)
        if reservation is not None and spent is not None:
            spent.tokens += reservation[1] - tokens

    async def room(self, quota: Quota) -> Room:
        now = self._clock.monotonic()
        spent = self._spent.get(quota.key) or _Spent(quota.tpm * self._share, now)
        self._wait_for_tokens(spent, quota, 0, now)
        used = sum(1 for at in spent.at if at > now - WINDOW_S)
        return Room(
            requests=max(0, self._part(quota.rpm) - used) if quota.rpm else None,
            tokens=max(0, int(spent.tokens)) if quota.tpm else None,
        )

"""Look, agree with the other nodes, gather, tell."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import msgspec

from miaohui.alerts import policy, repository
from miaohui.alerts.types import CODES, Code, Lease, Letter, Line, Pace, Sample, Silence, Standing, Thresholds, Told
from miaohui.kit import metrics
from miaohui.kit.aio import spawn, stop
from miaohui.kit.errors import Conflict, FieldError, Invalid, NotFound, Unavailable
from miaohui.kit.ids import new_id
from miaohui.kit.polling import keep_doing
from miaohui.kit.telemetry import get_log

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from miaohui.alerts.ports import Sampler, Way
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database

FIRING = metrics.gauge("miaohui_alert_firing", "1 while this node says that something is wrong.", ("code",))
LETTERS = metrics.counter("miaohui_alert_letters_total", "Letters to operators.", ("way", "outcome"))
MOST_SILENCE_MS = 30 * 86_400_000
_TRIES = 3
_TRY_AGAIN_S = 5.0
_DAY_MS = 86_400_000
LEASE_S = 30.0
"""What a node is about to tell is another's to tell so soon after its death; twice a step at the least."""
_log = get_log(__name__)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How one node looks and tells."""

    node: str
    thresholds: Thresholds = Thresholds()
    pace: Pace = Pace()
    locale: Literal["zh-CN", "en"] = "zh-CN"


class Alerts:
    """Runs on every node; operators are told once, by one of them."""

    def __init__(self, database: Database, clock: Clock, sampler: Sampler, ways: Sequence[Way], plan: Plan) -> None:
        self._database = database
        self._clock = clock
        self._sampler = sampler
        self._ways = tuple(ways)
        self._plan = plan
        self._owner = new_id("teller")
        self._window: deque[Sample] = deque()
        self._own: dict[Code, Standing] = {}
        self._gathered: list[Line] = []
        self._gathered_at = 0.0
        self._slow: tuple[float, float] = (0.0, 0.0)
        self._slow_at = -1e9
        self.companies: Callable[[], Awaitable[Mapping[str, float]]] | None = None
        """See `Sample.companies`; without it there are none."""
        self._about: dict[Code, tuple[int, tuple[str, ...]]] = {}
        """Whom operators know to be concerned, as of which letter."""

    async def run(self) -> None:
        """Until cancelled; what was gathered is told then."""
        try:
            while True:
                try:
                    await self.step()
                except Unavailable as error:
                    _log.warning("alerts.records_unavailable", reason=error.code)
                except Exception:  # noqa: BLE001  (whatever breaks, who calls for help must go on)
                    _log.exception("alerts.step_failed")
                await asyncio.sleep(self._plan.pace.every_s)
        finally:
            with suppress(Unavailable):
                await self.tell()

    async def step(self) -> None:
        """Look once; take what is ours to tell, and tell what has been gathered for long enough."""
        now_ms, pace = self._clock.now_ms(), self._plan.pace
        self._take(await self._sample(now_ms), now_ms)
        own = tuple(self._own.values())
        await self._database.write(lambda: repository.note(own, round(pace.stale_s * 1000), now_ms))
        standings = await repository.standings(self._database, now_ms - round(pace.stale_s * 1000))
        self._gathered = await self._keep(self._gathered)
        told = await repository.told(self._database)
        silences = await repository.silences(self._database, now_ms)
        for code, firing, again in policy.to_tell(standings, self._as_known(told), silences, pace, now_ms):
            last = told.get(code)
            if await self._is_ours(code, last):
                self._gather(code, standings, firing=firing, again=again)
                if last is not None and last.lease_until_ms:
                    self._gathered_at = -1e9  # who was about to tell it died: it has waited for long enough
        if self._gathered and self._clock.monotonic() - self._gathered_at >= pace.group_s:
            await self.tell()

    async def _sample(self, now_ms: int) -> Sample:
        """What only the records know is read once a minute."""
        if self._clock.monotonic() - self._slow_at >= 60:
            self._slow_at = self._clock.monotonic()
            today_ms = now_ms - now_ms % _DAY_MS
            waiting = float(await repository.waiting(self._database))
            self._slow = (waiting, await repository.cost_since(self._database, today_ms))
        sample = await asyncio.to_thread(self._sampler.sample, now_ms)
        companies = await self.companies() if self.companies is not None else {}
        return msgspec.structs.replace(sample, waiting=self._slow[0], cost=self._slow[1], companies=companies)

    def _take(self, sample: Sample, now_ms: int) -> None:
        window, plan = self._window, self._plan
        window.append(sample)
        # The last sample before the window stays: after a pause there is still something to compare with.
        while len(window) > 2 and window[1].at_ms <= now_ms - plan.pace.window_s * 1000:
            window.popleft()
        for reading in policy.look(tuple(window), plan.thresholds):
            standing = policy.stand(reading, self._own.get(reading.code), plan.pace, node=plan.node, now_ms=now_ms)
            self._own[reading.code] = standing
            FIRING.labels(reading.code).set(standing.firing)

    def _as_known(self, told: Mapping[str, Told]) -> dict[str, Told]:
        """What concerns other companies than operators were told of counts as told long ago."""
        known = dict(told)
        for code in policy.OF_COMPANIES:
            now, last = policy.concerned(code, self._window[-1]), told.get(code)
            if last is None or not last.firing:
                self._about.pop(code, None)
                continue
            at_ms, about = self._about.get(code, (0, ()))
            if at_ms != last.at_ms:
                self._about[code] = (last.at_ms, now)
            elif now and now != about:
                known[code] = msgspec.structs.replace(last, at_ms=0)
        return known

    async def _keep(self, lines: Sequence[Line]) -> list[Line]:
        lease = self._lease()
        return await self._database.write(lambda: repository.keep(lines, lease)) if lines else []

    async def _is_ours(self, code: Code, last: Told | None) -> bool:
        lease = self._lease()
        with suppress(Conflict):
            return await self._database.write(lambda: repository.claim(code, last, lease))
        return False

    def _lease(self) -> Lease:
        return Lease(owner=self._owner, until_ms=self._clock.now_ms() + round(LEASE_S * 1000))

    def _gather(self, code: Code, standings: Sequence[Standing], *, firing: bool, again: bool) -> None:
        if not self._gathered:
            self._gathered_at = self._clock.monotonic()
        threshold = self._threshold(code)
        line = policy.line(code, standings, threshold, firing=firing, again=again)
        _log.warning("alert.changed", code=code, firing=firing, value=round(line.value, 4), threshold=threshold)
        self._gathered.append(line)

    def _threshold(self, code: Code) -> float:
        return next(one.threshold for one in policy.look([Sample(at_ms=0)], self._plan.thresholds) if one.code == code)

    async def tell(self) -> None:
        """Everything that was gathered, in one letter, on every way; it is told when every way was tried."""
        lines, self._gathered = tuple(map(self._with_companies, self._gathered)), []
        if not lines:
            return
        keeping = spawn(
            keep_doing(lambda: self._keep(lines), every_s=self._plan.pace.every_s, failing="alert.not_kept"),
            name="alert-lease",
        )
        try:
            await self._send(self._letter(lines))
        finally:
            await stop(keeping)
        now_ms = self._clock.now_ms()
        await self._database.write(lambda: repository.settle(lines, self._owner, now_ms))
        self._about |= {line.code: (now_ms, line.about) for line in lines}

    def _with_companies(self, line: Line) -> Line:
        about = policy.concerned(line.code, self._window[-1]) if line.firing else ()
        return msgspec.structs.replace(line, about=about) if about else line

    def _letter(self, lines: tuple[Line, ...]) -> Letter:
        locale = self._plan.locale
        return Letter(
            id=new_id("alert"),
            at_ms=self._clock.now_ms(),
            lines=lines,
            subject=policy.subject(lines, locale),
            text=policy.text(lines, locale, _when),
        )

    async def _send(self, letter: Letter) -> list[str]:
        return list(await asyncio.gather(*(self._send_by(way, letter) for way in self._ways)))

    async def _send_by(self, way: Way, letter: Letter) -> str:
        """Tried some times: an alert that is lost in the storm that it tells of is no alert."""
        error = ""
        for left in reversed(range(_TRIES)):
            error = await way.tell(letter)
            LETTERS.labels(way.name, "failed" if error else "told").inc()
            if not error:
                break
            _log.warning("alert.not_told", way=way.name, reason=error)
            if left:
                await asyncio.sleep(_TRY_AGAIN_S)
        return error

    # For operators

    async def standing(self) -> tuple[list[Standing], list[Silence]]:
        """What every node says now, and what nobody is told of."""
        now_ms = self._clock.now_ms()
        after_ms = now_ms - round(self._plan.pace.stale_s * 1000)
        found = await repository.standings(self._database, after_ms)
        return found, await repository.silences(self._database, now_ms)

    async def silence(self, code: str, minutes: float, reason: str = "") -> Silence:
        """Tell nobody of `code` (empty: of anything) for so long. Raises `Invalid`."""
        if code and code not in CODES:
            raise Invalid("There is no such alert.", errors=[FieldError("$.code", "one of " + ", ".join(CODES))])
        if not 0 < minutes * 60_000 <= MOST_SILENCE_MS:
            raise Invalid("A silence lasts up to 30 days.", errors=[FieldError("$.minutes", "1 to 43200")])
        now_ms = self._clock.now_ms()
        silence = Silence(
            id=new_id("sil"),
            code=code,
            until_ms=now_ms + round(minutes * 60_000),
            reason=reason[:200],
            created_at_ms=now_ms,
        )
        await self._database.write(lambda: repository.add_silence(silence))
        return silence

    async def end_silence(self, silence_id: str) -> None:
        """Tell again. Raises `NotFound`."""
        if not await self._database.write(lambda: repository.end_silence(silence_id)):
            raise NotFound("There is no such silence.")

    async def try_(self) -> dict[str, str]:
        """A letter on every way now; by way, why it did not arrive, or empty."""
        line = Line(code="lag", firing=True, value=0.0, threshold=0.0, nodes=(self._plan.node,), since_ms=0)
        letter = msgspec.structs.replace(self._letter((line,)), subject="[Miaohui] test", text="测试 / test")
        return {way.name: await way.tell(letter) for way in self._ways}


def _when(moment_ms: int) -> str:
    return datetime.fromtimestamp(moment_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")

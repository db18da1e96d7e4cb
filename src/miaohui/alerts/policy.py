"""What is wrong, since when, and in which words. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from miaohui.alerts.types import CODES, Code, Line, Pace, Reading, Sample, Silence, Standing, Thresholds, Told

_NAMES: Mapping[str, tuple[str, str]] = {
    "throttled": ("供应商限流 (429) 占比", "Providers' 429 answers"),
    "timeouts": ("供应商超时占比", "Providers' timeouts"),
    "success": ("轮次成功率", "Turns that end well"),
    "p95": ("轮次耗时 P95", "Time of a turn, P95"),
    "queue": ("排队数量", "Waiting in queues"),
    "cost": ("今日费用", "Cost of today"),
    "budget_near": ("预算用掉八成以上的公司", "Companies that spent over 80 % of their budget"),
    "budget_reached": ("预算已用完的公司", "Companies whose budget is used up"),
    "disk": ("剩余磁盘", "Free disk"),
    "lag": ("事件循环延迟", "Event loop lag"),
    "route_away": ("熔断的线路", "Routes switched off by their breaker"),
    "key_dead": ("失效的密钥", "Keys refused or without credit"),
    "bus_away": ("Redis 连接", "Redis"),
}
_BELOW = frozenset({"success", "disk", "bus_away"})
_SHARES = frozenset({"throttled", "timeouts", "success"})
_SECONDS = frozenset({"p95", "lag"})
_MOST_NODES = 5
_MOST_ABOUT = 20
OF_COMPANIES: Mapping[Code, float] = {"budget_near": 0.8, "budget_reached": 1.0}
"""What is told again when it concerns others than it did: from which part of a budget on."""


def look(window: Sequence[Sample], thresholds: Thresholds) -> list[Reading]:
    """Every rule, over the samples of the window, the oldest first."""
    if not window:
        return []
    first, last = window[0], window[-1]
    attempts, turns = last.attempts - first.attempts, last.turns - first.turns
    many_attempts, many_turns = attempts >= thresholds.least, turns >= thresholds.least
    throttled = _share(last.throttled - first.throttled, attempts)
    timeouts = _share(last.timeouts - first.timeouts, attempts)
    success = 1 - _share(last.failed - first.failed, turns)
    slow_s = percentile(first.turn_buckets, last.turn_buckets, 0.95)
    queue = max(last.queue, last.waiting)
    lag_s = min(one.lag_s for one in window[-4:])
    return [
        _reading("throttled", throttled, thresholds.throttled, applies=many_attempts),
        _reading("timeouts", timeouts, thresholds.timeouts, applies=many_attempts),
        _reading("success", success, thresholds.success, applies=many_turns),
        _reading("p95", slow_s, thresholds.p95_s, applies=many_turns),
        _reading("queue", queue, thresholds.queue),
        _reading("cost", last.cost, thresholds.cost, applies=thresholds.cost > 0),
        *(_reading(code, len(concerned(code, last)), 0) for code in OF_COMPANIES),
        _reading("disk", last.disk_bytes, thresholds.disk_bytes),
        _reading("lag", lag_s, thresholds.lag_s),
        _reading("route_away", last.routes_away, 0),
        _reading("key_dead", last.keys_dead, 0),
        _reading("bus_away", last.bus, 1),
    ]


def concerned(code: Code, sample: Sample) -> tuple[str, ...]:
    """The companies that it is about, by name; nobody for what is about the installation."""
    least = OF_COMPANIES.get(code)
    return () if least is None else tuple(sorted(name for name, share in sample.companies.items() if share >= least))


def _reading(code: Code, value: float, threshold: float, *, applies: bool = True) -> Reading:
    beyond = value < threshold if code in _BELOW else value > threshold
    return Reading(code=code, wrong=applies and beyond, value=value, threshold=threshold)


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else 0.0


def percentile(before: Sequence[tuple[float, float]], after: Sequence[tuple[float, float]], share: float) -> float:
    """Of what was counted between two readings of a histogram, as Prometheus' `histogram_quantile` has it."""
    earlier = dict(before)
    counts = [(bound, count - earlier.get(bound, 0.0)) for bound, count in after]
    if not counts or counts[-1][1] <= 0:
        return 0.0
    rank, low, below = share * counts[-1][1], 0.0, 0.0
    for bound, count in counts:
        if count >= rank:
            inside = (rank - below) / (count - below) if count > below else 0.0
            return low if bound == float("inf") else low + (bound - low) * inside
        low, below = bound, count
    return low


def stand(reading: Reading, before: Standing | None, pace: Pace, *, node: str, now_ms: int) -> Standing:
    """What this node says after a reading: a change counts when it has held for `holds_s`, in either direction."""
    firing = before is not None and before.firing
    since_ms = before.since_ms if before is not None else 0
    turning_ms = 0
    if reading.wrong != firing:
        turning_ms = (before.turning_ms if before is not None else 0) or now_ms
        if now_ms - turning_ms >= pace.holds_s * 1000:
            firing, since_ms, turning_ms = reading.wrong, turning_ms if reading.wrong else 0, 0
    return Standing(
        code=reading.code,
        node=node,
        firing=firing,
        value=reading.value,
        since_ms=since_ms,
        seen_ms=now_ms,
        turning_ms=turning_ms,
    )


def to_tell(
    standings: Iterable[Standing], told: Mapping[str, Told], silences: Iterable[Silence], pace: Pace, now_ms: int
) -> list[tuple[Code, bool, bool]]:
    """Code, whether it fires, and whether it is told again: what operators do not know and nobody is about to tell."""
    fresh = [one for one in standings if now_ms - one.seen_ms <= pace.stale_s * 1000]
    firing = {one.code for one in fresh if one.firing}
    quiet = {one.code for one in silences if one.until_ms > now_ms}
    found: list[tuple[Code, bool, bool]] = []
    for code in CODES:
        last = told.get(code)
        known = last is not None and last.firing
        if code in quiet or "" in quiet or (code not in firing and not known):
            continue
        if last is not None and last.lease_until_ms > now_ms:
            continue
        if (code in firing) != known:
            found.append((code, code in firing, False))
        elif last is not None and now_ms - last.at_ms >= pace.again_s * 1000:
            found.append((code, True, True))
    return found


def line(code: Code, standings: Iterable[Standing], threshold: float, *, firing: bool, again: bool) -> Line:
    """One alert, over all nodes that say so; for a recovery, over all."""
    those = [one for one in standings if one.code == code and (one.firing or not firing)]
    worst: Callable[[Iterable[float]], float] = min if code in _BELOW else max
    return Line(
        code=code,
        firing=firing,
        value=worst(one.value for one in those) if those else 0.0,
        threshold=threshold,
        nodes=tuple(sorted(one.node for one in those)),
        since_ms=min((one.since_ms for one in those if one.since_ms), default=0),
        again=again,
    )


# Words


def subject(lines: Sequence[Line], locale: str) -> str:
    """Of a letter."""
    firing, over = sum(one.firing for one in lines), sum(not one.firing for one in lines)
    name = _name(lines[0].code, locale)
    if locale == "en":
        parts = [f"{firing} alert{'s' * (firing > 1)}"] * (firing > 0) + [f"{over} recovered"] * (over > 0)
        return f"[Miaohui] {', '.join(parts)}: {name}"
    parts = [f"{firing} 项告警"] * (firing > 0) + [f"{over} 项恢复"] * (over > 0)
    return f"【秒回】{'、'.join(parts)}: {name}"


def text(lines: Sequence[Line], locale: str, when: Callable[[int], str]) -> str:
    """Of a letter: a paragraph for each."""
    return "\n\n".join(_paragraph(one, locale, when) for one in lines)


def _paragraph(one: Line, locale: str, when: Callable[[int], str]) -> str:
    value, threshold = show(one.code, one.value), show(one.code, one.threshold)
    nodes = ", ".join(one.nodes[:_MOST_NODES]) + (" …" if len(one.nodes) > _MOST_NODES else "")
    sign = "<" if one.code in _BELOW else ">"
    name = _name(one.code, locale)
    if one.about:
        nodes += ("\nwhom: " if locale == "en" else "\n公司: ") + ", ".join(one.about[:_MOST_ABOUT])
        nodes += " …" if len(one.about) > _MOST_ABOUT else ""
    if locale == "en":
        if not one.firing:
            return f"RECOVERED  {name}: {value} ({one.code})"
        state = "STILL" if one.again else "ALERT"
        return f"{state}  {name}: {value} {sign} {threshold} ({one.code})\nsince {when(one.since_ms)}, on {nodes}"
    if not one.firing:
        return f"已恢复  {name}: {value} ({one.code})"
    state = "仍在告警" if one.again else "告警"
    return f"{state}  {name}: {value} {sign} {threshold} ({one.code})\n始于 {when(one.since_ms)}, 节点 {nodes}"


def _name(code: str, locale: str) -> str:
    return _NAMES[code][locale == "en"]


def show(code: str, value: float) -> str:
    """A value in its unit."""
    if code in _SHARES:
        return f"{value * 100:.1f} %"
    if code in _SECONDS:
        return f"{value:.2f} s"
    if code == "disk":
        return f"{value / 1e9:.1f} GB"
    return f"{value:.2f}" if code == "cost" else f"{value:.0f}"

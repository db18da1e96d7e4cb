"""The checker: a pure function over a history. O(n log n) in its events."""

from __future__ import annotations

from collections import Counter

import msgspec

from miaohui.testing.history import outside, records, view
from miaohui.testing.history.promises import INVARIANTS, Promise, Violation
from miaohui.testing.history.types import History

__all__ = ["INVARIANTS", "Promise", "Report", "Violation", "check"]

ACK_WITHIN_S = 2.0


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """How much was looked at, and what was wrong with it."""

    sent: int
    acked: int
    refused: int
    streams: int
    finals: int
    connections: int = 0
    quick_share: float = 1.0
    """Of the sends outside of fault windows, how many were acked within two seconds."""
    violations: tuple[Violation, ...]

    @property
    def kept(self) -> bool:
        """Whether nothing was violated."""
        return not self.violations

    @property
    def invariants(self) -> dict[int, int]:
        """How often each of the thirteen was violated."""
        return dict(sorted(Counter(violation.invariant for violation in self.violations).items()))

    def summary(self) -> str:
        """One line for a table."""
        said = f"{self.acked:,} acked, {self.finals:,} answers, {self.streams:,} streams checked"
        if self.kept:
            return f"{said}: all kept"
        counts = Counter(violation.promise for violation in self.violations)
        return f"{said}: VIOLATED " + ", ".join(f"{promise} {count}" for promise, count in counts.items())


def check(history: History) -> Report:
    """Go through everything once; the report names every violation, in no particular order."""
    cold, found = history.cold, list[Violation]()
    rows = {(row.conversation, row.seq): row for row in cold.messages}
    ids = {row.id for row in cold.messages}
    seen = []
    for line in history.lines:
        one = view.Seen(line)
        found += view.follow(one, history.canaries)
        found += records.compare(one, rows, ids, cold)
        seen.append(one)
    found += records.check_rows(cold)
    found += records.check_sends(seen, cold)
    found += records.check_times(seen)
    found += records.check_ends(seen, cold, lossy=history.lossy)
    found += records.check_length(cold, history.bounds, history.faults)
    found += outside.check_arrivals(history)
    found += outside.check_effects(history.effects)
    found += outside.check_healing(seen, history.faults, history.bounds)
    over_at = max((line.events[-1].at for line in history.lines if line.events), default=0.0)
    found += outside.check_sizes(history.samples, history.bounds, over_at)
    return Report(
        sent=sum(len(one.sent) for one in seen),
        acked=sum(len(one.acks) for one in seen),
        refused=sum(len(one.surely_refused) for one in seen),
        streams=sum(len(one.closed) for one in seen),
        finals=sum(row.final for row in cold.messages),
        connections=sum(one.connections for one in seen),
        quick_share=_quick_share(seen, history),
        violations=tuple(found),
    )


def _quick_share(seen: list[view.Seen], history: History) -> float:
    calm = [
        wait
        for at, wait in outside.latencies(seen)
        if not any(fault.begin - ACK_WITHIN_S <= at <= fault.end for fault in history.faults)
    ]
    return sum(wait <= ACK_WITHIN_S for wait in calm) / len(calm) if calm else 1.0

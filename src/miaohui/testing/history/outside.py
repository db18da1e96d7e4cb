"""What receivers outside saw, and how much and how long everything took."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from miaohui.testing.history.promises import Violation
from miaohui.testing.history.types import Arrival, Bounds, Effect, Fault, History, Sample
from miaohui.testing.history.view import Seen


def check_arrivals(history: History) -> Iterator[Violation]:
    """Every message reaches every receiver, under one id however often, and each conversation in its order."""
    first: dict[tuple[str, str], Arrival] = {}
    of_message: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for arrival in sorted(history.arrivals, key=lambda one: one.at):
        first.setdefault((arrival.endpoint, arrival.id), arrival)
        if arrival.message:
            of_message[arrival.endpoint, arrival.message].add(arrival.id)
    for (endpoint, message), ids in of_message.items():
        if len(ids) > 1:
            yield Violation("outside", f"{endpoint}: {message} was told under {len(ids)} ids")
    yield from _check_order(first)
    yield from _check_told(history, of_message)


def _check_told(history: History, of_message: Collection[tuple[str, str]]) -> Iterator[Violation]:
    """What is stored was told, and what was told is stored."""
    stored = {row.id: row for row in history.cold.messages}
    for endpoint, tenant in history.endpoints.items():
        for row in stored.values():
            if row.tenant == tenant and row.sender != "system" and (endpoint, row.id) not in of_message:
                yield Violation("outside", f"{endpoint}: never told of {row.id}")
    for endpoint, message in of_message:
        owner = stored.get(message)
        if owner is None:
            yield Violation("genuine", f"{endpoint}: told of {message}, which is not stored")
        elif owner.tenant != history.endpoints.get(endpoint, owner.tenant):
            yield Violation("isolated", f"{endpoint}: told of {message}, which is another company's")


def _check_order(first: dict[tuple[str, str], Arrival]) -> Iterator[Violation]:
    last: dict[tuple[str, str], int] = {}
    for (endpoint, _), arrival in first.items():
        if not arrival.seq:
            continue
        place = endpoint, arrival.conversation
        if arrival.seq <= last.get(place, 0):
            yield Violation("outside", f"{endpoint} {arrival.conversation}: {arrival.seq} after {last[place]}")
        last[place] = max(last.get(place, 0), arrival.seq)


def check_effects(effects: Sequence[Effect]) -> Iterator[Violation]:
    """What a tool did is done once: repetitions carry the same key."""
    keys: defaultdict[str, set[str]] = defaultdict(set)
    for effect in effects:
        keys[effect.work].add(effect.key)
    for work, found in keys.items():
        if len(found) > 1:
            yield Violation("outside", f"{work}: done under {len(found)} keys")


def check_sizes(samples: Sequence[Sample], bounds: Bounds, over_at: float) -> Iterator[Violation]:
    """Nothing grows over its bound, and all is given back when it is over."""
    by_process: defaultdict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        by_process[sample.process].append(sample)
        for name, most in bounds.most.items():
            if sample.values.get(name, 0.0) > most:
                yield Violation("bounded", f"{sample.process}: {name} was {sample.values[name]:.0f}, over {most:.0f}")
    for process, some in by_process.items():
        base, after = some[0], [sample for sample in some if sample.at >= over_at + bounds.calm_s]
        if not after:
            continue
        for name, value in after[-1].values.items():
            if value > base.values.get(name, value) * (1 + bounds.growth) + 1:
                yield Violation("bounded", f"{process}: {name} was {base.values[name]:.0f}, is {value:.0f} at the end")


def check_healing(seen: Sequence[Seen], faults: Sequence[Fault], bounds: Bounds) -> Iterator[Violation]:
    """Half a minute after a fault acks are as quick as they should be."""
    if not bounds.ack_p99_s:
        return
    acks = latencies(seen)
    for number, fault in enumerate(faults):
        until = faults[number + 1].begin if number + 1 < len(faults) else float("inf")
        waits = sorted(wait for at, wait in acks if fault.end + bounds.heal_s <= at < until)
        if waits and (p99 := waits[max(0, round(len(waits) * 0.99) - 1)]) > bounds.ack_p99_s:
            yield Violation("healed", f"after {fault.name} acks took {p99:.2f} s (P99 of {len(waits)})")


def latencies(seen: Sequence[Seen]) -> list[tuple[float, float]]:
    """When each message was first sent, and how long it took to its ack, over all retries; infinity without one."""
    return [
        (sent.at, one.acked_at.get(cmid, float("inf")) - sent.at)
        for one in seen
        for cmid, sent in one.sent.items()
        if cmid not in one.surely_refused
    ]

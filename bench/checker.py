"""Was every promise kept? A pure function over what clients saw and what the database holds once all is over.

The names of violations are the promises' own: see `docs/reference/bench.md`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any, Literal

import msgspec

from bench.history import Cold, Got, Line, Sent, Stored

Promise = Literal[
    "durable", "once", "contiguous", "agreed", "ordered", "genuine", "answered", "unended", "one_end", "one_final",
    "untorn", "isolated",
]  # fmt: skip
ENDS = frozenset({"answered", "handed_off", "failed", "superseded", "cancelled", "refused"})
WITH_FINAL = frozenset({"answered"})


class Violation(msgspec.Struct, frozen=True):
    """A promise that was not kept, and where."""

    promise: Promise
    where: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """How much was looked at, and what was wrong with it."""

    sent: int
    acked: int
    refused: int
    streams: int
    finals: int
    violations: tuple[Violation, ...]

    @property
    def kept(self) -> bool:
        """Whether nothing was violated."""
        return not self.violations

    def summary(self) -> str:
        """One line for a table."""
        said = f"{self.acked:,} acked, {self.finals:,} answers, {self.streams:,} streams checked"
        if self.kept:
            return f"{said}: all kept"
        counts = Counter(violation.promise for violation in self.violations)
        return f"{said}: VIOLATED " + ", ".join(f"{promise} {count}" for promise, count in counts.items())


class _Stream(msgspec.Struct):
    """One token stream as a client pieces it together."""

    turn: str
    attempt: int = 1
    next_i: int = 1
    text: list[str] = msgspec.field(default_factory=list)


class _Seen(msgspec.Struct):
    """One connection, gone through from its beginning."""

    line: Line
    sent: dict[str, Sent] = msgspec.field(default_factory=dict)
    acks: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)
    nacks: set[str] = msgspec.field(default_factory=set)
    messages: dict[int, dict[str, Any]] = msgspec.field(default_factory=dict)
    last_seq: int = -1
    """-1 before there was a position."""
    streams: dict[str, _Stream] = msgspec.field(default_factory=dict)
    closed_streams: int = 0
    ends: Counter[str] = msgspec.field(default_factory=Counter)


def check(lines: Iterable[Line], cold: Cold) -> Report:
    """Go through everything once; the report names every violation, in no particular order."""
    found: list[Violation] = []
    seen = []
    rows = {(row.conversation, row.seq): row for row in cold.messages}
    for line in lines:
        one = _Seen(line)
        found += _follow(one)
        found += _compare(one, rows)
        seen.append(one)
    found += _check_records(cold)
    found += _check_sends(seen, cold)
    found += _check_ends(seen, cold)
    return Report(
        sent=sum(len(one.sent) for one in seen),
        acked=sum(len(one.acks) for one in seen),
        refused=sum(len(one.nacks) for one in seen),
        streams=sum(one.closed_streams for one in seen),
        finals=sum(row.final for row in cold.messages),
        violations=tuple(found),
    )


# What one client saw, in itself


def _follow(one: _Seen) -> Iterator[Violation]:
    for event in one.line.events:
        if isinstance(event, Sent):
            one.sent.setdefault(event.cmid, event)
        else:
            yield from _read(one, event)
    seqs = [one.acks[cmid]["seq"] for cmid in one.sent if cmid in one.acks]
    if seqs != sorted(set(seqs)):
        yield Violation("ordered", f"{one.line.visitor.conversation}: acks out of the order of sends")
    if one.line.whole:
        for cmid in one.sent.keys() - one.acks.keys() - one.nacks:
            yield Violation("answered", f"{cmid}: neither ack nor nack")


def _read(one: _Seen, event: Got) -> Iterator[Violation]:
    frame = msgspec.json.decode(event.raw)
    conv = frame.get("conv")
    if isinstance(conv, str) and conv not in ("", one.line.visitor.conversation):
        yield Violation("isolated", f"{one.line.visitor.conversation} was told of {conv}")
        return
    match frame["t"]:
        case "ack":
            yield from _ack(one, frame)
        case "nack":
            one.nacks.add(frame["cmid"])
        case "resumed":
            yield from _resume(one, frame)
        case "msg":
            yield from _see(one, frame)
        case "turn.end":
            one.ends[frame["turn"]] += 1
        case "stream.open" | "stream.delta" | "stream.reset" | "stream.end":
            yield from _stream(one, frame)


def _ack(one: _Seen, frame: dict[str, Any]) -> Iterator[Violation]:
    cmid = frame["cmid"]
    before = one.acks.setdefault(cmid, frame)
    if (before["seq"], before["msg"]) != (frame["seq"], frame["msg"]):
        yield Violation("once", f"{cmid}: acked as {before['msg']} and as {frame['msg']}")
    if cmid not in one.sent:
        yield Violation("genuine", f"{cmid}: acked to somebody who did not send it")


def _resume(one: _Seen, frame: dict[str, Any]) -> Iterator[Violation]:
    snapshot = frame.get("snapshot")
    if snapshot is None:
        one.last_seq = max(one.last_seq, frame.get("from", 1) - 1)
        return
    for message in snapshot["messages"]:
        yield from _keep(one, message["seq"], message)
    one.last_seq = snapshot["seq"]


def _see(one: _Seen, frame: dict[str, Any]) -> Iterator[Violation]:
    seq = frame["seq"]
    yield from _keep(one, seq, frame["msg"])
    if one.last_seq >= 0 and seq > one.last_seq + 1:
        yield Violation("contiguous", f"{frame['conv']}: {seq} shown after {one.last_seq}")
    one.last_seq = max(one.last_seq, seq)


def _keep(one: _Seen, seq: int, message: dict[str, Any]) -> Iterator[Violation]:
    before = one.messages.setdefault(seq, message)
    if (before["id"], before["text"]) != (message["id"], message["text"]):
        yield Violation("agreed", f"{one.line.visitor.conversation} {seq}: two messages at one place")


def _stream(one: _Seen, frame: dict[str, Any]) -> Iterator[Violation]:
    name, kind = frame["stream"], frame["t"]
    if kind == "stream.open":
        one.streams[name] = _Stream(frame["turn"], frame["attempt"])
        return
    stream = one.streams.get(name)
    if stream is None:
        yield Violation("untorn", f"{name}: {kind} of a stream that was not opened")
    elif kind == "stream.reset":
        stream.attempt, stream.next_i, stream.text = frame["attempt"], 1, []
    elif (stream.attempt, stream.next_i) != (frame["attempt"], frame["i"] if "i" in frame else frame["n"] + 1):
        yield Violation("untorn", f"{name}: expected attempt {stream.attempt} piece {stream.next_i}, got {frame}")
    elif kind == "stream.delta":
        stream.text.append(frame["text"])
        stream.next_i += 1
    else:
        yield from _close(one, stream, frame)


def _close(one: _Seen, stream: _Stream, frame: dict[str, Any]) -> Iterator[Violation]:
    one.closed_streams += 1
    text = "".join(stream.text)
    final = one.messages.get(frame["seq"])
    if sha256(text.encode()).hexdigest() != frame["sha256"]:
        yield Violation("untorn", f"{frame['stream']}: what was streamed is not what was hashed")
    if final is None or final["text"] != text or final["id"] != frame["msg"]:
        yield Violation("untorn", f"{frame['stream']}: what was streamed is not what was stored")


# What a client saw, beside what is stored


def _compare(one: _Seen, rows: dict[tuple[str, int], Stored]) -> Iterator[Violation]:
    visitor = one.line.visitor
    for seq, message in one.messages.items():
        row = rows.get((visitor.conversation, seq))
        if row is None:
            yield Violation("genuine", f"{visitor.conversation} {seq}: shown, not stored")
        elif row.tenant != visitor.tenant:
            yield Violation("isolated", f"{row.id}: of {row.tenant}, shown to {visitor.tenant}")
        elif (row.id, row.text) != (message["id"], message["text"]):
            yield Violation("agreed", f"{visitor.conversation} {seq}: shown other than stored")


def _check_records(cold: Cold) -> Iterator[Violation]:
    places: defaultdict[str, list[int]] = defaultdict(list)
    for row in cold.messages:
        places[row.conversation].append(row.seq)
    for conversation, seqs in places.items():
        if sorted(seqs) != list(range(1, len(seqs) + 1)):
            yield Violation("contiguous", f"{conversation}: {len(seqs)} messages are not numbered 1 to {len(seqs)}")
        if cold.last_seqs.get(conversation) != max(seqs):
            yield Violation("contiguous", f"{conversation}: ends at {max(seqs)}, its row says otherwise")
    finals = Counter(row.turn for row in cold.messages if row.final)
    for turn, count in finals.items():
        if count > 1:
            yield Violation("one_final", f"{turn}: {count} final answers")


def _check_sends(seen: list[_Seen], cold: Cold) -> Iterator[Violation]:
    stored: defaultdict[tuple[str, str], list[Stored]] = defaultdict(list)
    for row in cold.messages:
        if row.cmid:
            stored[row.conversation, row.cmid].append(row)
    for one in seen:
        for cmid, sent in one.sent.items():
            rows = stored.pop((one.line.visitor.conversation, cmid), [])
            yield from _check_send(one, sent, rows)
    for _, cmid in stored:
        yield Violation("genuine", f"{cmid}: stored, and sent by nobody")


def _check_send(one: _Seen, sent: Sent, rows: list[Stored]) -> Iterator[Violation]:
    ack = one.acks.get(sent.cmid)
    if len(rows) > 1:
        yield Violation("once", f"{sent.cmid}: stored {len(rows)} times")
    if ack is not None and not rows:
        yield Violation("durable", f"{sent.cmid}: acked as {ack['msg']}, not stored")
    if ack is None and sent.cmid in one.nacks and rows:
        yield Violation("genuine", f"{sent.cmid}: refused, and stored")
    for row in rows:
        if row.text != sent.text:
            yield Violation("agreed", f"{sent.cmid}: stored other than sent")
        if ack is not None and (row.id, row.seq) != (ack["msg"], ack["seq"]):
            yield Violation("agreed", f"{sent.cmid}: acked as {ack['msg']} {ack['seq']}, stored {row.id} {row.seq}")


def _check_ends(seen: list[_Seen], cold: Cold) -> Iterator[Violation]:
    """Each accepted message has one turn, which has come to one end, which its sender was told once."""
    finals = {row.turn for row in cold.messages if row.final}
    turns: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for turn in cold.turns:
        turns[turn.message].append((turn.id, turn.state))
    told: Counter[str] = Counter()
    whole = set()
    for one in seen:
        told.update(one.ends)
        if one.line.whole:
            whole.add(one.line.visitor.conversation)
    for row in cold.messages:
        if row.sender != "visitor":
            continue
        owed = turns[row.id]
        if len(owed) != 1 or owed[0][1] not in ENDS:
            yield Violation("unended", f"{row.id}: turns {owed}")
            continue
        owed_turn, state = owed[0]
        if state in WITH_FINAL and owed_turn not in finals:
            yield Violation("one_final", f"{owed_turn}: {state}, without an answer")
        if told[owed_turn] > 1 or (row.conversation in whole and not told[owed_turn]):
            yield Violation("one_end", f"{owed_turn}: its end was told {told[owed_turn]} times")

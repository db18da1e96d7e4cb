"""What one client saw, in itself: gone through from its first connection to its last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import msgspec

from miaohui.testing.history.promises import Violation
from miaohui.testing.history.types import Got, Joined, Left, Line, Read, Sent

UNSURE = frozenset({"storage", "internal"})
"""Refusals that do not say that nothing was stored: the commit's outcome may not have been heard of."""


class Stream(msgspec.Struct):
    """One token stream as a client pieces it together."""

    turn: str
    attempt: int = 1
    next_i: int = 1
    text: list[str] = msgspec.field(default_factory=list)


class Seen(msgspec.Struct):
    """One client, with what it knows so far."""

    line: Line
    sent: dict[str, Sent] = msgspec.field(default_factory=dict)
    tries: Counter[str] = msgspec.field(default_factory=Counter)
    acks: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)
    acked_at: dict[str, float] = msgspec.field(default_factory=dict)
    refusals: Counter[str] = msgspec.field(default_factory=Counter)
    """Sends that were surely refused, by client id."""
    nacked: set[str] = msgspec.field(default_factory=set)
    here: list[str] = msgspec.field(default_factory=list)
    """Client ids first sent on this connection, in that order."""
    messages: dict[int, dict[str, Any]] = msgspec.field(default_factory=dict)
    epoch: str = ""
    last_seq: int = -1
    """-1 before there was a position."""
    connections: int = 0
    streams: dict[str, Stream] = msgspec.field(default_factory=dict)
    closed: list[tuple[dict[str, Any], str]] = msgspec.field(default_factory=list)
    """Streams that ended: their last frame, and what they said."""
    ends: dict[str, set[str]] = msgspec.field(default_factory=dict)
    told_twice: set[str] = msgspec.field(default_factory=set)
    reads: list[Read] = msgspec.field(default_factory=list)

    @property
    def surely_refused(self) -> set[str]:
        """What was refused as often as it was sent."""
        return {cmid for cmid, count in self.refusals.items() if count >= self.tries[cmid] and cmid not in self.acks}


def follow(one: Seen, canaries: dict[str, str]) -> Iterator[Violation]:
    """Everything that is wrong with a line by itself; fills in `one`."""
    foreign = [words.encode() for tenant, words in canaries.items() if tenant != one.line.visitor.tenant]
    for event in one.line.events:
        match event:
            case Sent():
                _send(one, event)
            case Got():
                if any(words in event.raw for words in foreign):
                    yield Violation("isolated", f"{one.line.visitor.conversation}: another company's words came")
                yield from _read(one, event)
            case Joined():
                one.connections += 1
                yield from _order(one)
            case Left():
                yield from _order(one)
            case Read():
                one.reads.append(event)
                yield from _page(one, event, foreign)
    yield from _order(one)
    yield from _compare_streams(one)
    if one.line.whole:
        for cmid in one.sent.keys() - one.acks.keys() - one.nacked:
            yield Violation("answered", f"{cmid}: neither ack nor nack")


def _send(one: Seen, event: Sent) -> None:
    if event.cmid not in one.sent:
        one.here.append(event.cmid)
        one.sent[event.cmid] = event
    one.tries[event.cmid] += 1


def _order(one: Seen) -> Iterator[Violation]:
    """What was first sent and acked on one connection is stored in the order it was sent."""
    acks = [one.acks[cmid] for cmid in one.here if cmid in one.acks and one.tries[cmid] == 1]
    seqs = [ack["seq"] for ack in acks if not ack.get("dup")]
    if seqs != sorted(set(seqs)):
        yield Violation("ordered", f"{one.line.visitor.conversation}: acks out of the order of sends")
    one.here.clear()


def _page(one: Seen, page: Read, foreign: list[bytes]) -> Iterator[Violation]:
    if page.conversation != one.line.visitor.conversation and page.messages:
        yield Violation("isolated", f"{one.line.visitor.conversation} could read {page.conversation}")
        return
    if any(words in text.encode() for words in foreign for _, _, text in page.messages):
        yield Violation("isolated", f"{page.conversation}: a page shows another company's words")
    for seq, name, text in page.messages:
        yield from _keep(one, seq, {"id": name, "text": text}, shown=False)


def _read(one: Seen, event: Got) -> Iterator[Violation]:
    frame = msgspec.json.decode(event.raw)
    conv = frame.get("conv")
    kind = frame["t"]
    if isinstance(conv, str) and conv not in ("", one.line.visitor.conversation) and kind != "error":
        yield Violation("isolated", f"{one.line.visitor.conversation} was told of {conv}")
        return
    match kind:
        case "ack":
            yield from _ack(one, frame, event.at)
        case "nack":
            _nack(one, frame)
        case "resumed":
            yield from _resume(one, frame)
        case "msg":
            yield from _see(one, frame)
        case "turn.end":
            yield from _end(one, frame)
        case "stream.open" | "stream.delta" | "stream.reset" | "stream.end":
            yield from _stream(one, frame)


def _ack(one: Seen, frame: dict[str, Any], at: float) -> Iterator[Violation]:
    cmid = frame["cmid"]
    before = one.acks.setdefault(cmid, frame)
    one.acked_at.setdefault(cmid, at)
    if (before["seq"], before["msg"]) != (frame["seq"], frame["msg"]):
        yield Violation("once", f"{cmid}: acked as {before['msg']} and as {frame['msg']}")
    if cmid not in one.sent:
        yield Violation("genuine", f"{cmid}: acked to somebody who did not send it")


def _nack(one: Seen, frame: dict[str, Any]) -> None:
    cmid = frame["cmid"]
    one.nacked.add(cmid)
    if frame.get("code") not in UNSURE:
        one.refusals[cmid] += 1


def _resume(one: Seen, frame: dict[str, Any]) -> Iterator[Violation]:
    snapshot = frame.get("snapshot")
    if snapshot is None:
        first = frame.get("from", 1)
        if one.last_seq >= 0 and frame["epoch"] == one.epoch and first > one.last_seq + 1:
            yield Violation("contiguous", f"{frame['conv']}: resumed from {first} after {one.last_seq}")
        one.last_seq = max(one.last_seq, first - 1)
    else:
        if frame["epoch"] != one.epoch:
            one.messages.clear()
            one.closed.clear()
        for message in snapshot["messages"]:
            yield from _keep(one, message["seq"], message)
        one.last_seq = snapshot["seq"]
    one.epoch = frame["epoch"]


def _see(one: Seen, frame: dict[str, Any]) -> Iterator[Violation]:
    seq = frame["seq"] if "seq" in frame else frame["msg"]["seq"]
    yield from _keep(one, seq, frame["msg"])
    if one.last_seq >= 0 and seq > one.last_seq + 1:
        yield Violation("contiguous", f"{frame['conv']}: {seq} shown after {one.last_seq}")
    one.last_seq = max(one.last_seq, seq)


def _keep(one: Seen, seq: int, message: dict[str, Any], *, shown: bool = True) -> Iterator[Violation]:
    before = one.messages.get(seq)
    if before is None and shown:
        one.messages[seq] = before = message
    if before is not None and (before["id"], before["text"]) != (message["id"], message["text"]):
        yield Violation("agreed", f"{one.line.visitor.conversation} {seq}: two messages at one place")


def _end(one: Seen, frame: dict[str, Any]) -> Iterator[Violation]:
    states = one.ends.setdefault(frame["turn"], set())
    if states and (frame["state"] not in states or one.connections < 2):
        one.told_twice.add(frame["turn"])
    states.add(frame["state"])
    if len(states) > 1:
        yield Violation("one_end", f"{frame['turn']}: told to have ended as {sorted(states)}")


def _stream(one: Seen, frame: dict[str, Any]) -> Iterator[Violation]:
    name, kind = frame["stream"], frame["t"]
    if kind == "stream.open":
        one.streams[name] = Stream(frame["turn"], frame["attempt"])
        return
    stream = one.streams.get(name)
    if kind == "stream.reset":
        one.streams[name] = Stream(stream.turn if stream else "", frame["attempt"])
    elif stream is None:
        # Who was away when it began or ended is told no more of it than what follows.
        if one.connections < 2:
            yield Violation("untorn", f"{name}: {kind} of a stream that was not opened")
    elif kind == "stream.delta":
        yield from _piece(stream, frame)
    elif (stream.attempt, stream.next_i) != (frame["attempt"], frame["n"] + 1):
        yield Violation("untorn", f"{name}: ended after {stream.attempt}.{stream.next_i - 1}: {frame}")
    else:
        yield from _close(one, stream, frame)


def _piece(stream: Stream, frame: dict[str, Any]) -> Iterator[Violation]:
    if frame["attempt"] != stream.attempt:
        yield Violation("untorn", f"{frame['stream']}: attempt {frame['attempt']} within {stream.attempt}")
    elif frame["i"] > stream.next_i:
        yield Violation("untorn", f"{frame['stream']}: expected piece {stream.next_i}, got {frame['i']}")
    elif frame["i"] == stream.next_i:
        stream.text.append(frame["text"])
        stream.next_i += 1


def _close(one: Seen, stream: Stream, frame: dict[str, Any]) -> Iterator[Violation]:
    del one.streams[frame["stream"]]
    text = "".join(stream.text)
    one.closed.append((frame, text))
    if sha256(text.encode()).hexdigest() != frame["sha256"]:
        yield Violation("untorn", f"{frame['stream']}: what was streamed is not what was hashed")


def _compare_streams(one: Seen) -> Iterator[Violation]:
    """A message may come after the end of its stream; it is the one that was streamed, whenever it comes."""
    for frame, text in one.closed:
        final = one.messages.get(frame["seq"])
        if final is None and not one.line.whole:
            continue
        if final is None or final["text"] != text or final["id"] != frame["msg"]:
            yield Violation("untorn", f"{frame['stream']}: what was streamed is not what was stored")

"""What clients saw, beside what is stored."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from miaohui.testing.history.promises import Violation
from miaohui.testing.history.types import Bounds, Cold, Fault, Stored, StoredTurn
from miaohui.testing.history.view import Seen

ENDS = frozenset({"answered", "handed_off", "failed", "superseded", "cancelled", "refused"})
WITH_FINAL = frozenset({"answered"})


def compare(one: Seen, rows: dict[tuple[str, int], Stored], ids: set[str], cold: Cold) -> Iterator[Violation]:
    """Everything that a client was shown is stored so, and everything that is stored was shown."""
    visitor = one.line.visitor
    for seq, message in one.messages.items():
        row = rows.get((visitor.conversation, seq))
        if row is None or message["id"] not in ids:
            yield Violation("genuine", f"{visitor.conversation} {seq}: shown, not stored")
        elif row.tenant != visitor.tenant:
            yield Violation("isolated", f"{row.id}: of {row.tenant}, shown to {visitor.tenant}")
        elif (row.id, row.text) != (message["id"], message["text"]):
            yield Violation("agreed", f"{visitor.conversation} {seq}: shown other than stored")
    top = cold.last_seqs.get(visitor.conversation, 0)
    if one.line.whole and 0 <= one.last_seq < top:
        yield Violation("contiguous", f"{visitor.conversation}: shown up to {one.last_seq} of {top}")


def check_rows(cold: Cold) -> Iterator[Violation]:
    """Numbers without a gap, and one answer for a turn."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for row in cold.messages:
        places[row.conversation].append(row.seq)
    for conversation, seqs in places.items():
        if sorted(seqs) != list(range(1, len(seqs) + 1)):
            yield Violation("numbered", f"{conversation}: {len(seqs)} messages are not numbered 1 to {len(seqs)}")
        if cold.last_seqs.get(conversation) != max(seqs):
            yield Violation("numbered", f"{conversation}: ends at {max(seqs)}, its row says otherwise")
    for turn, count in Counter(row.turn for row in cold.messages if row.final).items():
        if count > 1:
            yield Violation("one_final", f"{turn}: {count} final answers")


def check_sends(seen: Sequence[Seen], cold: Cold) -> Iterator[Violation]:
    """Every client id is one message, as it was acked; nothing else is stored."""
    stored: defaultdict[tuple[str, str], list[Stored]] = defaultdict(list)
    for row in cold.messages:
        if row.cmid:
            stored[row.conversation, row.cmid].append(row)
    by_send: defaultdict[tuple[str, str], list[Seen]] = defaultdict(list)
    for one in seen:
        for cmid in one.sent:
            by_send[one.line.visitor.conversation, cmid].append(one)
    for key, senders in by_send.items():
        yield from _check_send(key[1], senders, stored.pop(key, []))
    for _, cmid in stored:
        yield Violation("genuine", f"{cmid}: stored, and sent by nobody")


def _check_send(cmid: str, senders: list[Seen], rows: list[Stored]) -> Iterator[Violation]:
    if len(rows) > 1:
        yield Violation("once", f"{cmid}: stored {len(rows)} times")
    if all(cmid in one.surely_refused for one in senders) and rows:
        yield Violation("genuine", f"{cmid}: refused, and stored")
    texts = {one.sent[cmid].text for one in senders}
    for row in rows:
        if row.text not in texts:
            yield Violation("agreed", f"{cmid}: stored other than sent")
    for one in senders:
        ack = one.acks.get(cmid)
        if ack is None:
            continue
        if not rows:
            yield Violation("durable", f"{cmid}: acked as {ack['msg']}, not stored")
        for row in rows:
            if (row.id, row.seq) != (ack["msg"], ack["seq"]):
                yield Violation("agreed", f"{cmid}: acked as {ack['msg']} {ack['seq']}, stored {row.id} {row.seq}")


def check_times(seen: Sequence[Seen]) -> Iterator[Violation]:
    """What was acked before another send began stands before it, and is there for every read after."""
    by_conversation: defaultdict[str, list[Seen]] = defaultdict(list)
    for one in seen:
        by_conversation[one.line.visitor.conversation].append(one)
    for conversation, clients in by_conversation.items():
        acks = sorted((one.acked_at[cmid], ack["seq"]) for one in clients for cmid, ack in one.acks.items())
        begun = [
            (one.sent[cmid].at, ack["seq"], False)
            for one in clients
            for cmid, ack in one.acks.items()
            # What another of this person's devices had sent before is not this device's to order.
            if cmid in one.sent and not (ack.get("dup") and one.tries[cmid] == 1)
        ]
        begun += [
            (page.since, max((seq for seq, _, _ in page.messages), default=page.after), True)
            for one in clients
            for page in one.reads
            if page.conversation == conversation
        ]
        highest, at = 0, 0
        for began, seq, is_read in sorted(begun):
            while at < len(acks) and acks[at][0] < began:
                highest = max(highest, acks[at][1])
                at += 1
            if seq < highest:
                what = "a read shows no more than" if is_read else "a later send is"
                yield Violation("ordered", f"{conversation}: {what} {seq}, after {highest} was acked")


def check_ends(seen: Sequence[Seen], cold: Cold, *, lossy: bool) -> Iterator[Violation]:
    """Each accepted message has one turn, which has come to one end, which its watchers were told once."""
    finals = {row.turn for row in cold.messages if row.final}
    turns: defaultdict[str, list[StoredTurn]] = defaultdict(list)
    for turn in cold.turns:
        turns[turn.message].append(turn)
    told = {turn for one in seen for turn in one.ends}
    twice = {turn for one in seen for turn in one.told_twice}
    unbroken = {one.line.visitor.conversation for one in seen if one.line.whole and one.connections < 2 and not lossy}
    for row in cold.messages:
        if row.sender != "visitor":
            continue
        owed = turns[row.id]
        # A conversation that was handed back may owe a second turn for the same word; each has its own end.
        if not owed or any(turn.state not in ENDS for turn in owed):
            yield Violation("unended", f"{row.id}: turns {[(turn.id, turn.state) for turn in owed]}")
            continue
        for turn in owed:
            if turn.state in WITH_FINAL and turn.id not in finals:
                yield Violation("one_final", f"{turn.id}: {turn.state}, without an answer")
            if turn.id in twice or (row.conversation in unbroken and turn.id not in told):
                yield Violation("one_end", f"{turn.id}: its end was told {'twice' if turn.id in twice else 'never'}")


def check_length(cold: Cold, bounds: Bounds, faults: Sequence[Fault]) -> Iterator[Violation]:
    """Turns end in time; while something is broken their clocks stand still."""
    if not bounds.turn_s:
        return
    allowed_ms = (bounds.turn_s + sum(fault.end - fault.begin for fault in faults)) * 1000
    for turn in cold.turns:
        if turn.state in ENDS and turn.ended_at_ms - turn.created_at_ms > allowed_ms:
            yield Violation("unended", f"{turn.id}: took {(turn.ended_at_ms - turn.created_at_ms) / 1000:.1f} s")

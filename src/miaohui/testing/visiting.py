"""One client's side of the message contract, without a transport: what it says, what it keeps, where it stands.

It keeps every message until it is acked and sends it again under the same id, resumes from where it stands, and writes
down everything for the checker.
"""

from __future__ import annotations

from typing import Any

import msgspec

from miaohui.testing.history.types import Got, Joined, Left, Line, Sent, Visitor


class Heard(msgspec.Struct):
    """How far one token stream was read."""

    turn: str
    attempt: int
    i: int = 0


class Visiting:
    """The state of one client over all its connections. `at` is always seconds on the history's clock."""

    def __init__(self, visitor: Visitor) -> None:
        self.line = Line(visitor=visitor)
        self.epoch = ""
        self.seq = 0
        self.unanswered: dict[str, str] = {}
        """Words by client id, in the order in which they were first said."""
        self.open_turns: set[str] = set()
        """Turns that were acked to this client and whose end it has not heard of."""
        self.ended: set[str] = set()
        self._streams: dict[str, Heard] = {}

    def join(self, at: float) -> list[dict[str, Any]]:
        """What is said first on a new connection."""
        self.line.events.append(Joined(at))
        streams = [{"id": name, "attempt": one.attempt, "i": one.i} for name, one in list(self._streams.items())[-8:]]
        resume = {"conv": self.line.visitor.conversation, "epoch": self.epoch, "seq": self.seq, "streams": streams}
        hello = {"t": "hello", "v": 1, "token": self.line.visitor.token, "resume": [resume]}
        return [hello, *(self.say(at, cmid) for cmid in self.unanswered)]

    def leave(self, at: float) -> None:
        """The connection is gone."""
        self.line.events.append(Left(at))

    def keep(self, cmid: str, text: str) -> None:
        """A message to be sent, now or when there is a connection."""
        self.unanswered[cmid] = text

    def say(self, at: float, cmid: str) -> dict[str, Any]:
        """The frame of a message that is kept."""
        text = self.unanswered[cmid]
        self.line.events.append(Sent(at, cmid, text))
        return {"t": "send", "conv": self.line.visitor.conversation, "cmid": cmid, "body": {"text": text}}

    def take(self, at: float, raw: bytes) -> dict[str, Any]:
        """A frame came; it is given back decoded."""
        frame: dict[str, Any] = msgspec.json.decode(raw)
        kind = frame["t"]
        if kind == "hb":
            return frame
        self.line.events.append(Got(at, raw))
        if kind == "ack":
            self.unanswered.pop(frame["cmid"], None)
            if (turn := frame.get("turn")) and turn not in self.ended:
                self.open_turns.add(turn)
        elif kind == "nack" and not frame["retryable"]:
            self.unanswered.pop(frame["cmid"], None)
        elif kind == "resumed":
            self._resumed(frame)
        elif kind == "msg":
            self._shown(frame)
        elif kind == "turn.end":
            self.open_turns.discard(frame["turn"])
            self.ended.add(frame["turn"])
        elif kind.startswith("stream."):
            self._streamed(kind, frame)
        return frame

    def _resumed(self, frame: dict[str, Any]) -> None:
        self.epoch = frame["epoch"]
        if (snapshot := frame.get("snapshot")) is not None:
            self.seq = snapshot["seq"]
            for message in snapshot["messages"]:
                self._settle(message)

    def _shown(self, frame: dict[str, Any]) -> None:
        self.epoch = frame["epoch"]
        self.seq = max(self.seq, frame["seq"])
        self._settle(frame["msg"])

    def _settle(self, message: dict[str, Any]) -> None:
        """Who was away when a stream ended is told no more of it."""
        if message.get("final"):
            turn = message.get("turn", "")
            for name in [name for name, one in self._streams.items() if one.turn == turn]:
                del self._streams[name]
            self.open_turns.discard(turn)
            self.ended.add(turn)

    def _streamed(self, kind: str, frame: dict[str, Any]) -> None:
        name = frame["stream"]
        stream = self._streams.get(name)
        if kind == "stream.open":
            if frame["turn"] not in self.ended:
                self._streams[name] = Heard(frame["turn"], frame["attempt"])
        elif stream is None:
            return
        elif kind == "stream.reset":
            stream.attempt, stream.i = frame["attempt"], 0
        elif kind == "stream.delta":
            if frame["attempt"] == stream.attempt and frame["i"] == stream.i + 1:
                stream.i = frame["i"]
        else:
            del self._streams[name]

"""What happens in a conversation while it is followed."""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec

from miaohui_client.models import Conversation, Message


class MessagePosted(msgspec.Struct, frozen=True):
    """A message stands in its thread, for good."""

    message: Message


class Said(msgspec.Struct, frozen=True):
    """More words of an answer that is being written."""

    stream: str
    text: str


class Reset(msgspec.Struct, frozen=True):
    """What was said of this stream is void; the words begin anew."""

    stream: str


class TurnEnded(msgspec.Struct, frozen=True):
    """A question came to its end: `answered`, `handed_off`, `failed` or `superseded`."""

    turn: str
    state: str
    reason: str = ""


class ConversationChanged(msgspec.Struct, frozen=True):
    """Status or owner changed."""

    conversation: Conversation


class Snapshot(msgspec.Struct, frozen=True):
    """The history could not be continued; here is its end. What was shown before is to be replaced."""

    messages: tuple[Message, ...]


Event: TypeAlias = MessagePosted | Said | Reset | TurnEnded | ConversationChanged | Snapshot


class View:
    """The client's side of the contract: nothing twice, no two attempts mixed."""

    def __init__(self) -> None:
        self.seq = 0
        self._attempts: dict[str, tuple[int, int]] = {}
        """By stream: which attempt is shown, and how many of its pieces."""

    def take(self, frame: dict[str, Any]) -> list[Event]:
        """What a frame means to somebody who saw all frames before it."""
        reader = {
            "msg": self._message,
            "resumed": self._resumed,
            "stream.open": self._open,
            "stream.delta": self._delta,
            "stream.reset": self._reset,
            "turn.end": _turn_ended,
            "conv": _changed,
        }.get(frame["t"])
        return reader(frame) if reader is not None else []

    def _resumed(self, frame: dict[str, Any]) -> list[Event]:
        if frame.get("recovered"):
            return []
        shot = msgspec.convert(frame.get("snapshot", {}).get("messages", []), tuple[Message, ...])
        self.seq = shot[-1].seq if shot else 0
        return [Snapshot(shot)]

    def _reset(self, frame: dict[str, Any]) -> list[Event]:
        self._attempts[frame["stream"]] = (frame["attempt"], 0)
        return [Reset(frame["stream"])]

    def _message(self, frame: dict[str, Any]) -> list[Event]:
        message = msgspec.convert(frame["msg"], Message)
        if message.seq <= self.seq:
            return []
        self.seq = message.seq
        return [MessagePosted(message)]

    def _open(self, frame: dict[str, Any]) -> list[Event]:
        known = self._attempts.get(frame["stream"])
        self._attempts.setdefault(frame["stream"], (frame["attempt"], 0))
        if known is None or known[0] == frame["attempt"]:
            return []
        self._attempts[frame["stream"]] = (frame["attempt"], 0)
        return [Reset(frame["stream"])]

    def _delta(self, frame: dict[str, Any]) -> list[Event]:
        attempt, shown = self._attempts.get(frame["stream"], (frame["attempt"], 0))
        if frame["attempt"] != attempt or frame["i"] <= shown:
            return []
        self._attempts[frame["stream"]] = (attempt, frame["i"])
        return [Said(frame["stream"], frame.get("text", ""))]


def _turn_ended(frame: dict[str, Any]) -> list[Event]:
    return [TurnEnded(frame["turn"], frame["state"], frame.get("reason", ""))]


def _changed(frame: dict[str, Any]) -> list[Event]:
    return [ConversationChanged(msgspec.convert(frame["conv"], Conversation))]

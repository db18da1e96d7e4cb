"""The door's own frames, as JSON text. Frames of events (`msg`, `stream.*`, …) come encoded from `realtime`.

A client frame with an unknown type, an unknown field or a value of the wrong kind is refused whole: what is not
understood is never half done.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from miaohui.kit.errors import FieldError, Unreadable

PROTOCOL = "miaohui.v1+json"
"""The WebSocket subprotocol."""

Id = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$(?!\n)")]
MaybeId = Annotated[str, Meta(max_length=64, pattern=r"^[A-Za-z0-9_-]*$(?!\n)")]
Seq = Annotated[int, Meta(ge=0, le=2**53)]
Count = Annotated[int, Meta(ge=0, le=2**31)]


class StreamSeen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far one token stream was read."""

    id: Id
    attempt: Count
    i: Count


class Resume(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far one conversation was read; an empty `epoch` asks for a snapshot."""

    conv: Id
    epoch: Annotated[str, Meta(max_length=64)] = ""
    seq: Seq = 0
    streams: Annotated[tuple[StreamSeen, ...], Meta(max_length=8)] = ()


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said. `note` is for agents only and is never shown to the visitor."""

    text: str
    type: Literal["text", "note"] = "text"


class ClientFrame(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="t"):
    """Something a client says."""


class Hello(ClientFrame, frozen=True, tag="hello"):
    """The first frame; again later, it renews the token of the same principal."""

    token: Annotated[str, Meta(min_length=1, max_length=4096)]
    v: Literal[1] = 1
    device: Annotated[str, Meta(max_length=64)] = ""
    resume: Annotated[tuple[Resume, ...], Meta(max_length=16)] = ()


class Send(ClientFrame, frozen=True, tag="send"):
    """A message; without `conv` a visitor begins a new conversation, and the ack names it."""

    cmid: Id
    body: Body
    conv: MaybeId = ""


class Seen(ClientFrame, frozen=True, tag="seen"):
    """Read up to `seq`."""

    conv: Id
    seq: Seq


class Cancel(ClientFrame, frozen=True, tag="cancel"):
    """Stop the answer of a turn."""

    turn: Id


class Typing(ClientFrame, frozen=True, tag="typing"):
    """Best effort."""

    conv: Id
    on: bool = True


class Watch(ClientFrame, frozen=True, tag="watch"):
    """Follow one more conversation."""

    conv: Id
    epoch: Annotated[str, Meta(max_length=64)] = ""
    seq: Seq = 0
    streams: Annotated[tuple[StreamSeen, ...], Meta(max_length=8)] = ()


class Unwatch(ClientFrame, frozen=True, tag="unwatch"):
    """Follow it no longer."""

    conv: Id


class Feed(ClientFrame, frozen=True, tag="feed"):
    """Agents: follow the changes of all the tenant's conversations, or no longer."""

    on: bool = True


class Heartbeat(ClientFrame, frozen=True, tag="hb"):
    """Still there."""


AnyClientFrame: TypeAlias = Hello | Send | Seen | Cancel | Typing | Watch | Unwatch | Feed | Heartbeat


class ServerFrame(msgspec.Struct, frozen=True, tag_field="t"):
    """Something the door says."""


class Limits(msgspec.Struct, frozen=True):
    """What a client should keep to."""

    msg: int
    """Bytes of a message's text."""
    rate: str
    """Messages, as `30/min`."""


class Welcome(ServerFrame, frozen=True, tag="welcome"):
    """The token holds. `conv` is a visitor's newest open conversation, or empty."""

    sid: str
    hb: int
    """Seconds of silence after which the server sends a heartbeat."""
    limits: Limits
    now: int
    """Server time, milliseconds since 1970 UTC; for display only."""
    conv: str = ""


class Ack(ServerFrame, frozen=True, tag="ack", omit_defaults=True):
    """The message is durable."""

    cmid: str
    msg: str
    seq: int
    conv: str
    turn: str = ""
    dup: bool = msgspec.field(default_factory=bool)
    """A factory, so that it is always written, `false` too."""


class Nack(ServerFrame, frozen=True, tag="nack", omit_defaults=True):
    """Nothing was stored."""

    cmid: str
    code: str
    retryable: bool = msgspec.field(default_factory=bool)
    retry_after_ms: int = 0
    detail: str = ""


class Fault(ServerFrame, frozen=True, tag="error", omit_defaults=True):
    """A frame could not be followed; the connection goes on unless a close comes next."""

    code: str
    detail: str
    conv: str = ""


class GoAway(ServerFrame, frozen=True, tag="goaway"):
    """The server is about to close; come back after a random part of the interval."""

    reason: str
    reconnect_in_ms: tuple[int, int] = (0, 8000)


class Beat(ServerFrame, frozen=True, tag="hb"):
    """Answer with a heartbeat."""


_decoder: msgspec.json.Decoder[AnyClientFrame] = msgspec.json.Decoder(AnyClientFrame)
_encoder = msgspec.json.Encoder()
BEAT = _encoder.encode(Beat())


def parse_frame(text: str | bytes) -> AnyClientFrame:
    """A client frame. Raises `Unreadable` naming what is wrong and where."""
    try:
        return _decoder.decode(text)
    except msgspec.ValidationError as error:
        detail, _, path = str(error).rpartition(" - at `")
        raise Unreadable(
            detail or str(error), code="bad_frame", errors=[FieldError(path.rstrip("`") or "$", detail or str(error))]
        ) from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise Unreadable("A frame is one JSON object.", code="bad_frame") from None


def format_frame(frame: ServerFrame) -> bytes:
    """Its JSON text."""
    return _encoder.encode(frame)

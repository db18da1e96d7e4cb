"""The WebSocket subprotocol `miaohui.v1+proto`: the same frames in fewer bytes, before the same state machine.

What it speaks is in `proto/miaohui/v1/frames.proto`. A frame that is not one becomes a text that is none either, and is
answered as such.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from miaohui.channels.frames import PROTOCOL

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PROTO = "miaohui.v1+proto"
"""The subprotocol's name."""
_DESCRIPTION = Path(__file__).with_name("frames.desc")
_NO_FRAME = "?"


class Dialects:
    """Stands before the WebSocket's door: who offers the binary subprotocol first is translated for."""

    def __init__(self, door: ASGIApp) -> None:
        self._door = door

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve one socket."""
        offered = [one for one in scope.get("subprotocols", ()) if one in {PROTO, PROTOCOL}]
        if offered[:1] != [PROTO]:
            return self._door(scope, receive, send)
        # Without the transport's own writer: what is written there would be text.
        extensions = {name: value for name, value in scope.get("extensions", {}).items() if name != "miaohui.socket"}
        scope = {**scope, "extensions": extensions}

        async def receive_text() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive":
                return {"type": "websocket.receive", "text": read_client(message.get("bytes"))}
            return message

        async def send_bytes(message: Message) -> None:
            if message["type"] == "websocket.accept":
                message = {**message, "subprotocol": PROTO}
            elif message["type"] == "websocket.send":
                message = {"type": "websocket.send", "bytes": write_server(message["text"])}
            await send(message)

        return self._door(scope, receive_text, send_bytes)


def read_client(data: bytes | None) -> str:
    """A client's frame as JSON text; a text that is no frame when it is none."""
    frame = _parse(_classes()["miaohui.v1.ClientFrame"], data)
    kind = frame.WhichOneof("frame") if frame is not None else None
    if frame is None or kind is None:
        return _NO_FRAME
    return msgspec.json.encode({"t": kind, **_to_dict(getattr(frame, kind))}).decode()


def write_server(text: str) -> bytes:
    """A server's frame from its JSON text; one that `frames.proto` does not know goes as it is."""
    said = msgspec.json.decode(text, type=dict[str, Any])
    whole = _classes()["miaohui.v1.ServerFrame"]()
    kind = str(said.pop("t")).replace(".", "_")
    known = whole.DESCRIPTOR.fields_by_name.get(kind)
    try:
        if known is None or known.message_type is None:
            raise KeyError(kind)
        inner = getattr(whole, kind)
        inner.SetInParent()
        _fill(inner, said)
    except (KeyError, TypeError, ValueError):
        whole.Clear()
        whole.json = text
    return bytes(whole.SerializeToString())


def write_client(said: dict[str, Any]) -> bytes:
    """A client's frame from what it is in JSON; for clients and tests. Raises `KeyError` for what is no field."""
    frame = _classes()["miaohui.v1.ClientFrame"]()
    rest = dict(said)
    inner = getattr(frame, rest.pop("t"))
    inner.SetInParent()
    _fill(inner, rest)
    return bytes(frame.SerializeToString())


def read_server(data: bytes) -> dict[str, Any]:
    """A server's frame as it is in JSON; what is empty is left out. Raises `ValueError`."""
    frame = _parse(_classes()["miaohui.v1.ServerFrame"], data)
    if frame is None:
        raise ValueError("not a frame")
    if frame.json:
        return msgspec.json.decode(frame.json, type=dict[str, Any])
    kind = frame.WhichOneof("frame")
    if kind is None:
        raise ValueError("an empty frame")
    return {"t": kind.replace("_", "."), **_to_dict(getattr(frame, kind))}


@cache
def _classes() -> dict[str, Any]:
    """Message classes by name; loaded when the first client asks for them."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory  # noqa: PLC0415

    described = descriptor_pb2.FileDescriptorSet.FromString(_DESCRIPTION.read_bytes())
    pool = descriptor_pool.DescriptorPool()
    for file in described.file:
        pool.Add(file)
    names = ("miaohui.v1.ClientFrame", "miaohui.v1.ServerFrame")
    return {name: message_factory.GetMessageClass(pool.FindMessageTypeByName(name)) for name in names}


def _parse(kind: Any, data: bytes | None) -> Any:
    from google.protobuf.message import DecodeError  # noqa: PLC0415

    if data is None:
        return None
    try:
        return kind.FromString(data)
    except (DecodeError, RecursionError, ValueError):
        return None


def _to_dict(message: Any) -> dict[str, Any]:
    """What is set, and every number and truth: 0 is a place to resume from."""
    found: dict[str, Any] = {}
    for field in message.DESCRIPTOR.fields:
        value = getattr(message, field.name)
        if field.is_repeated:
            if value:
                found[field.name] = [_to_dict(one) if field.message_type else one for one in value]
        elif field.message_type is not None:
            if message.HasField(field.name):
                found[field.name] = _to_dict(value)
        elif field.has_presence:
            if message.HasField(field.name):
                found[field.name] = value
        elif value or (field.cpp_type in _SAID_ANYWAY and field.name != "v"):
            found[field.name] = value
    return found


_SAID_ANYWAY = frozenset({1, 2, 7})
"""Protobuf's `CPPTYPE_INT32`, `CPPTYPE_INT64` and `CPPTYPE_BOOL`."""


def _fill(message: Any, said: dict[str, Any]) -> None:
    """Raises `KeyError` for what the description does not know, `TypeError` or `ValueError` for another type."""
    fields = message.DESCRIPTOR.fields_by_name
    for name, value in said.items():
        field = fields[name]
        if value is None:
            continue
        if field.is_repeated:
            _extend(getattr(message, name), value)
        elif field.message_type is not None:
            inner = getattr(message, name)
            inner.SetInParent()
            _fill(inner, value)
        else:
            setattr(message, name, value)


def _extend(repeated: Any, values: Any) -> None:
    for one in values:
        if isinstance(one, dict):
            _fill(repeated.add(), one)
        else:
            repeated.append(one)

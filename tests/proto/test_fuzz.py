"""Frames that nobody should send, in either dialect: each is answered or ends its socket, and nothing else happens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from miaohui_client import frames_pb2
from tests.conformance.house import Process
from tests.proto.test_protobuf import node
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from miaohui.channels import frames as door
from miaohui.channels.web.protobuf import PROTO, read_server, write_client

__all__ = ["node"]
REFUSALS = {1007, 1009, 4501, 0}
"""Not text, too long, no frame; 0 when the line ended before its code could be read, behind much that was unread."""
SENTINEL = "sentinel"
KINDS = [str(kind.__struct_config__.tag) for kind in get_args(door.AnyClientFrame)]
FIELDS = ["conv", "cmid", "seq", "epoch", "streams", "resume", "turn", "on", "body", "token", "v", "device", "x"]

odd = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=40),
    st.sampled_from(["", "conv_nobody", "../x", "\x00", "😀" * 50]),
)
value = st.recursive(
    odd,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
shaped = st.builds(
    lambda kind, rest: {**rest, "t": kind},
    st.sampled_from([*KINDS, "novelty", ""]),
    st.dictionaries(st.sampled_from(FIELDS), value, max_size=5),
)
cuts = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=8)


def bent(frame: bytes, changes: list[tuple[int, int]]) -> bytes:
    """Some bytes are others."""
    torn = bytearray(frame)
    for at, byte in changes:
        torn[at % len(torn)] = byte
    return bytes(torn)


HARMLESS = {"t": "typing", "conv": "conv_x", "on": True}
"""Nobody's conversation: it is passed over, and its socket stays open. Chance alone seldom makes such a frame."""
RIGHT: list[dict[str, Any]] = [
    {"t": "send", "conv": "", "cmid": "c", "body": {"text": "您好😀"}},
    {"t": "watch", "conv": "conv_x", "epoch": "e", "seq": 7, "streams": [{"id": "s", "attempt": 1, "i": 3}]},
    {"t": "seen", "conv": "conv_x", "seq": 2**40},
    HARMLESS,
    {"t": "cancel", "turn": "turn_x"},
    {"t": "feed", "on": True},
]
as_text = st.one_of(
    shaped.map(lambda one: json.dumps(one, ensure_ascii=False)),
    value.map(json.dumps),
    st.text(max_size=200),
    st.tuples(st.sampled_from(RIGHT), cuts).map(
        lambda one: bent(msgspec.json.encode(one[0]), one[1]).decode(errors="replace")
    ),
    st.sampled_from(["[" * 50_000, '{"t":"hb","t":"hb"}', '{"t":"seen","seq":1e999}', "\ufeff{}", "x" * 70_000]),
)
as_bytes = st.one_of(
    st.binary(max_size=200),
    st.tuples(st.sampled_from(RIGHT), cuts).map(lambda one: bent(write_client(one[0]), one[1])),
    st.sampled_from([b"\x0a" * 60_000, b"\x12\xff\xff\xff\xff\x0f", write_client(RIGHT[0]) * 20, b"\x00" * 70_000]),
)
SETTINGS = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture
def site(node: Process) -> tuple[str, str, str]:
    """Address, a visitor's token, a conversation of theirs."""
    import urllib.request

    def ask(path: str, body: dict[str, Any], token: str = "") -> Any:
        headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
        call = urllib.request.Request(node.base + path, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(call, timeout=10) as answer:
            return json.load(answer)

    token = ask("/v1/widget/session", {"site_key": node.tenants[0].site_key})["token"]
    return node.base.replace("http", "ws") + "/v1/ws", token, ask("/v1/conversations", {}, token)["id"]


@contextmanager
def greeted(site: tuple[str, str, str], protocol: str) -> Iterator[ClientConnection]:
    address, token, conversation = site
    with connect(address, subprotocols=[protocol], compression=None, max_size=2**22) as socket:  # type: ignore[list-item]
        say(socket, {"t": "hello", "token": token, "resume": [{"conv": conversation, "epoch": "", "seq": 0}]}, protocol)
        yield socket


def say(socket: ClientConnection, frame: dict[str, Any], protocol: str) -> None:
    socket.send(write_client(frame) if protocol == PROTO else json.dumps(frame))


def outcome(socket: ClientConnection, site: tuple[str, str, str], protocol: str) -> str | int:
    """Whether a right frame behind the wrong ones is still answered, or with which code the socket was closed."""
    try:
        say(socket, {"t": "send", "conv": site[2], "cmid": SENTINEL, "body": {"text": "在吗"}}, protocol)
        while True:
            data = socket.recv(timeout=10)
            frame = read_server(data) if isinstance(data, bytes) else json.loads(data)
            if frame["t"] in {"ack", "nack"} and frame.get("cmid") == SENTINEL:
                return str(frame["t"])
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd is not None else 0


def test_no_text_is_answered_with_a_crash(node: Process, site: tuple[str, str, str]) -> None:
    @SETTINGS
    @given(st.lists(as_text, min_size=1, max_size=3))
    @example([json.dumps(HARMLESS)])
    @example(["{}"])
    def fuzz(frames: list[str]) -> None:
        with greeted(site, door.PROTOCOL) as socket:
            try:
                for one in frames:
                    socket.send(one.encode("utf-8", errors="replace").decode())
            except ConnectionClosed:
                pass
            seen.add(outcome(socket, site, door.PROTOCOL))

    seen: set[str | int] = set()
    fuzz()
    assert {"ack", 4501} <= seen <= REFUSALS | {"ack", "nack"}
    assert node.alive
    check_served(site)


def test_no_bytes_are_answered_with_a_crash(node: Process, site: tuple[str, str, str]) -> None:
    @SETTINGS
    @given(st.lists(as_bytes, min_size=1, max_size=3))
    @example([write_client(HARMLESS)])
    @example([b"\xff"])
    def fuzz(frames: list[bytes]) -> None:
        with greeted(site, PROTO) as socket:
            try:
                for one in frames:
                    socket.send(one)
            except ConnectionClosed:
                pass
            seen.add(outcome(socket, site, PROTO))

    seen: set[str | int] = set()
    fuzz()
    assert {"ack", 4501} <= seen <= REFUSALS | {"ack", "nack"}
    assert node.alive
    check_served(site)


def check_served(site: tuple[str, str, str]) -> None:
    """Both dialects still work, on the very conversation."""
    for protocol in (door.PROTOCOL, PROTO):
        with greeted(site, protocol) as socket:
            assert outcome(socket, site, protocol) == "ack"


def test_a_right_frame_is_not_mistaken_for_a_wrong_one(site: tuple[str, str, str]) -> None:
    for protocol in (door.PROTOCOL, PROTO):
        with greeted(site, protocol) as socket:
            say(socket, {"t": "typing", "conv": site[2], "on": True}, protocol)
            assert outcome(socket, site, protocol) == "ack"


@given(st.binary(max_size=300))
def test_generated_code_reads_what_the_server_takes_for_a_frame_or_neither_does(data: bytes) -> None:
    """Both parsers are of one schema: they agree on what is a frame."""
    from google.protobuf.message import DecodeError

    from miaohui.channels.web.protobuf import read_client

    try:
        ours = frames_pb2.ClientFrame.FromString(data).WhichOneof("frame")
    except DecodeError:
        ours = None
    assert (read_client(data) == "?") == (ours is None)

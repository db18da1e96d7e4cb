"""The binary subprotocol: it says all that JSON says, and what is no frame is answered."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, get_args

import aiohttp
import msgspec
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from miaohui_client import Message, frames_pb2
from tests.conformance.client import Site, SocketObserver, View, observing
from tests.conformance.house import Process, serving

from miaohui.channels import frames as door
from miaohui.channels.web.protobuf import PROTO, _classes, read_client, read_server, write_client, write_server
from miaohui.kit.errors import Unreadable
from miaohui.kit.ids import new_id
from miaohui.realtime import events, frames
from miaohui.testing.upstream import Upstream, UpstreamOptions

ROOT = Path(__file__).parents[2]
over_sockets = pytest.mark.asyncio(loop_scope="module")
ON_THE_WIRE: dict[type, type] = {
    events.MessagePosted: frames.MessageFrame,
    events.ConversationChanged: frames.ConversationFrame,
}
SERVER = [ON_THE_WIRE.get(one, one) for one in get_args(events.AnyEvent)]
SERVER += [frames.Resumed, *door.ServerFrame.__subclasses__()]


def test_the_description_is_that_of_the_published_file() -> None:
    command = [sys.executable, "scripts/protos.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def tag_of(kind: type) -> str:
    return str(kind.__struct_config__.tag)  # type: ignore[attr-defined]


def missing(kind: Any, described: Any, path: str = "") -> list[str]:
    """Fields of a Struct, inside too, that a description does not have."""
    absent: list[str] = []
    for field in msgspec.structs.fields(kind):
        found = described.fields_by_name.get(field.encode_name)
        if found is None:
            absent.append(f"{path}{field.encode_name}")
            continue
        inner = [one for one in (field.type, *get_args(field.type)) if isinstance(one, type)]
        for one in inner:
            if issubclass(one, msgspec.Struct):
                absent += missing(one, found.message_type, f"{path}{field.encode_name}.")
    return absent


@pytest.mark.parametrize("kind", SERVER, ids=tag_of)
def test_every_frame_of_the_server_is_described_with_all_its_fields(kind: type) -> None:
    described = _classes()["miaohui.v1.ServerFrame"].DESCRIPTOR.fields_by_name[tag_of(kind).replace(".", "_")]
    assert missing(kind, described.message_type) == []


@pytest.mark.parametrize("kind", get_args(door.AnyClientFrame), ids=tag_of)
def test_every_frame_of_the_client_is_described_with_all_its_fields(kind: type) -> None:
    described = _classes()["miaohui.v1.ClientFrame"].DESCRIPTOR.fields_by_name[tag_of(kind)]
    assert missing(kind, described.message_type) == []


@pytest.mark.parametrize(
    "said",
    [
        {"t": "hello", "token": "x", "resume": [{"conv": "c1", "epoch": "e", "seq": 0, "streams": []}]},
        {"t": "send", "cmid": "c", "body": {"text": "您好😀"}},
        {"t": "seen", "conv": "c1", "seq": 0},
        {"t": "typing", "conv": "c1", "on": False},
        {"t": "typing", "conv": "c1"},
        {"t": "feed"},
        {"t": "hb"},
        {"t": "watch", "conv": "c1", "epoch": "e", "seq": 2**53, "streams": [{"id": "s", "attempt": 1, "i": 0}]},
    ],
)
def test_a_clients_frame_means_the_same_in_both(said: dict[str, Any]) -> None:
    assert door.parse_frame(read_client(write_client(said))) == door.parse_frame(msgspec.json.encode(said))


def test_a_frame_that_is_not_described_yet_goes_as_it_is() -> None:
    for said in ({"t": "novelty", "x": 1}, {"t": "ack", "cmid": "c", "msg": "m", "seq": 1, "conv": "c", "newer": True}):
        assert read_server(write_server(msgspec.json.encode(said).decode())) == said


@given(st.binary(max_size=200))
def test_any_bytes_are_a_frame_or_unreadable(data: bytes) -> None:
    text = read_client(data)
    if text == "?":
        with pytest.raises(Unreadable):
            door.parse_frame(text)
    else:
        assert msgspec.json.decode(text)["t"] in {tag_of(kind) for kind in get_args(door.AnyClientFrame)}


def test_frames_are_smaller() -> None:
    delta = '{"t":"stream.delta","stream":"str_01J8ZQ4X","attempt":1,"i":17,"text":"七天内可以"}'
    assert len(write_server(delta)) < 0.6 * len(delta.encode())


class ProtoObserver(SocketObserver):
    """As the one for JSON, in binary."""

    async def connect(self) -> None:
        self.socket = await self.site.http.ws_connect(f"{self.site.base}/v1/ws", protocols=[PROTO])
        assert self.socket.protocol == PROTO
        streams = self.view.positions
        resume = {"conv": self.conversation, "epoch": self.view.epoch, "seq": self.view.seq, "streams": streams}
        await self.say({"t": "hello", "v": 1, "token": self.site.token, "resume": [resume]})
        self._start(self._read())

    async def say(self, frame: dict[str, Any]) -> None:
        await self.socket.send_bytes(write_client(frame))

    async def _read(self) -> None:
        async for message in self.socket:
            assert message.type is aiohttp.WSMsgType.BINARY
            frame = {"epoch": "", **read_server(message.data)}
            if "snapshot" in frame:
                frame["snapshot"].setdefault("messages", [])  # generated code has an empty list there
            if frame["t"] in {"ack", "nack"}:
                if (waiting := self._answers.pop(frame["cmid"], None)) and not waiting.done():
                    waiting.set_result(frame)
            elif frame["t"] == "hb":
                await self.say({"t": "hb"})
            self._take(frame)
        self.closed_with = self.socket.close_code
        self._changed.set()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def node(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Process]:
    upstream = await Upstream(UpstreamOptions(chunks=20, gap_ms=20, first_ms=50)).start()
    options = {"engine_url": upstream.url, "engine_model": "chunks:20", "engine_coalesce_ms": "20"}
    async with serving(tmp_path_factory.mktemp("proto") / "data", **options, answer_cache="false") as made:
        yield made
    await upstream.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as made:
        yield made


async def visitor(node: Process, http: aiohttp.ClientSession) -> tuple[Site, str]:
    async with http.post(f"{node.base}/v1/widget/session", json={"site_key": node.tenants[0].site_key}) as answer:
        site = Site(node.base, (await answer.json())["token"], http)
    return site, await site.begin()


def answered(count: int) -> Any:
    return lambda view: sum(bool(one.get("final")) for one in view.messages.values()) >= count


@over_sockets
async def test_both_kinds_of_clients_see_the_same_history(node: Process, http: aiohttp.ClientSession) -> None:
    site, conversation = await visitor(node, http)
    binary = ProtoObserver(site, conversation, View())
    async with observing("websocket", site, conversation) as text:
        await binary.connect()
        assert (await binary.send(new_id("c"), "怎么退货?"))["t"] == "ack"
        assert (await text.send(new_id("c"), "多久退款?"))["t"] == "ack"
        for one in (text, binary):
            await one.until(answered(2))
        for there, here in zip(text.view.messages.values(), binary.view.messages.values(), strict=True):
            assert msgspec.convert(there, Message) == msgspec.convert(here, Message)
        assert text.view.order == binary.view.order
        assert text.view.violations == binary.view.violations == []
        assert any(one["t"] == "stream.delta" for one in binary.view.frames)
    await binary.close()


@over_sockets
async def test_the_generated_code_speaks_as_documented(node: Process, http: aiohttp.ClientSession) -> None:
    site, conversation = await visitor(node, http)
    said: list[frames_pb2.ServerFrame] = []
    async with http.ws_connect(f"{node.base}/v1/ws", protocols=[PROTO]) as socket:
        hello = frames_pb2.ClientFrame.Hello(token=site.token, v=1, resume=[{"conv": conversation}])
        await socket.send_bytes(frames_pb2.ClientFrame(hello=hello).SerializeToString())
        send = {"conv": conversation, "cmid": "c1", "body": {"text": "怎么退货?"}}
        async with asyncio.timeout(10):
            while not said or said[-1].WhichOneof("frame") != "turn_end":
                said.append(frames_pb2.ServerFrame.FromString(await socket.receive_bytes()))
                if said[-1].WhichOneof("frame") == "resumed":
                    await socket.send_bytes(frames_pb2.ClientFrame(send=send).SerializeToString())
    posted = [one.msg.msg for one in said if one.WhichOneof("frame") == "msg"]
    assert [one.sender.kind for one in posted] == ["visitor", "assistant"]
    assert said[-1].turn_end.state == "answered"


@over_sockets
async def test_a_binary_client_resumes_in_the_middle_of_an_answer(node: Process, http: aiohttp.ClientSession) -> None:
    site, conversation = await visitor(node, http)
    view = View()
    first = ProtoObserver(site, conversation, view)
    await first.connect()
    await first.send(new_id("c"), "怎么退货?")
    await first.until(lambda seen: any(one.text for one in seen.streams.values()))
    await first.close()
    second = ProtoObserver(site, conversation, view)
    await second.connect()
    await second.until(answered(1))
    await second.close()
    assert view.violations == []
    assert view.recovered[-1]


@over_sockets
@pytest.mark.parametrize("kind", ["binary", "text"])
async def test_a_fuzzed_frame_is_answered_and_never_a_crash(
    node: Process, http: aiohttp.ClientSession, kind: str
) -> None:
    site, conversation = await visitor(node, http)
    chance = random.Random(7)
    right = {"t": "send", "conv": conversation, "cmid": "c1", "body": {"text": "x"}}
    codes = set()
    for _ in range(25):
        protocol = PROTO if kind == "binary" else door.PROTOCOL
        async with http.ws_connect(f"{node.base}/v1/ws", protocols=[protocol]) as socket:
            hello = {"t": "hello", "token": site.token}
            frame = bytearray(write_client(right) if kind == "binary" else msgspec.json.encode(right))
            for _ in range(chance.randint(1, 6)):
                frame[chance.randrange(len(frame))] = chance.randrange(256)
            if kind == "binary":
                await socket.send_bytes(write_client(hello))
                await socket.send_bytes(bytes(frame))
            else:
                await socket.send_str(msgspec.json.encode(hello).decode())
                await socket.send_str(frame.decode(errors="replace"))
            codes.add(await answer_of(socket))
    assert codes <= {"ack", "nack", "error", "welcome", 4501}
    assert 4501 in codes
    async with http.get(f"{node.base}/healthz") as answer:
        assert answer.status == 200


async def answer_of(socket: aiohttp.ClientWebSocketResponse) -> str | int | None:
    """What came last, or the code it was closed with."""
    last: str = ""
    try:
        while True:
            message = await socket.receive(timeout=0.3 if last else 10)
            if message.type is aiohttp.WSMsgType.BINARY:
                last = read_server(message.data)["t"]
            elif message.type is aiohttp.WSMsgType.TEXT:
                last = msgspec.json.decode(message.data)["t"]
            else:
                return socket.close_code
            if last in {"ack", "nack", "error"}:
                return last
    except TimeoutError:
        return last


@over_sockets
async def test_who_speaks_the_other_dialect_than_he_said_is_told_so(node: Process, http: aiohttp.ClientSession) -> None:
    for protocol, wrong in ((PROTO, "text"), (door.PROTOCOL, "binary")):
        async with http.ws_connect(f"{node.base}/v1/ws", protocols=[protocol]) as socket:
            await (socket.send_str('{"t":"hb"}') if wrong == "text" else socket.send_bytes(write_client({"t": "hb"})))
            assert (await socket.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE
            assert socket.close_code == 4501
    async with http.ws_connect(f"{node.base}/v1/ws", protocols=[door.PROTOCOL, PROTO]) as socket:
        assert socket.protocol == door.PROTOCOL

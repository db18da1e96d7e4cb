"""A client of the delivery contract, over each of its transports. Needs a base URL and credentials, nothing else.

Every observer keeps the client's side of the contract: it drops what it has, replaces what was reset, and complains
(`violations`) about a hole, a mixture of two attempts, or a hash that does not fit.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import aiohttp

PATIENCE_S = 15.0


@dataclass
class Stream:
    """One token stream as it was shown."""

    attempt: int = 1
    i: int = 0
    text: str = ""
    turn: str = ""
    settled: bool = False
    """The message of its turn is here: whoever was away when it ended is told no more of it."""


@dataclass
class View:
    """What a client shows of one conversation, and where it stands."""

    epoch: str = ""
    seq: int = 0
    messages: dict[int, dict[str, Any]] = field(default_factory=dict)
    streams: dict[str, Stream] = field(default_factory=dict)
    finished: dict[str, str] = field(default_factory=dict)
    """Text of streams that ended, by the final message's id."""
    turns: dict[str, str] = field(default_factory=dict)
    recovered: list[bool] = field(default_factory=list)
    resets: int = 0
    frames: list[dict[str, Any]] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    @property
    def order(self) -> list[tuple[int, str]]:
        """What two observers must agree on."""
        return [(seq, message["id"]) for seq, message in sorted(self.messages.items())]

    def take(self, frame: dict[str, Any]) -> None:
        """One frame, from whatever transport."""
        self.frames.append(frame)
        name = "on_" + frame["t"].replace(".", "_")
        getattr(self, name, lambda _: None)(frame)

    def on_resumed(self, frame: dict[str, Any]) -> None:
        self.recovered.append(frame["recovered"])
        self.epoch = frame["epoch"]
        if not frame["recovered"]:
            self.messages = {message["seq"]: message for message in frame["snapshot"]["messages"]}
            self.seq = frame["snapshot"]["seq"]

    def on_msg(self, frame: dict[str, Any]) -> None:
        message = frame["msg"]
        if message["seq"] <= self.seq:
            if self.messages.get(message["seq"], message)["id"] != message["id"]:
                self.violations.append(f"two messages at {message['seq']}")
            return
        if message["seq"] != self.seq + 1:
            self.violations.append(f"a hole: {self.seq} then {message['seq']}")
        self.epoch, self.seq = frame["epoch"], message["seq"]
        self.messages[message["seq"]] = message
        for stream in self.streams.values():
            stream.settled = stream.settled or bool(message.get("final") and stream.turn == message.get("turn"))
        streamed = self.finished.get(message["id"])
        if streamed is not None and streamed != message["text"]:
            self.violations.append("the stream said something else than the message")

    def on_stream_open(self, frame: dict[str, Any]) -> None:
        self.streams[frame["stream"]] = Stream(attempt=frame["attempt"], turn=frame["turn"])

    def on_stream_delta(self, frame: dict[str, Any]) -> None:
        stream = self.streams.setdefault(frame["stream"], Stream(attempt=frame["attempt"]))
        if frame["attempt"] != stream.attempt:
            self.violations.append(f"attempt {frame['attempt']} inside {stream.attempt}")
        elif frame["i"] == stream.i + 1:
            stream.i, stream.text = frame["i"], stream.text + frame["text"]
        elif frame["i"] > stream.i:
            self.violations.append(f"a hole in a stream: {stream.i} then {frame['i']}")

    def on_stream_reset(self, frame: dict[str, Any]) -> None:
        self.resets += 1
        turn = self.streams.get(frame["stream"], Stream()).turn
        self.streams[frame["stream"]] = Stream(attempt=frame["attempt"], turn=turn)

    def on_stream_end(self, frame: dict[str, Any]) -> None:
        stream = self.streams.pop(frame["stream"], None)
        if stream is None:
            return
        if stream.i != frame["n"]:
            self.violations.append(f"a stream of {frame['n']} pieces ended after {stream.i}")
        if hashlib.sha256(stream.text.encode()).hexdigest() != frame["sha256"]:
            self.violations.append("the hash does not fit the streamed text")
        self.finished[frame["msg"]] = stream.text

    def on_turn_end(self, frame: dict[str, Any]) -> None:
        if self.turns.get(frame["turn"], frame["state"]) != frame["state"]:
            self.violations.append("a turn ended twice")
        self.turns[frame["turn"]] = frame["state"]

    @property
    def open(self) -> dict[str, Stream]:
        """Streams that still say something."""
        return {name: stream for name, stream in self.streams.items() if not stream.settled}

    @property
    def positions(self) -> list[dict[str, Any]]:
        """The streams part of a resume."""
        return [{"id": name, "attempt": one.attempt, "i": one.i} for name, one in self.open.items()]

    @property
    def line(self) -> str:
        """The position as one line of text."""
        streams = ",".join(f"{name}.{one.attempt}.{one.i}" for name, one in self.open.items())
        return f"{self.epoch}:{self.seq}:{streams}" if self.epoch else ""


@dataclass(frozen=True)
class Site:
    """Where the server is, and a visitor of it."""

    base: str
    token: str
    http: aiohttp.ClientSession

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}

    async def begin(self) -> str:
        """A new conversation."""
        async with self.http.post(f"{self.base}/v1/conversations", json={}, headers=self.headers) as answer:
            assert answer.status == 201, await answer.text()
            found: str = (await answer.json())["id"]
            return found

    async def read(self, conversation: str, after: int = 0) -> list[dict[str, Any]]:
        """A cold read of the whole list."""
        found: list[dict[str, Any]] = []
        while True:
            top = found[-1]["seq"] if found else after
            query = {"after": str(top), "limit": "200"} if top else {"before": "201", "limit": "200"}
            path = f"{self.base}/v1/conversations/{conversation}/messages"
            async with self.http.get(path, params=query, headers=self.headers) as answer:
                assert answer.status == 200, await answer.text()
                page = (await answer.json())["data"]
            found += page
            if len(page) < 200:
                return found

    async def post(self, conversation: str, cmid: str, text: str) -> dict[str, Any]:
        """Send by REST; an ack or a nack as the socket would give it."""
        path = f"{self.base}/v1/conversations/{conversation}/messages"
        headers = {**self.headers, "idempotency-key": cmid}
        async with self.http.post(path, json={"text": text}, headers=headers) as answer:
            body = await answer.json()
            if answer.status == 201:
                return {"t": "ack", "cmid": cmid, "msg": body["id"], "seq": body["seq"], "dup": body["dup"]}
            return {"t": "nack", "cmid": cmid, "code": body["code"], "status": answer.status}


class Observer(Protocol):
    """One client that follows one conversation and may speak in it."""

    view: View

    async def send(self, cmid: str, text: str) -> dict[str, Any]:
        """The ack or nack."""
        ...

    async def close(self) -> None:
        """Leave."""
        ...


class Follower:
    """What the three have in common: a task that takes frames into the view, and a way to wait."""

    def __init__(self, site: Site, conversation: str, view: View) -> None:
        self.site = site
        self.conversation = conversation
        self.view = view
        self.closed_with: int | None = None
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def send(self, cmid: str, text: str) -> dict[str, Any]:
        return await self.site.post(self.conversation, cmid, text)

    async def until(self, condition: Callable[[View], bool], patience_s: float = PATIENCE_S) -> None:
        """Wait until the view is so. Raises `TimeoutError` naming what was seen."""
        try:
            async with asyncio.timeout(patience_s):
                while not condition(self.view):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            seen = [frame["t"] for frame in self.view.frames]
            kinds = [one["kind"] for one in self.view.messages.values()]
            raise TimeoutError(
                f"{kinds.count('text')} {kinds[:3]} seq {self.view.seq}, closed {self.closed_with}, frames {seen[-30:]}"
            ) from None

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError, aiohttp.ClientError):
                await self._task

    def _start(self, work: Any) -> None:
        self._task = asyncio.create_task(work)

    def _take(self, frame: dict[str, Any]) -> None:
        self.view.take(frame)
        self._changed.set()


class SocketObserver(Follower):
    """Over the WebSocket, which also sends."""

    def __init__(self, site: Site, conversation: str, view: View) -> None:
        super().__init__(site, conversation, view)
        self._answers: dict[str, asyncio.Future[dict[str, Any]]] = {}

    async def connect(self) -> None:
        self.socket = await self.site.http.ws_connect(f"{self.site.base}/v1/ws", protocols=["miaohui.v1+json"])
        resume = {
            "conv": self.conversation,
            "epoch": self.view.epoch,
            "seq": self.view.seq,
            "streams": self.view.positions,
        }
        await self.say({"t": "hello", "v": 1, "token": self.site.token, "resume": [resume]})
        self._start(self._read())

    async def say(self, frame: dict[str, Any]) -> None:
        """Any frame."""
        await self.socket.send_str(json.dumps(frame))

    async def send(self, cmid: str, text: str) -> dict[str, Any]:
        answer = self._answers[cmid] = asyncio.get_running_loop().create_future()
        await self.say({"t": "send", "conv": self.conversation, "cmid": cmid, "body": {"type": "text", "text": text}})
        async with asyncio.timeout(PATIENCE_S):
            said: dict[str, Any] = await answer
            return said

    async def close(self) -> None:
        await self.socket.close()
        await super().close()

    async def _read(self) -> None:
        async for message in self.socket:
            frame = json.loads(message.data)
            if frame["t"] in {"ack", "nack"}:
                if (waiting := self._answers.pop(frame["cmid"], None)) and not waiting.done():
                    waiting.set_result(frame)
            elif frame["t"] == "hb":
                await self.say({"t": "hb"})
            self._take(frame)
        self.closed_with = self.socket.close_code
        for waiting in self._answers.values():
            if not waiting.done():
                waiting.set_exception(ConnectionError("the socket closed"))
        self._changed.set()


class EventObserver(Follower):
    """Over server-sent events; sends by REST."""

    async def connect(self) -> None:
        headers = dict(self.site.headers)
        if self.view.line:
            headers["last-event-id"] = self.view.line
        path = f"{self.site.base}/v1/conversations/{self.conversation}/stream"
        self._answer = await self.site.http.get(path, headers=headers, timeout=aiohttp.ClientTimeout(total=None))
        assert self._answer.status == 200, await self._answer.text()
        self._start(self._read())

    async def close(self) -> None:
        await super().close()
        self._answer.close()

    async def _read(self) -> None:
        async for line in self._answer.content:
            if line.startswith(b"data: "):
                self._take(json.loads(line[6:]))
        self.closed_with = 0
        self._changed.set()


class PollObserver(Follower):
    """Over long poll; sends by REST."""

    async def connect(self) -> None:
        self._start(self._read())

    async def _read(self) -> None:
        cursor = self.view.line
        while True:
            path = f"{self.site.base}/v1/conversations/{self.conversation}/events"
            query = {"wait": "20", "cursor": cursor} if cursor else {"wait": "20"}
            async with self.site.http.get(path, params=query, headers=self.site.headers) as answer:
                if answer.status != 200:
                    self.closed_with = answer.status
                    return
                page = await answer.json()
            for frame in page["data"]:
                self._take(frame)
            cursor = page["cursor"]


OBSERVERS: dict[str, type[SocketObserver | EventObserver | PollObserver]] = {
    "websocket": SocketObserver,
    "events": EventObserver,
    "poll": PollObserver,
}


@asynccontextmanager
async def observing(
    transport: str, site: Site, conversation: str, view: View | None = None
) -> AsyncIterator[SocketObserver | EventObserver | PollObserver]:
    """An observer from where `view` stands, or from the beginning."""
    observer = OBSERVERS[transport](site, conversation, view if view is not None else View())
    await observer.connect()
    try:
        yield observer
    finally:
        await observer.close()

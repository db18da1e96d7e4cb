"""Clients that drive the application without a network: a WebSocket, and an answer that comes in pieces."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import msgspec

PATIENCE_S = 5.0


def request_scope(method: str, path: str, headers: Mapping[str, str], kind: str = "http") -> dict[str, Any]:
    """What a server tells an application of a request."""
    route, _, query = path.partition("?")
    return {
        "type": kind,
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "path": route,
        "raw_path": route.encode(),
        "root_path": "",
        "scheme": "http",
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()],
        "client": ("127.0.0.1", 5),
        "server": ("testserver", 80),
        "extensions": {},
        "subprotocols": [],
        "state": {},
    }


class Wire:
    """Stands in for uvicorn's side of a socket, which takes frames at once while its peer reads."""

    def __init__(self, client: SocketClient) -> None:
        self.on_beat: Callable[[], None] | None = None
        self.on_text: Callable[[str], bool] | None = None
        self._client = client

    def write_text(self, frame: bytes) -> bool:
        """False while the peer does not read."""
        if not self._client.reading.is_set() or self._client.code is not None:
            return False
        self._client.take(frame)
        return True

    def settle(self) -> None:
        """It holds nothing of a handshake."""

    def drop(self) -> None:
        """The connection is ended without a word."""
        self._client.dropped = True
        self._client.reading.set()


class SocketClient:
    """One WebSocket. While `reading` is clear it takes nothing, as a peer whose buffers are full."""

    def __init__(self, app: Any, headers: Mapping[str, str], path: str = "/v1/ws") -> None:
        self.code: int | None = None
        self.reason = ""
        self.dropped = False
        self.frames: list[dict[str, Any]] = []
        self.reading = asyncio.Event()
        self.reading.set()
        self._incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._incoming.put_nowait({"type": "websocket.connect"})
        self._changed = asyncio.Event()
        self._seen = 0
        scope = request_scope("GET", path, headers, "websocket")
        self.wire = scope["extensions"]["miaohui.socket"] = Wire(self)
        self._task = asyncio.create_task(app(scope, self._incoming.get, self._take))

    def say(self, **frame: Any) -> None:
        """One frame."""
        self.say_text(msgspec.json.encode(frame).decode())

    def say_text(self, text: str) -> None:
        """Any text."""
        take = self.wire.on_text
        if take is None or not self._incoming.empty() or not take(text):
            self._incoming.put_nowait({"type": "websocket.receive", "text": text})

    def say_bytes(self, data: bytes) -> None:
        """A binary frame."""
        self._incoming.put_nowait({"type": "websocket.receive", "bytes": data})

    async def greet(self, token: str, **more: Any) -> dict[str, Any]:
        """Say hello; the welcome."""
        self.say(t="hello", v=1, token=token, **more)
        return await self.next("welcome")

    async def next(self, kind: str) -> dict[str, Any]:
        """The next frame of this kind; those before it are passed over. Raises `TimeoutError`."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                while self._seen < len(self.frames):
                    self._seen += 1
                    if self.frames[self._seen - 1]["t"] == kind:
                        return self.frames[self._seen - 1]
                self._changed.clear()
                await self._changed.wait()

    async def closed(self) -> int:
        """The close code, once there is one."""
        async with asyncio.timeout(PATIENCE_S):
            while self.code is None:
                self._changed.clear()
                await self._changed.wait()
        return self.code

    def take(self, frame: bytes) -> None:
        """A frame has arrived."""
        self.frames.append(msgspec.json.decode(frame))
        self._changed.set()

    async def leave(self) -> None:
        """Close it from this side and wait until the application has let go."""
        self.reading.set()
        self._incoming.put_nowait({"type": "websocket.disconnect", "code": 1000})
        async with asyncio.timeout(PATIENCE_S):
            await self._task

    async def _take(self, message: dict[str, Any]) -> None:
        await self.reading.wait()
        if message["type"] == "websocket.send":
            self.take(message["text"].encode())
        elif message["type"] == "websocket.close":
            self.code, self.reason = message["code"], message.get("reason", "")
            self._incoming.put_nowait({"type": "websocket.disconnect", "code": self.code})
        self._changed.set()


class StreamClient:
    """One request that is answered in pieces."""

    def __init__(self, app: Any, scope: dict[str, Any], body: bytes) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.text = ""
        self.ended = False
        self.reading = asyncio.Event()
        self.reading.set()
        self._gone = asyncio.Event()
        self._requests = [{"type": "http.request", "body": body, "more_body": False}]
        self._changed = asyncio.Event()
        self._task = asyncio.create_task(app(scope, self._receive, self._take))

    @property
    def events(self) -> list[tuple[str, Any]]:
        """Name and data of every whole event so far."""
        found = []
        for block in self.text.split("\n\n")[:-1]:
            fields = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
            if "data" in fields:
                found.append((fields.get("event", ""), msgspec.json.decode(fields["data"])))
        return found

    async def began(self) -> None:
        """The head is here."""
        await self.until(lambda: bool(self.status))

    async def until(self, condition: Any) -> None:
        """Wait until it is so. Raises `TimeoutError`."""
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self._changed.clear()
                if self._task.done():
                    await self._task
                await self._changed.wait()

    async def leave(self) -> None:
        """Disconnect and wait until the application has let go."""
        self._gone.set()
        self.reading.set()
        async with asyncio.timeout(PATIENCE_S):
            with suppress(ConnectionAbortedError):
                await self._task

    async def _receive(self) -> dict[str, Any]:
        if self._requests:
            return self._requests.pop(0)
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _take(self, message: dict[str, Any]) -> None:
        await self.reading.wait()
        if self._gone.is_set():
            raise OSError("the client is gone")
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode("latin-1") for name, value in message["headers"]}
        else:
            self.text += message.get("body", b"").decode()
            self.ended = not message.get("more_body", False)
        self._changed.set()

"""A provider made of one socket: speaks OpenAI's stream, with faults by script.

    python -m miaohui.testing.upstream --port 9100 --chunks 40 --gap-ms 20 --first-ms 400

The model's name may choose a fault (`fault:429`, `fault:stall`; `FAULTS` lists them) and a number of chunks
(`chunks:8`). `POST /control` with `{"faults": ["500", "ok"]}` plays a list, one entry per request, before the model's
name counts. `GET /stats` tells requests, finished and aborted streams. Many streams are driven by one timer, and every
byte is encoded beforehand, so that it can be the other half of a load test on one machine.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import zlib
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, cast

import click
import msgspec

from miaohui.testing.faults import FAULTS, Script, build_script, redirect
from miaohui.testing.wire import Act, Close, Wait

_TICK_S = 0.001


class UpstreamOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How the provider answers when no fault is asked for."""

    chunks: int = 40
    gap_ms: float = 20.0
    first_ms: float = 400.0
    first_ms_max: float = 0.0
    """When over `first_ms`, first-content latency is spread evenly between the two."""
    text: str = "您好，关于您的问题：商品签收后七天内可以申请退货，请在订单页点击申请售后并选择退货退款。"


class Upstream:
    """The provider and what it has seen."""

    def __init__(self, options: UpstreamOptions | None = None) -> None:
        self.options = options or UpstreamOptions()
        self.faults: deque[str] = deque()
        self.requests = 0
        self.finished = 0
        self.aborted = 0
        """Streams whose client left before their end."""
        self.bodies: deque[dict[str, Any]] = deque(maxlen=100)
        self.heads: deque[bytes] = deque(maxlen=100)
        self.accepts: set[str] | None = None
        """Keys that hold; None takes any, and none at all."""
        self.redirects_to = ""
        """Where the fault `redirect` sends its client; empty: to a port where nobody listens."""
        self.short_by = 0
        """So many vectors are left out of an answer."""
        self.connections = 0
        self._scripts: dict[str, Script] = {}
        self._wheel: list[tuple[float, int, _Peer]] = []
        self._order = itertools.count()
        self._rings_at = 0.0
        self._handle: asyncio.TimerHandle | None = None
        self._server: asyncio.Server | None = None
        self._peers: set[_Peer] = set()
        self.port = 0

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> Upstream:
        """Listen; `port` is then known."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Peer(self), host, port, backlog=4096)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def close(self) -> None:
        """Stop listening and cut every connection."""
        if self._server is not None:
            self._server.close()
        for peer in tuple(self._peers):
            peer.cut()
        if self._handle is not None:
            self._handle.cancel()

    @property
    def url(self) -> str:
        """Base URL for a client."""
        return f"http://127.0.0.1:{self.port}/v1"

    def script_for(self, model: str) -> Script:
        """What to play for this request."""
        return self.find_script(self.faults.popleft() if self.faults else model.removeprefix("fault:"))

    def find_script(self, name: str) -> Script:
        """The script of this name, made once."""
        script = self._scripts.get(name)
        if script is None:
            script = self._scripts[name] = build_script(name, self.options)
        return script

    def first_delay_s(self) -> float:
        """Seconds until the first content of the next answer."""
        low, high = self.options.first_ms, max(self.options.first_ms_max, self.options.first_ms)
        # Weyl's sequence: even over the range, and the same in every run.
        return (low + (high - low) * (self.requests * 0.618033988749895 % 1.0)) / 1000

    def later(self, seconds: float, peer: _Peer) -> None:
        """Let `peer` go on after so long; all of them share one timer."""
        loop = asyncio.get_running_loop()
        at = loop.time() + seconds
        heapq.heappush(self._wheel, (at, next(self._order), peer))
        if self._handle is None or at < self._rings_at - _TICK_S:
            self._set_timer(at)

    def _set_timer(self, at: float) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._rings_at = at
        self._handle = asyncio.get_running_loop().call_at(at, self._turn)

    def _turn(self) -> None:
        self._handle = None
        due = asyncio.get_running_loop().time() + _TICK_S
        wheel = self._wheel
        while wheel and wheel[0][0] <= due:
            heapq.heappop(wheel)[2].go_on()
        if wheel and self._handle is None:
            self._set_timer(wheel[0][0])

    def join(self, peer: _Peer) -> None:
        """A client connected."""
        self.connections += 1
        self._peers.add(peer)

    def leave(self, peer: _Peer) -> None:
        """A client is gone."""
        self._peers.discard(peer)

    def stats(self) -> dict[str, int]:
        """What `GET /stats` tells."""
        return {
            "requests": self.requests,
            "finished": self.finished,
            "aborted": self.aborted,
            "connections": self.connections,
            "open": len(self._peers),
        }


class _Peer(asyncio.Protocol):
    """One client connection."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._buffer = b""
        self._acts: Sequence[Act] = ()
        self._next = 0
        self._playing = False
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._upstream.join(self)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if self._playing:
            self._upstream.aborted += 1
            self._playing = False
        self._upstream.leave(self)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while not self._playing:
            head, blank, rest = self._buffer.partition(b"\r\n\r\n")
            if not blank:
                return
            length = _content_length(head)
            if len(rest) < length:
                return
            self._buffer = rest[length:]
            self._answer(head, rest[:length])

    def _answer(self, head: bytes, body: bytes) -> None:
        upstream = self._upstream
        if head.startswith(b"GET /stats"):
            self._reply(upstream.stats())
        elif head.startswith(b"GET"):
            self._reply({"object": "list", "data": [{"id": "sim", "object": "model"}]})
        elif head.startswith(b"POST /control"):
            upstream.faults.extend(msgspec.json.decode(body).get("faults", ()))
            self._reply({"faults": list(upstream.faults), "known": sorted(FAULTS)})
        else:
            self._serve(head, body)

    def _serve(self, head: bytes, body: bytes) -> None:
        upstream = self._upstream
        ask = msgspec.json.decode(body)
        upstream.requests += 1
        upstream.bodies.append(ask)
        upstream.heads.append(head)
        script = upstream.script_for("fault:401" if self._is_refused(head) else ask.get("model", ""))
        if b"/embeddings " in head.partition(b"\r\n")[0] and not script.faulty:
            answer = _embed(ask)
            self._reply(answer | {"data": answer["data"][upstream.short_by :]})
            return
        if not ask.get("stream") and "input" not in ask:
            self._reply(script.plain)
            return
        if upstream.redirects_to and script is upstream.find_script("redirect"):
            script = script._replace(acts=tuple(redirect(upstream.redirects_to)))
        self._acts, self._next, self._playing = script.acts, 0, True
        if script.faulty:
            self.go_on()
        else:
            upstream.later(upstream.first_delay_s(), self)

    def _is_refused(self, head: bytes) -> bool:
        accepts = self._upstream.accepts
        return accepts is not None and not any(f"Bearer {key}\r\n".encode() in head for key in accepts)

    def _reply(self, payload: Any) -> None:
        body = msgspec.json.encode(payload)
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        self._transport.write(head + body)

    def go_on(self) -> None:
        """Play on until the next wait."""
        while self._playing and self._next < len(self._acts):
            act = self._acts[self._next]
            self._next += 1
            if isinstance(act, bytes):
                self._transport.write(act)
            elif isinstance(act, Wait):
                self._upstream.later(act.seconds, self)
                return
            else:
                self._end(act)
                return
        self._finish()

    def _end(self, act: Close) -> None:
        self._playing = False
        if act.reset:
            self._transport.abort()
        else:
            self._transport.close()

    def _finish(self) -> None:
        if self._playing:
            self._playing = False
            self._upstream.finished += 1
            if self._buffer:
                self.data_received(b"")

    def cut(self) -> None:
        """Close at once."""
        self._transport.abort()


def _embed(ask: dict[str, Any]) -> dict[str, Any]:
    """Vectors of one length that differ from text to text; the last comes first, as the protocol allows."""
    size = ask.get("dimensions") or 8
    data = [
        {
            "object": "embedding",
            "index": place,
            "embedding": [zlib.crc32(f"{part}:{text}".encode()) / 2**32 for part in range(size)],
        }
        for place, text in enumerate(ask["input"])
    ]
    tokens = sum(map(len, ask["input"]))
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "model": ask["model"], "data": data[::-1], "usage": usage}


def _content_length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"content-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=9100, show_default=True)
@click.option("--chunks", default=40, show_default=True)
@click.option("--gap-ms", default=20.0, show_default=True)
@click.option("--first-ms", default=400.0, show_default=True)
@click.option("--first-ms-max", default=0.0, show_default=True, help="Spread the first latency up to this.")
@click.option("--text", default=UpstreamOptions().text, help="What the answer says, over and over.")
def main(host: str, port: int, **options: Any) -> None:
    """Run the scripted provider until interrupted."""

    async def serve() -> None:
        upstream = await Upstream(UpstreamOptions(**options)).start(host, port)
        click.echo(f"listening on {upstream.url}")
        await asyncio.Event().wait()

    with asyncio.Runner(loop_factory=_find_loop_factory()) as runner:
        runner.run(serve())


def _find_loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop  # noqa: PLC0415 -- absent on Windows
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop


if __name__ == "__main__":
    main()

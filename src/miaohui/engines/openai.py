"""Any server that speaks `POST /chat/completions` with `stream: true`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from urllib.parse import quote

import msgspec

from miaohui.engines.assembly import Assembly
from miaohui.engines.connection import Connection
from miaohui.engines.embeddings import build_embedding, read_embedding
from miaohui.engines.errors import EngineFailed
from miaohui.engines.pool import Origin, Pool, PoolOptions, parse_origin
from miaohui.engines.providers import OPENAI, Provider, Shape
from miaohui.engines.reading import Reader
from miaohui.engines.tokens import estimate_tokens
from miaohui.engines.types import EngineRequest, Finished, Piece, Started, Text, ToolCalls, Usage
from miaohui.engines.watch import Deadlines, Watchdog
from miaohui.kit.clock import Clock, SystemClock
from miaohui.kit.errors import FieldError, Invalid
from miaohui.kit.tracing import TRACES


class OpenAIOptions(msgspec.Struct, frozen=True, kw_only=True):
    """One route: a model at a provider. The key is never shown."""

    url: str
    """Base URL with the version, such as `https://api.example.com/v1`."""
    model: str
    key: str = ""
    provider: Provider = OPENAI
    """Whose ways it has."""
    api_version: str = ""
    """Azure's; part of the address."""
    name: str = ""
    """The route's name in the journal; the model's when empty."""
    connect_ms: int = 1000
    first_content_ms: int = 5000
    """Until the first word of the answer; comments and empty chunks do not count."""
    idle_ms: int = 10_000
    """Between two words."""
    total_s: float = 60.0
    coalesce_ms: int = 80
    """How long chunks gather after the first content before they are read together."""
    temperature: float | None = 0.2
    done_suffices: bool = False
    """Accept `[DONE]` without a `finish_reason` as a whole answer."""
    connections: int = 4096
    public_only: bool = False
    """Nothing is said to an address inside this network."""

    def __repr__(self) -> str:
        return f"OpenAIOptions(url={self.url!r}, model={self.model!r}, key={'***' if self.key else ''!r})"


class OpenAICompatible:
    """An engine behind an OpenAI-shaped API; see `engines.ports.Engine`."""

    def __init__(self, options: OpenAIOptions, *, clock: Clock | None = None) -> None:
        """Raises `Invalid` for a URL or a key that cannot be sent."""
        origin = parse_origin(options.url)
        self._options = options
        self._clock = clock or SystemClock()
        self._deadlines = Deadlines(
            first_content_s=options.first_content_ms / 1000, idle_s=options.idle_ms / 1000, total_s=options.total_s
        )
        bounds = PoolOptions(
            connections=options.connections, connect_ms=options.connect_ms, public_only=options.public_only
        )
        self._pool = Pool(origin, bounds)
        self._head = _build_head(origin, options, "/chat/completions")
        self._embedding_head = _build_head(origin, options, "/embeddings")
        self._shape = Shape(options.provider, options.model, options.temperature)
        self.name = options.name or options.model

    async def stream(self, request: EngineRequest) -> AsyncGenerator[Piece, None]:
        """One attempt. Raises `EngineFailed`; leaving it early closes the upstream at once."""
        if request.embeds:
            async with aclosing(self._embed(request)) as pieces:
                async for piece in pieces:
                    yield piece
            return
        loop = asyncio.get_running_loop()
        began = loop.time()
        payload = self._build_request(request)
        connection = await self._pool.begin(payload)
        watchdog = Watchdog(self._deadlines, connection)
        provider = self._options.provider
        suffices = self._options.done_suffices or provider.done_suffices
        assembly = Assembly(done_suffices=suffices, codes=provider.codes)
        answer: list[str] = []
        first_content_ms = 0.0
        try:
            yield Started(attempt=1, route=self.name)
            connection = await self._reach(connection, payload, watchdog)
            reader = Reader(connection, watchdog, assembly, self._clock)
            while (text := await reader.next_text()) is not None:
                if not answer:
                    first_content_ms = (loop.time() - began) * 1000
                    connection.coalesce(self._options.coalesce_ms / 1000)
                answer.append(text)
                yield Text(text)
            reason = assembly.conclude(whole=connection.complete)
            calls = assembly.calls
        except EngineFailed as failure:
            failure.usage = _read_usage(assembly)
            raise
        finally:
            watchdog.stop()
            self._pool.release(connection)
        if calls:
            answer += [call.function.name + call.function.arguments for call in calls]
            yield ToolCalls(calls)
        usage = _count_usage(assembly, request, answer)
        yield Finished(route=self.name, reason=reason, usage=usage, first_content_ms=first_content_ms)

    async def _embed(self, request: EngineRequest) -> AsyncGenerator[Piece, None]:
        payload = build_embedding(self._embedding_head, self._options.model, request)
        connection = await self._pool.begin(payload)
        watchdog = Watchdog(self._deadlines, connection)
        try:
            yield Started(attempt=1, route=self.name)
            connection = await self._reach(connection, payload, watchdog)
            made = await read_embedding(connection, request, self._options.provider.codes, self._clock)
        finally:
            watchdog.stop()
            self._pool.release(connection)
        yield made.vectors
        yield Finished(route=self.name, reason="stop", usage=made.usage, first_content_ms=0.0)

    def _build_request(self, request: EngineRequest) -> bytes:
        body = self._shape.build(request.messages, request.max_output_tokens, request.parameters)
        trace = TRACES.header(request.turn_id, request.turn_id, "engine")
        line = f"\r\ntraceparent: {trace}".encode("ascii") if trace else b""
        return b"%b%d%b\r\n\r\n%b" % (self._head, len(body), line, body)

    async def _reach(self, connection: Connection, payload: bytes, watchdog: Watchdog) -> Connection:
        """Wait for the headers; a kept connection that the other side had closed is replaced, once."""
        try:
            await connection.head()
        except EngineFailed:
            if not connection.was_stale:
                raise
            connection = await self._pool.begin_anew(payload)
            watchdog.connection = connection
            await connection.head()
        return connection

    async def close(self) -> None:
        """Close idle connections."""
        await self._pool.close()


def _build_head(origin: Origin, options: OpenAIOptions, verb: str) -> bytes:
    """Everything of a request before its length; made once, so that no turn handles the key."""
    key = options.key
    if not key.isascii() or (key and not key.isprintable()):
        detail = "printable ASCII characters"
        raise Invalid("The engine's key holds characters that cannot be sent.", errors=[FieldError("$.key", detail)])
    version = f"?api-version={quote(options.api_version, safe='')}" if options.api_version else ""
    bearer = "api-key: " if options.provider.auth == "api-key" else "Authorization: Bearer "
    lines = [
        f"POST {origin.path}{verb}{version} HTTP/1.1",
        f"Host: {origin.authority}",
        "Content-Type: application/json",
        "Accept: text/event-stream, application/json",
        "Accept-Encoding: identity",
        "User-Agent: Miaohui",
        *([bearer + key] if key else []),
        "Content-Length: ",
    ]
    return "\r\n".join(lines).encode("ascii")


def _count_usage(assembly: Assembly, request: EngineRequest, answer: list[str]) -> Usage:
    usage = _read_usage(assembly)
    if usage is not None:
        return usage
    asked = sum(estimate_tokens(message.content) for message in request.messages)
    return Usage(input_tokens=asked, output_tokens=estimate_tokens("".join(answer)), estimated=True)


def _read_usage(assembly: Assembly) -> Usage | None:
    if assembly.usage is None:
        return None
    return Usage(
        input_tokens=assembly.usage[0],
        output_tokens=assembly.usage[1],
        estimated=False,
        cached_tokens=assembly.cached_tokens,
        reasoning_tokens=assembly.reasoning_tokens,
    )

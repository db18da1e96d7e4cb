"""The outermost layer of every request: its id, its size, its headers, and a clear answer whatever happens inside."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from miaohui.channels.problem import refuse_socket, respond, respond_status
from miaohui.channels.reading import header_of
from miaohui.kit import metrics
from miaohui.kit.errors import MiaohuiError, TooLarge
from miaohui.kit.ids import new_id
from miaohui.kit.telemetry import get_log

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from miaohui.channels.bounds import Bounds
    from miaohui.channels.protocols import ChunkWriter
    from miaohui.kit.clock import Clock

Endpoint = Callable[[Request], Awaitable[Response]]

FILES = "/v1/files"
DOCUMENTS = "/v1/knowledge/imports/file"
"""Where a body may be longer than elsewhere."""
API_CSP = b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_LENGTH = re.compile(r"\d{1,18}\Z")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
_PREFLIGHT = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, POST, PATCH, DELETE",
    "access-control-allow-headers": "authorization, content-type, idempotency-key, last-event-id, x-request-id",
    "access-control-max-age": "600",
}
_EXPOSED_NAMES = (
    b"x-request-id, link, retry-after, ratelimit, ratelimit-policy, "
    b"x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset, idempotent-replayed"
)
_EXPOSED = (b"access-control-expose-headers", _EXPOSED_NAMES)
_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", API_CSP),
)
_ALWAYS_OF_API = (*_ALWAYS, (b"cache-control", b"no-store"))

REQUESTS = metrics.counter("miaohui_http_requests_total", "Answered requests.", ("method", "status"))
SECONDS = metrics.histogram("miaohui_http_seconds", "From request to the first byte of the answer.", ("method",))
_requests, _seconds = cache(REQUESTS.labels), cache(SECONDS.labels)

_log = get_log(__name__)


class Front:
    """ASGI middleware around everything; sockets pass it by."""

    def __init__(
        self, app: ASGIApp, *, sockets: dict[str, ASGIApp], posts: dict[str, Endpoint], limits: Bounds, clock: Clock
    ) -> None:
        """`posts`: hot endpoints by path, which need nothing of what stands between here and the router."""
        self._app = app
        self._sockets = sockets
        self._posts = posts
        self._bounds = limits
        self._clock = clock
        self._roomy = {FILES: limits.file_bytes, DOCUMENTS: limits.document_bytes}

    def is_hot(self, scope: Scope) -> bool:
        """Whether it is served without asking the router."""
        if scope["type"] == "http":
            return scope["method"] == "POST" and scope["path"] in self._posts
        return bool(scope["type"] == "websocket")

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve one request or socket. No coroutine of its own: each would stand as long as a socket is open."""
        if scope["type"] == "http":
            return self._serve(scope, receive, send)
        if scope["type"] == "websocket":
            return self._socket_at(scope["path"])(scope, receive, send)
        return self._app(scope, receive, send)

    def _socket_at(self, path: str) -> ASGIApp:
        return self._sockets.get(path, _no_socket_here)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        state = scope.setdefault("state", {})
        state["request_id"] = _header(scope, b"x-request-id", _REQUEST_ID) or new_id("req")
        state["cors"] = b"*"
        answer = _Answer(scope, send, self._clock)
        try:
            if _is_preflight(scope):
                await Response(status_code=204, headers=_PREFLIGHT)(scope, receive, answer)
            else:
                limited = _Limited(scope, receive, self._roomy.get(scope["path"], self._bounds.body_bytes))
                hot = self._posts.get(scope["path"]) if scope["method"] == "POST" else None
                if hot is None:
                    await self._app(scope, limited, answer)
                else:
                    response = await hot(Request(scope, limited))
                    await response(scope, limited, answer)
        except MiaohuiError as error:
            await self._apologise(respond(error, scope), answer, scope, receive)
        except Exception as error:  # noqa: BLE001  whatever broke, the client is owed an answer
            _log.error("request.failed", path=scope["path"], request_id=state["request_id"], exc_info=error)
            detail = "This is a fault of ours. Try again; if it stays, tell us the request id."
            await self._apologise(respond(MiaohuiError(detail), scope), answer, scope, receive)

    async def _apologise(self, response: Response, answer: _Answer, scope: Scope, receive: Receive) -> None:
        if not answer.started:
            await response(scope, receive, answer)
        else:
            # The head is out; only breaking off tells the client that this is not the whole answer.
            raise ConnectionAbortedError("the answer broke off")


class _Answer:
    """`send` that adds what every answer carries."""

    __slots__ = ("_clock", "_scope", "_send", "_since", "started")

    def __init__(self, scope: Scope, send: Send, clock: Clock) -> None:
        self.started = False
        self._scope = scope
        self._send = send
        self._clock = clock
        self._since = clock.monotonic()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": self.begin(message["status"], message.get("headers", ()))}
        await self._send(message)

    def begin(self, status: int, given_headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """The answer begins, with these headers and more."""
        self.started = True
        method = self._scope["method"] if self._scope["method"] in _METHODS else "other"
        _requests(method, status).inc()
        _seconds(method).observe(self._clock.monotonic() - self._since)
        headers = list(given_headers)
        given = {name for name, _ in headers}
        state = self._scope["state"]
        headers.append((b"x-request-id", state["request_id"].encode()))
        more: tuple[tuple[bytes, bytes], ...] = _ALWAYS
        if self._scope["path"].startswith("/v1/"):
            more = _ALWAYS_OF_API
            if state["cors"]:
                more = (*more, (b"access-control-allow-origin", state["cors"]), _EXPOSED)
        return headers + [one for one in more if one[0] not in given]


class _Limited:
    """`receive` that gives out no more than the body limit."""

    __slots__ = ("_chunks", "_left", "_limit", "_receive")

    def __init__(self, scope: Scope, receive: Receive, limit: int) -> None:
        self._chunks: ChunkWriter | None = scope.get("extensions", {}).get("miaohui.chunks")
        self._receive = receive
        self._limit = limit
        declared = _header(scope, b"content-length", _LENGTH)
        self._left = limit if not declared or int(declared) <= limit else -1

    async def __call__(self) -> Message:
        self._count(b"")
        message = await self._receive()
        self._count(message.get("body", b""))
        return message

    def take(self) -> bytes | None:
        """The whole body, if it is here already and the server can give it at once."""
        self._count(b"")
        body = self._chunks.read() if self._chunks is not None else None
        if body is not None:
            self._count(body)
        return body

    def _count(self, body: bytes) -> None:
        self._left -= len(body)
        if self._left < 0:
            raise self._too_large()

    def _too_large(self) -> TooLarge:
        return TooLarge(f"A request body holds at most {self._limit} bytes.")


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _is_preflight(scope: Scope) -> bool:
    if scope["method"] != "OPTIONS" or not scope["path"].startswith("/v1/"):
        return False
    return {b"origin", b"access-control-request-method"} <= {name for name, _ in scope["headers"]}


def _header(scope: Scope, name: bytes, form: re.Pattern[str]) -> str:
    text = header_of(scope, name)
    return text if form.match(text) else ""


async def _no_socket_here(scope: Any, receive: Receive, send: Send) -> None:
    await receive()
    response = respond_status({**scope, "state": scope.get("state", {})}, 404, "There is no socket at this path.")
    if not await refuse_socket(scope, send, response):
        await send({"type": "websocket.close", "code": 1000})

"""Connections to one upstream, kept for the next turn."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from urllib.parse import urlsplit

import msgspec

from miaohui.engines.classify import Failure, FailureClass
from miaohui.engines.connection import Connection
from miaohui.engines.errors import failed
from miaohui.engines.slots import Slots
from miaohui.engines.wheel import Wheel
from miaohui.kit.addresses import is_public
from miaohui.kit.errors import FieldError, Invalid


class PoolOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of one pool."""

    connections: int = 4096
    """Exchanges at once; more wait for at most `connect_ms`, then fail over."""
    idle: int = 1024
    """Connections kept open while nothing travels on them."""
    idle_s: float = 30.0
    """Longer unused ones are not trusted."""
    connect_ms: int = 1000
    """Name lookup, TCP and TLS together."""
    public_only: bool = False
    """A connection that leads into this network is closed before anything is said on it."""


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where an upstream is."""

    host: str
    port: int
    secure: bool
    path: str
    """Path of the base URL without a slash at its end."""

    @property
    def authority(self) -> str:
        """Value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"


def parse_origin(url: str) -> Origin:
    """Origin of a base URL such as `https://api.example.com/v1`. Raises `Invalid`."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _bad_url() from None
    clean = url.isascii() and url.isprintable() and " " not in url
    if not clean or parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.query:
        raise _bad_url()
    secure = parts.scheme == "https"
    return Origin(host=parts.hostname, port=port or (443 if secure else 80), secure=secure, path=parts.path.rstrip("/"))


def _bad_url() -> Invalid:
    detail = "an http or https address without credentials or query, such as https://api.example.com/v1"
    return Invalid(f"The engine's URL must be {detail}.", errors=[FieldError("$.engine_url", detail)])


class Pool:
    """Hands out connections; the youngest idle one first, so that the others may age and close."""

    def __init__(self, origin: Origin, options: PoolOptions) -> None:
        self._origin = origin
        self._options = options
        self._idle: deque[Connection] = deque()
        self._slots = Slots(options.connections)
        self._wheel: Wheel | None = None
        self._closed = False
        self._ssl = ssl.create_default_context() if origin.secure else None

    async def begin(self, request: bytes) -> Connection:
        """Send a request on an idle or a new connection. Raises `EngineFailed`."""
        if not self._slots.take_free():
            await self._take_slot()
        connection: Connection | None = None
        try:
            connection = self._pop_idle() or await self._connect()
            connection.begin(request)
        finally:
            if connection is None:
                self._slots.give_back()
        return connection

    async def begin_anew(self, request: bytes) -> Connection:
        """Send on a new connection what a stale one swallowed, in the same slot. Raises `EngineFailed`."""
        connection = await self._connect()
        connection.begin(request)
        return connection

    async def _take_slot(self) -> None:
        try:
            async with asyncio.timeout(self._options.connect_ms / 1000):
                await self._slots.take()
        except TimeoutError:
            raise failed(_EXHAUSTED) from None

    def _pop_idle(self) -> Connection | None:
        oldest = asyncio.get_running_loop().time() - self._options.idle_s
        while self._idle:
            connection = self._idle.pop()
            if connection.idle_since >= oldest and not connection.is_closed:
                return connection
            connection.abort()
        return None

    async def _connect(self) -> Connection:
        loop = asyncio.get_running_loop()
        wheel = self._wheel = self._wheel or Wheel(loop)
        origin = self._origin
        try:
            async with asyncio.timeout(self._options.connect_ms / 1000):
                _, connection = await loop.create_connection(
                    lambda: Connection(loop, wheel), origin.host, origin.port, ssl=self._ssl
                )
        except TimeoutError:
            raise failed(_CONNECT_SLOW) from None
        except (OSError, UnicodeError):
            raise failed(_UNREACHABLE) from None
        if self._options.public_only and not is_public(connection.peer):
            connection.abort()
            raise failed(_UNREACHABLE)
        return connection

    def release(self, connection: Connection) -> None:
        """Take a connection back: kept when its response was complete, closed at once when not."""
        self._slots.give_back()
        if connection.release(asyncio.get_running_loop().time()):
            if self._closed:
                connection.abort()
                return
            self._idle.append(connection)
            if len(self._idle) > self._options.idle:
                self._idle.popleft().abort()

    async def close(self) -> None:
        """Close what is idle, and what is in use when it comes back."""
        self._closed = True
        while self._idle:
            self._idle.pop().abort()


_EXHAUSTED = Failure(failure_class=FailureClass.TRANSIENT, code="pool_exhausted", detail="too many turns at once")
_CONNECT_SLOW = Failure(failure_class=FailureClass.TIMEOUT, code="connect_timeout", detail="the engine did not accept")
_UNREACHABLE = Failure(failure_class=FailureClass.TRANSIENT, code="unreachable", detail="the engine is not reachable")

"""The one way to an address that somebody else gave us: guarded, bounded, and never by surprise to another place."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol, Self
from urllib.parse import urljoin

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from miaohui.kit.addresses import check_url, is_public
from miaohui.kit.errors import MiaohuiError

if TYPE_CHECKING:
    from types import TracebackType

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PIECE = 65_536


class Unreachable(MiaohuiError):
    """The other side could not be asked, or its answer was not taken; `code` says why.

    `timeout`, `too_large`, `encoded`, `redirects`, `not_public`, or `unreachable`.
    """

    status = 502
    code = "unreachable"
    title = "An address outside could not be asked"
    retryable = True


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """One request."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = {}
    body: bytes = b""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of one request, all hops together."""

    total_s: float = 20.0
    connect_s: float = 5.0
    answer_bytes: int = 10_485_760
    redirects: int = 0
    """How many are followed, each checked like the first address; with 0 a redirect is simply the answer."""


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    url: str
    """Where it came from, after redirects."""


class Resolver(Protocol):
    """Looks a name up."""

    async def resolve(self, host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
        """Addresses of a name."""
        ...

    async def close(self) -> None:
        """Let go."""
        ...


class Fetcher:
    """Asks addresses outside this network only, unless `allow_private`.

    A name is looked up once per connection, what is not public is dropped, and what is left is connected to: there is
    no second look-up between the check and the connection.
    """

    def __init__(
        self, *, allow_private: bool = False, limits: Limits | None = None, resolver: Resolver | None = None
    ) -> None:
        self._allow_private = allow_private
        self._limits = limits or Limits()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=_Guarded(resolver or ThreadedResolver(), allow_private=allow_private),
                limit=100,
                use_dns_cache=False,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
        )

    async def fetch(self, ask: Ask, limits: Limits | None = None) -> Fetched:
        """One answer, of any status. Raises `Invalid` for an address we do not call, `Unreachable`."""
        bounds = limits or self._limits
        try:
            async with asyncio.timeout(bounds.total_s):
                return await self._follow(ask, bounds)
        except TimeoutError:
            raise Unreachable("The address did not answer in time.", code="timeout") from None
        except (aiohttp.ClientError, OSError) as error:
            code = "not_public" if isinstance(_root(error), _NotPublic) else "unreachable"
            raise Unreachable(f"The address could not be reached ({type(error).__name__}).", code=code) from None

    async def _follow(self, ask: Ask, bounds: Limits) -> Fetched:
        for _ in range(bounds.redirects + 1):
            check_url(ask.url, allow_private=self._allow_private)
            fetched = await self._one(ask, bounds)
            target = fetched.headers.get("location", "")
            if not bounds.redirects or fetched.status not in _REDIRECTS or not target:
                return fetched
            # Credentials and a body are for the address that was asked, not for where it points.
            ask = Ask(url=urljoin(ask.url, target))
        raise Unreachable("The address sends from one place to another for ever.", code="redirects")

    async def _one(self, ask: Ask, bounds: Limits) -> Fetched:
        headers = {"accept-encoding": "identity", "user-agent": "Miaohui", **ask.headers}
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=bounds.connect_s)
        async with self._session.request(
            ask.method, ask.url, data=ask.body or None, headers=headers, allow_redirects=False, timeout=timeout
        ) as response:
            self._check_peer(response)
            if response.headers.get("content-encoding", "identity").lower() != "identity":
                raise Unreachable("The answer is compressed, which was not asked for.", code="encoded")
            return Fetched(
                status=response.status,
                headers={name.lower(): value for name, value in response.headers.items()},
                body=await _read(response, bounds.answer_bytes),
                url=ask.url,
            )

    def _check_peer(self, response: aiohttp.ClientResponse) -> None:
        """A second wall: the connection really goes where the look-up said."""
        connection = response.connection
        peer = connection.transport.get_extra_info("peername") if connection and connection.transport else None
        if peer and not self._allow_private and not is_public(peer[0]):
            raise _NotPublic

    async def close(self) -> None:
        """Close idle connections."""
        await self._session.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class _NotPublic(OSError):
    """A name leads into this network."""


class _Guarded(AbstractResolver):
    """Keeps only addresses that may be called."""

    def __init__(self, inner: Resolver, *, allow_private: bool) -> None:
        self._inner = inner
        self._allow_private = allow_private

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if not self._allow_private:
            found = [one for one in found if is_public(one["host"])]
        if not found:
            raise _NotPublic(None, "no public address")
        return found

    async def close(self) -> None:
        await self._inner.close()


async def _read(response: aiohttp.ClientResponse, most: int) -> bytes:
    body = bytearray()
    async for piece in response.content.iter_chunked(_PIECE):
        body += piece
        if len(body) > most:
            raise Unreachable(f"The answer is longer than {most} bytes.", code="too_large")
    return bytes(body)


def _root(error: BaseException) -> BaseException:
    """`ClientConnectorDNSError` and its like carry what really happened."""
    inner = getattr(error, "os_error", None) or error.__cause__
    return _root(inner) if isinstance(inner, BaseException) and inner is not error else error

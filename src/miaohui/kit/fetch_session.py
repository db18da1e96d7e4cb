"""Connections to addresses outside, over aiohttp: who is connected to, and how much is read."""

from __future__ import annotations

import socket

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from miaohui.kit.addresses import is_public
from miaohui.kit.fetch_types import Ask, Fetched, Limits, Resolver, Unreachable

_PIECE = 65_536


class Session:
    """Connections that are kept and used again. Make it in a running event loop."""

    def __init__(self, resolver: Resolver | None, *, allow_private: bool) -> None:
        self._allow_private = allow_private
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

    async def ask(self, ask: Ask, bounds: Limits) -> Fetched:
        """One answer, a redirect among them. Raises `TimeoutError`, `Unreachable`."""
        try:
            return await self._ask(ask, bounds)
        except TimeoutError:
            raise
        except (aiohttp.ClientError, OSError) as error:
            code = "not_public" if isinstance(_root(error), _NotPublic) else "unreachable"
            raise Unreachable(f"The address could not be reached ({type(error).__name__}).", code=code) from None

    async def _ask(self, ask: Ask, bounds: Limits) -> Fetched:
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

"""What is asked of an address outside, what comes back, and what may go wrong."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

import msgspec

from miaohui.kit.errors import MiaohuiError

if TYPE_CHECKING:
    from aiohttp.abc import ResolveResult


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

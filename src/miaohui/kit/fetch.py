"""The one way to an address that somebody else gave us: guarded, bounded, and never by surprise to another place."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self
from urllib.parse import urljoin

from miaohui.kit.addresses import check_url
from miaohui.kit.fetch_types import Ask, Fetched, Limits, Resolver, Unreachable

if TYPE_CHECKING:
    from types import TracebackType

    from miaohui.kit.fetch_session import Session

__all__ = ["Ask", "Fetched", "Fetcher", "Limits", "Resolver", "Unreachable", "load"]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


def load() -> type[Session]:
    """What connections are made of. aiohttp and its certificates take 0.15 s, which a start does not wait for."""
    from miaohui.kit.fetch_session import Session  # noqa: PLC0415

    return Session


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
        self._resolver = resolver
        self._session: Session | None = None

    async def fetch(self, ask: Ask, limits: Limits | None = None) -> Fetched:
        """One answer, of any status. Raises `Invalid` for an address we do not call, `Unreachable`."""
        bounds = limits or self._limits
        try:
            async with asyncio.timeout(bounds.total_s):
                return await self._follow(ask, bounds)
        except TimeoutError:
            raise Unreachable("The address did not answer in time.", code="timeout") from None

    async def _follow(self, ask: Ask, bounds: Limits) -> Fetched:
        for _ in range(bounds.redirects + 1):
            check_url(ask.url, allow_private=self._allow_private)
            fetched = await self._open().ask(ask, bounds)
            target = fetched.headers.get("location", "")
            if not bounds.redirects or fetched.status not in _REDIRECTS or not target:
                return fetched
            # Credentials and a body are for the address that was asked, not for where it points.
            ask = Ask(url=urljoin(ask.url, target))
        raise Unreachable("The address sends from one place to another for ever.", code="redirects")

    def _open(self) -> Session:
        if self._session is None:
            self._session = load()(self._resolver, allow_private=self._allow_private)
        return self._session

    async def close(self) -> None:
        """Close idle connections."""
        if self._session is not None:
            await self._session.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

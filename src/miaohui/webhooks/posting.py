"""The one place that calls an address which a tenant gave us."""

from __future__ import annotations

import socket
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from miaohui.webhooks.policy import check_url, is_public, sign
from miaohui.webhooks.types import Answer, Delivery

TIMEOUT_S = 20.0


class Poster:
    """Sends deliveries, signed, to public addresses only."""

    def __init__(self, *, allow_private: bool = False, timeout_s: float = TIMEOUT_S) -> None:
        self._allow_private = allow_private
        resolver = None if allow_private else _PublicResolver()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=resolver, limit=100, use_dns_cache=False),
            timeout=aiohttp.ClientTimeout(total=timeout_s),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
        )

    async def post(self, delivery: Delivery, now_ms: int) -> Answer:
        """One attempt; every failure is an answer."""
        body = delivery.payload.encode()
        seconds = now_ms // 1000
        headers = {
            "content-type": "application/json",
            "user-agent": "Miaohui-Webhooks",
            "webhook-id": delivery.event_id,
            "webhook-timestamp": str(seconds),
            "webhook-signature": sign(delivery.secret, delivery.event_id, seconds, body),
        }
        try:
            check_url(delivery.url, allow_private=self._allow_private)
            async with self._session.post(delivery.url, data=body, headers=headers, allow_redirects=False) as response:
                return Answer(
                    status=response.status,
                    error="" if response.ok else f"HTTP {response.status}",
                    retry_after_s=_seconds(response.headers.get("retry-after", "")),
                )
        except TimeoutError:
            return Answer(error="timeout")
        except Exception as error:  # noqa: BLE001  (a receiver may break in any way; the delivery is tried again)
            return Answer(error=type(error).__name__)

    async def close(self) -> None:
        """Close idle connections."""
        await self._session.close()


class _PublicResolver(AbstractResolver):
    """Looks names up and keeps only public addresses; what was checked is what is connected to."""

    def __init__(self) -> None:
        self._inner = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = [one for one in await self._inner.resolve(host, port, family) if is_public(one["host"])]
        if not found:
            raise OSError(None, "no public address")
        return found

    async def close(self) -> None:
        await self._inner.close()


def _seconds(value: Any) -> float:
    try:
        return max(float(value), 0.0)
    except ValueError:
        return 0.0

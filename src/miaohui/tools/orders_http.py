"""Orders asked of the shop's own server.

    GET {url}/orders/{order_id}?owner=…&tenant=…   200 with the order, which names its `owner`; 404 when there is none
    GET {url}/orders?owner=…&tenant=…&limit=5      200 with {"orders": […]}, the newest first

`Authorization: Bearer` carries the key. An order that names another owner than was asked for is treated as none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from miaohui.kit.errors import Unavailable
from miaohui.kit.fetch import Ask, Fetched, Fetcher

_OK, _NOT_FOUND = 200, 404


class HttpOrders:
    """See `tools.ports.Orders`."""

    def __init__(self, fetcher: Fetcher, url: str, key: str) -> None:
        self._fetcher = fetcher
        self._url = url.rstrip("/")
        self._headers = {"accept": "application/json", **({"authorization": f"Bearer {key}"} if key else {})}

    async def find(self, tenant_id: str, owner: str, order_id: str) -> Mapping[str, Any] | None:
        if order_id in {".", ".."}:
            return None
        asked = await self._ask(f"/orders/{quote(order_id, safe='')}", owner=owner, tenant=tenant_id)
        if asked.status == _NOT_FOUND:
            return None
        order = _read(asked)
        return order if isinstance(order, dict) and order.get("owner") == owner else None

    async def latest(self, tenant_id: str, owner: str, limit: int) -> Sequence[Mapping[str, Any]]:
        told = _read(await self._ask("/orders", owner=owner, tenant=tenant_id, limit=limit))
        orders = told.get("orders", []) if isinstance(told, dict) else []
        return [order for order in orders if isinstance(order, dict) and order.get("owner") == owner][:limit]

    async def _ask(self, path: str, **query: str | int) -> Fetched:
        return await self._fetcher.fetch(Ask(url=f"{self._url}{path}?{urlencode(query)}", headers=self._headers))


def _read(asked: Fetched) -> Any:
    if asked.status != _OK:
        raise Unavailable(f"The shop answered {asked.status}.", code="shop_refused")
    try:
        return msgspec.json.decode(asked.body)
    except msgspec.DecodeError:
        raise Unavailable("The shop's answer is not JSON.", code="shop_refused") from None

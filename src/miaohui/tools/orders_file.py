"""Orders in a file, the sample shop's or an export.

{"orders": [{"id": "…", "owner": "…", "made_at": "…", "goods": […], "logistics": {…}}]}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from miaohui.kit.errors import Invalid

_MOST_BYTES = 64 * 1024 * 1024


class FileOrders:
    """See `tools.ports.Orders`. One file for all tenants, read once."""

    def __init__(self, file: Path) -> None:
        """Raises `Invalid` for a file that cannot be used."""
        self._by_id: dict[str, Mapping[str, Any]] = {}
        for order in _read(file):
            self._by_id[order["id"]] = order

    async def find(self, tenant_id: str, owner: str, order_id: str) -> Mapping[str, Any] | None:
        del tenant_id
        order = self._by_id.get(order_id)
        return order if order is not None and order["owner"] == owner else None

    async def latest(self, tenant_id: str, owner: str, limit: int) -> Sequence[Mapping[str, Any]]:
        del tenant_id
        own = [order for order in self._by_id.values() if order["owner"] == owner]
        return sorted(own, key=lambda order: str(order.get("made_at", "")), reverse=True)[:limit]


def _read(file: Path) -> list[dict[str, Any]]:
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise Invalid(f"{file} is larger than {_MOST_BYTES} bytes.")
        orders = msgspec.json.decode(file.read_bytes())["orders"]
    except (OSError, msgspec.DecodeError, KeyError, TypeError) as error:
        raise Invalid(f"{file} cannot be read as orders: {error}.") from None
    if not isinstance(orders, list) or not all(_is_order(order) for order in orders):
        raise Invalid(f"{file}: every order needs an `id` and an `owner`, as texts that are not empty.")
    return orders


def _is_order(order: object) -> bool:
    return isinstance(order, dict) and all(isinstance(order.get(name), str) and order[name] for name in ("id", "owner"))

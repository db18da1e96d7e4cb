"""Endpoints of a tenant, and the way into the outbox."""

from __future__ import annotations

import base64
import secrets
from datetime import UTC, datetime

import msgspec

from miaohui.kit.addresses import check_url
from miaohui.kit.clock import Clock
from miaohui.kit.database import Database, Operation
from miaohui.kit.errors import NotFound
from miaohui.kit.ids import new_id
from miaohui.webhooks import repository
from miaohui.webhooks.types import Endpoint

_encode = msgspec.json.Encoder().encode


class Webhooks:
    """Knows which tenants want to be told; `refresh` it at the start and now and then for what other nodes changed."""

    def __init__(self, database: Database, clock: Clock, *, allow_private: bool = False) -> None:
        self._database = database
        self._clock = clock
        self._allow_private = allow_private
        self._repository = repository.WebhooksRepository(database)
        self._tenants: frozenset[str] = frozenset()

    async def refresh(self) -> None:
        """Read again which tenants have endpoints."""
        self._tenants = await self._repository.list_tenants()

    def has_endpoints(self, tenant_id: str) -> bool:
        """Whether anybody is told about this tenant; from memory, for the hot path."""
        return tenant_id in self._tenants

    def enqueue(self, tenant_id: str, conversation_id: str, event: str, data: dict[str, object]) -> Operation[None]:
        """Rows for everybody who wants to be told; composes into the transaction of the fact."""
        now_ms = self._clock.now_ms()
        at = datetime.fromtimestamp(now_ms / 1000, UTC).isoformat(timespec="milliseconds")
        payload = _encode({"type": event, "timestamp": at.replace("+00:00", "Z"), "data": data}).decode()
        facts = {
            "id": new_id("evt"),
            "tenant": tenant_id,
            "conversation": conversation_id,
            "type": event,
            "payload": payload,
        }
        yield from repository.enqueue(facts, now_ms)

    async def create_endpoint(self, tenant_id: str, url: str, events: tuple[str, ...] = ()) -> tuple[Endpoint, str]:
        """A new endpoint and its signing secret, which is shown this once. Raises `Invalid`."""
        check_url(url, allow_private=self._allow_private)
        secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        endpoint = Endpoint(
            id=new_id("wh"), tenant_id=tenant_id, url=url, events=events, created_at_ms=self._clock.now_ms()
        )
        await self._database.write(lambda: repository.insert_endpoint(endpoint, secret))
        self._tenants |= {tenant_id}
        return endpoint, secret

    async def list_endpoints(self, tenant_id: str) -> list[Endpoint]:
        """All of a tenant, without their secrets."""
        return await self._repository.list_endpoints(tenant_id)

    async def switch_endpoint(self, tenant_id: str, endpoint_id: str, *, enabled: bool) -> None:
        """Turn an endpoint on or off. Raises `NotFound`."""
        if not await self._database.write(lambda: repository.switch(tenant_id, endpoint_id, enabled=enabled)):
            raise NotFound("There is no such webhook endpoint.")
        await self.refresh()

    async def replay(self, tenant_id: str, endpoint_id: str, since_ms: int, until_ms: int) -> int:
        """Send again what was given up in this time; how many events."""
        now_ms = self._clock.now_ms()
        return await self._database.write(lambda: repository.replay(tenant_id, endpoint_id, since_ms, until_ms, now_ms))

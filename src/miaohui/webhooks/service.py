"""Endpoints of a tenant, and the way into the outbox."""

from __future__ import annotations

import base64
import secrets
from typing import TYPE_CHECKING, Any

import msgspec

from miaohui.kit.addresses import check_url
from miaohui.kit.errors import NotFound, Unavailable
from miaohui.kit.ids import new_id
from miaohui.kit.paging import Cursor, Page, page, parse_cursor
from miaohui.realtime.frames import rfc3339
from miaohui.webhooks import events, repository
from miaohui.webhooks.types import Attempt, Delivery, Endpoint, Standing, Wish

if TYPE_CHECKING:
    from miaohui.conversations.types import Conversation, Message
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database, Operation
    from miaohui.webhooks.ports import Post, Vault
    from miaohui.webhooks.repository import Span

OVERLAP_MS = 24 * 3_600_000
"""How long after a rotation events carry the old secret's signature too."""
_encode = msgspec.json.Encoder().encode


class Webhooks:
    """Knows which tenants want to be told; `refresh` it at the start and now and then for what other nodes changed.

    Without `vault` and `post` it only notes facts: no endpoint can be made, none is tried.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        post: Post | None = None,
        vault: Vault | None = None,
        *,
        allow_private: bool = False,
    ) -> None:
        self._database = database
        self._clock = clock
        self._post = post
        self._vault = vault
        self._allow_private = allow_private
        self._repository = repository.WebhooksRepository(database)
        self._tenants: frozenset[str] = frozenset()

    async def refresh(self) -> None:
        """Read again which tenants have endpoints."""
        self._tenants = await self._repository.list_tenants()

    def has_endpoints(self, tenant_id: str) -> bool:
        """Whether anybody is told about this tenant; from memory, for the hot path."""
        return tenant_id in self._tenants

    # Facts, noted in the transaction that makes them so

    def message_created(self, tenant_id: str, message: Message) -> Operation[None]:
        """`message.created`, or `note.created` for what only agents see."""
        if self.has_endpoints(tenant_id):
            name = "note.created" if message.kind == "note" else "message.created"
            yield from self.enqueue(tenant_id, message.conversation_id, name, events.message_data(message))

    def conversation_changed(self, event: str, conversation: Conversation) -> Operation[None]:
        """`conversation.…` or `handoff.requested`."""
        if self.has_endpoints(conversation.tenant_id):
            data = events.conversation_data(conversation)
            yield from self.enqueue(conversation.tenant_id, conversation.id, event, data)

    def message_rated(self, tenant_id: str, message: Message) -> Operation[None]:
        """`rating.created`."""
        if self.has_endpoints(tenant_id):
            yield from self.enqueue(tenant_id, message.conversation_id, "rating.created", events.rating_data(message))

    def enqueue(self, tenant_id: str, conversation_id: str, event: str, data: dict[str, Any]) -> Operation[None]:
        """Rows for everybody who wants to be told. Events of one `conversation_id` arrive in their order."""
        now_ms = self._clock.now_ms()
        facts = {
            "id": new_id("evt"),
            "tenant": tenant_id,
            "conversation": conversation_id,
            "type": event,
            "payload": _payload(event, data, now_ms),
        }
        yield from repository.enqueue(facts, now_ms)

    # Endpoints

    async def create_endpoint(self, tenant_id: str, wish: Wish) -> tuple[Endpoint, str]:
        """A new endpoint and its signing secret, which is shown this once. Raises `Invalid`."""
        check_url(wish.url, allow_private=self._allow_private)
        endpoint = Endpoint(
            id=new_id("wh"),
            tenant_id=tenant_id,
            url=wish.url,
            events=wish.events,
            description=wish.description,
            created_at_ms=self._clock.now_ms(),
        )
        secret = _new_secret()
        sealed = self._seal(endpoint.id, secret)
        await self._database.write(lambda: repository.insert_endpoint(endpoint, sealed))
        self._tenants |= {tenant_id}
        return endpoint, secret

    async def list_endpoints(self, tenant_id: str) -> list[Endpoint]:
        """All of a tenant, without their secrets."""
        return await self._repository.list_endpoints(tenant_id)

    async def get_endpoint(self, tenant_id: str, endpoint_id: str) -> Endpoint:
        """One of a tenant. Raises `NotFound`."""
        return (await self._find(tenant_id, endpoint_id))[0]

    async def standing(self, endpoint: Endpoint) -> Standing:
        """How much it is owed."""
        return await self._repository.standing(endpoint.tenant_id, endpoint.id)

    async def change_endpoint(self, tenant_id: str, endpoint_id: str, wish: Wish) -> Endpoint:
        """Another address, other events; what waits goes to the new address. Raises `Invalid`, `NotFound`."""
        check_url(wish.url, allow_private=self._allow_private)
        _check_found(await self._database.write(lambda: repository.change(tenant_id, endpoint_id, wish)))
        return await self.get_endpoint(tenant_id, endpoint_id)

    async def switch_endpoint(self, tenant_id: str, endpoint_id: str, *, enabled: bool) -> None:
        """Turn an endpoint on or off. Raises `NotFound`."""
        _check_found(await self._database.write(lambda: repository.switch(tenant_id, endpoint_id, enabled=enabled)))
        await self.refresh()

    async def rotate_secret(self, tenant_id: str, endpoint_id: str) -> tuple[Endpoint, str]:
        """A new secret, shown this once; for `OVERLAP_MS` events are signed with both. Raises `NotFound`."""
        secret = _new_secret()
        sealed, until_ms = self._seal(endpoint_id, secret), self._clock.now_ms() + OVERLAP_MS
        _check_found(await self._database.write(lambda: repository.rotate(tenant_id, endpoint_id, sealed, until_ms)))
        return await self.get_endpoint(tenant_id, endpoint_id), secret

    async def delete_endpoint(self, tenant_id: str, endpoint_id: str) -> None:
        """With all that it was owed. Raises `NotFound`."""
        _check_found(await self._database.write(lambda: repository.delete(tenant_id, endpoint_id)))
        await self.refresh()

    async def replay(self, tenant_id: str, endpoint_id: str, span: Span) -> int:
        """Send again what was given up in this time; how many events. Raises `NotFound`."""
        await self._find(tenant_id, endpoint_id)
        return await self._database.write(lambda: repository.replay(tenant_id, endpoint_id, span))

    async def try_endpoint(self, tenant_id: str, endpoint_id: str) -> Attempt:
        """One `webhook.test` now, whatever waits. Raises `NotFound`."""
        endpoint, sealed = await self._find(tenant_id, endpoint_id)
        if self._post is None:
            raise Unavailable("This server sends no webhooks.", code="no_webhooks")
        now_ms, began = self._clock.now_ms(), self._clock.monotonic()
        delivery = Delivery(
            id=0,
            event_id=new_id("evt"),
            tenant_id=tenant_id,
            endpoint_id=endpoint_id,
            type="webhook.test",
            url=endpoint.url,
            secrets=self.open_secrets(endpoint_id, sealed),
            payload=_payload("webhook.test", {"endpoint_id": endpoint_id}, now_ms),
            attempts=0,
        )
        answer = await self._post.post(delivery, now_ms)
        attempt = Attempt(
            id=new_id("att"),
            event_id=delivery.event_id,
            type=delivery.type,
            attempt=1,
            outcome="test",
            status=answer.status,
            error=answer.error,
            took_ms=round((self._clock.monotonic() - began) * 1000),
            at_ms=now_ms,
        )
        await self._database.write(lambda: repository.note(delivery, attempt))
        return attempt

    async def list_attempts(
        self, tenant_id: str, endpoint_id: str, *, cursor: str = "", limit: int = 50
    ) -> Page[Attempt]:
        """The delivery log, the newest first. Raises `Invalid`, `NotFound`."""
        before = parse_cursor(cursor)
        await self._find(tenant_id, endpoint_id)
        rows = await self._repository.list_attempts(tenant_id, endpoint_id, before, limit + 1)
        return page(rows, limit, lambda one: Cursor(one.at_ms, one.id))

    # Secrets

    async def seal_plain_secrets(self) -> None:
        """What an older version left in plain words."""
        for endpoint_id, plain in await self._repository.list_plain():
            sealed = self._seal(endpoint_id, plain)
            await self._database.write(lambda one=endpoint_id, sealed=sealed: repository.seal(one, sealed))  # type: ignore[misc]

    def open_secrets(self, endpoint_id: str, sealed: tuple[str, ...]) -> tuple[str, ...]:
        """What events are signed with. Raises `Unavailable` when they were sealed under another secret."""
        if self._vault is None:
            raise Unavailable("This server sends no webhooks.", code="no_webhooks")
        return tuple(self._vault.open(one, _place(endpoint_id)).decode() for one in sealed)

    def _seal(self, endpoint_id: str, secret: str) -> str:
        if self._vault is None:
            raise Unavailable("This server sends no webhooks.", code="no_webhooks")
        return self._vault.seal(secret.encode(), _place(endpoint_id))

    async def _find(self, tenant_id: str, endpoint_id: str) -> tuple[Endpoint, tuple[str, ...]]:
        found = await self._repository.find_sealed(tenant_id, endpoint_id, self._clock.now_ms())
        if found is None:
            raise NotFound("There is no such webhook endpoint.")
        return found


def _payload(event: str, data: dict[str, Any], now_ms: int) -> str:
    return _encode({"type": event, "timestamp": rfc3339(now_ms), "data": data}).decode()


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def _place(endpoint_id: str) -> str:
    return f"webhook:{endpoint_id}"


def _check_found(found: bool) -> None:
    if not found:
        raise NotFound("There is no such webhook endpoint.")

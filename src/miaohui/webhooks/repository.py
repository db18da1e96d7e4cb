"""Rows of endpoints and of the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, String, Text, bindparam, exists, insert, or_, select, update

from miaohui.kit.database import Database, Operation, Row
from miaohui.webhooks.tables import outbox, webhook_endpoints
from miaohui.webhooks.types import Delivery, Endpoint

_earlier = outbox.alias("earlier")


def _given(name: str, kind: Any = String) -> Any:
    return bindparam(f"in_{name}", type_=kind)


_ENQUEUE = insert(outbox).from_select(
    ["event_id", "tenant_id", "endpoint_id", "conversation_id", "type", "payload", "due_at_ms", "created_at_ms"],
    select(
        _given("event"),
        webhook_endpoints.c.tenant_id,
        webhook_endpoints.c.id,
        _given("conversation"),
        _given("type"),
        _given("payload", Text),
        _given("now", BigInteger),
        _given("now", BigInteger),
    ).where(
        webhook_endpoints.c.tenant_id == _given("tenant"),
        webhook_endpoints.c.enabled == 1,
        or_(webhook_endpoints.c.events == "", webhook_endpoints.c.events.like(_given("pattern"))),
    ),
)
_LIST_DUE = (
    select(outbox.c.endpoint_id)
    .where(
        outbox.c.state == "pending",
        outbox.c.due_at_ms <= bindparam("now"),
        outbox.c.endpoint_id.in_(select(webhook_endpoints.c.id).where(webhook_endpoints.c.enabled == 1)),
    )
    .distinct()
    .limit(1000)
)
_NEXT = (
    select(outbox.c.id)
    .where(
        outbox.c.state == "pending",
        outbox.c.endpoint_id == _given("endpoint"),
        outbox.c.due_at_ms <= _given("now", BigInteger),
        ~exists().where(
            _earlier.c.endpoint_id == outbox.c.endpoint_id,
            _earlier.c.conversation_id == outbox.c.conversation_id,
            _earlier.c.state.in_(("pending", "sending")),
            _earlier.c.id < outbox.c.id,
        ),
    )
    .order_by(outbox.c.id)
    .limit(_given("limit", BigInteger))
)
_CLAIM = (
    update(outbox)
    .where(outbox.c.state == "pending", outbox.c.id.in_(_NEXT.scalar_subquery()))
    .values(state="sending", claimed_at_ms=_given("now", BigInteger))
    .returning(outbox.c.id, outbox.c.event_id, outbox.c.endpoint_id, outbox.c.payload, outbox.c.attempts)
)
_SETTLE = (
    update(outbox)
    .where(outbox.c.id == _given("id", BigInteger), outbox.c.state == "sending")
    .values(
        state=_given("state"),
        attempts=outbox.c.attempts + 1,
        due_at_ms=_given("due", BigInteger),
        last_error=_given("error"),
    )
    .returning(outbox.c.id)
)
_PULL_FORWARD = (
    update(outbox)
    .where(outbox.c.endpoint_id == _given("endpoint"), outbox.c.state == "pending")
    .values(due_at_ms=_given("now", BigInteger))
    .returning(outbox.c.id)
)
_RECOVER = (
    update(outbox)
    .where(outbox.c.state == "sending", outbox.c.claimed_at_ms <= _given("before", BigInteger))
    .values(state="pending")
    .returning(outbox.c.id)
)
_REPLAY = (
    update(outbox)
    .where(
        outbox.c.tenant_id == _given("tenant"),
        outbox.c.endpoint_id == _given("endpoint"),
        outbox.c.state == "dead",
        outbox.c.created_at_ms.between(_given("since", BigInteger), _given("until", BigInteger)),
    )
    .values(state="pending", attempts=0, due_at_ms=_given("now", BigInteger))
    .returning(outbox.c.id)
)
_INSERT_ENDPOINT = insert(webhook_endpoints)
_LIST_ENDPOINTS = (
    select(webhook_endpoints)
    .where(webhook_endpoints.c.tenant_id == bindparam("tenant_id"))
    .order_by(webhook_endpoints.c.id)
)
_GET_ENDPOINT = select(webhook_endpoints).where(webhook_endpoints.c.id == bindparam("id"))
_LIST_TENANTS = select(webhook_endpoints.c.tenant_id).where(webhook_endpoints.c.enabled == 1).distinct()
_SWITCH = (
    update(webhook_endpoints)
    .where(webhook_endpoints.c.tenant_id == _given("tenant"), webhook_endpoints.c.id == _given("endpoint"))
    .values(enabled=_given("enabled", BigInteger), disabled_reason=_given("reason"))
    .returning(webhook_endpoints.c.id)
)


def enqueue(event: dict[str, str], now_ms: int) -> Operation[None]:
    """One row for each enabled endpoint of the tenant that wants this type; composes into the fact's transaction.

    `event` has `id`, `tenant`, `conversation`, `type` and `payload`.
    """
    yield (
        _ENQUEUE,
        {
            "in_event": event["id"],
            "in_tenant": event["tenant"],
            "in_conversation": event["conversation"],
            "in_type": event["type"],
            "in_payload": event["payload"],
            "in_pattern": f"%,{event['type']},%",
            "in_now": now_ms,
        },
    )


def claim(endpoint_id: str, now_ms: int, limit: int) -> Operation[list[Delivery]]:
    """Take the first unsent event of each conversation of an endpoint that is due."""
    rows = yield _CLAIM, {"in_endpoint": endpoint_id, "in_now": now_ms, "in_limit": limit}
    if not rows:
        return []
    found = yield _GET_ENDPOINT, {"id": endpoint_id}
    target = found[0]
    return [
        Delivery(
            id=row["id"],
            event_id=row["event_id"],
            endpoint_id=endpoint_id,
            url=target["url"],
            secret=target["secret"],
            payload=row["payload"],
            attempts=row["attempts"],
        )
        for row in rows
    ]


def settle(delivery: Delivery, state: str, due_at_ms: int, error: str = "") -> Operation[None]:
    """Write down how an attempt ended; after a success that followed failures, what waits is due at once."""
    yield _SETTLE, {"in_id": delivery.id, "in_state": state, "in_due": due_at_ms, "in_error": error[:200]}
    if state == "sent" and delivery.attempts:
        yield _PULL_FORWARD, {"in_endpoint": delivery.endpoint_id, "in_now": due_at_ms}


def recover(before_ms: int) -> Operation[int]:
    """Give back what was claimed before this moment and never settled; its sender is gone."""
    return len((yield _RECOVER, {"in_before": before_ms}))


def replay(tenant_id: str, endpoint_id: str, since_ms: int, until_ms: int, now_ms: int) -> Operation[int]:
    """Make dead events of this time due again."""
    params = {"in_tenant": tenant_id, "in_endpoint": endpoint_id, "in_since": since_ms, "in_until": until_ms}
    return len((yield _REPLAY, {**params, "in_now": now_ms}))


def insert_endpoint(endpoint: Endpoint, secret: str) -> Operation[None]:
    """Add an endpoint."""
    yield (
        _INSERT_ENDPOINT,
        {
            "id": endpoint.id,
            "tenant_id": endpoint.tenant_id,
            "url": endpoint.url,
            "secret": secret,
            "events": f",{','.join(endpoint.events)}," if endpoint.events else "",
            "enabled": 1,
            "created_at_ms": endpoint.created_at_ms,
        },
    )


def switch(tenant_id: str, endpoint_id: str, *, enabled: bool, reason: str = "") -> Operation[bool]:
    """Turn an endpoint on or off; whether the tenant has it."""
    params = {"in_tenant": tenant_id, "in_endpoint": endpoint_id, "in_enabled": int(enabled), "in_reason": reason}
    return bool((yield _SWITCH, params))


class WebhooksRepository:
    """What is read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_due(self, now_ms: int) -> list[str]:
        """Endpoints with something to send."""
        return [row[0] for row in await self._database.read(_LIST_DUE, {"now": now_ms})]

    async def list_tenants(self) -> frozenset[str]:
        """Tenants with an enabled endpoint."""
        return frozenset(row[0] for row in await self._database.read(_LIST_TENANTS))

    async def list_endpoints(self, tenant_id: str) -> list[Endpoint]:
        """All endpoints of a tenant."""
        return _read_endpoints(await self._database.read(_LIST_ENDPOINTS, {"tenant_id": tenant_id}))

    async def find_endpoint(self, endpoint_id: str) -> Endpoint | None:
        """An endpoint of any tenant."""
        return next(iter(_read_endpoints(await self._database.read(_GET_ENDPOINT, {"id": endpoint_id}))), None)


def _read_endpoints(rows: Sequence[Row]) -> list[Endpoint]:
    return [
        Endpoint(
            id=row["id"],
            tenant_id=row["tenant_id"],
            url=row["url"],
            events=tuple(name for name in row["events"].split(",") if name),
            enabled=bool(row["enabled"]),
            disabled_reason=row["disabled_reason"],
            created_at_ms=row["created_at_ms"],
        )
        for row in rows
    ]

"""Rows of endpoints, of the outbox and of the delivery log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from miaohui.webhooks import statements as sql
from miaohui.webhooks.policy import HOPELESS_MS, OUTAGE_MS
from miaohui.webhooks.types import Attempt, Delivery, Endpoint, Settling, Standing, Wish

if TYPE_CHECKING:
    from miaohui.kit.database import Database, Operation, Row
    from miaohui.kit.paging import Cursor

FOREVER_MS = 2**53


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Events of an endpoint from one moment to another, milliseconds."""

    since_ms: int
    until_ms: int
    sent_too: bool = False
    """Those that arrived as well, for a receiver that lost them."""


def enqueue(event: dict[str, str], now_ms: int) -> Operation[None]:
    """One row for each enabled endpoint of the tenant that wants this type; composes into the fact's transaction.

    `event` has `id`, `tenant`, `conversation`, `type` and `payload`.
    """
    yield (
        sql.ENQUEUE,
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
    """Take the first unsent event of each conversation of an endpoint that is due; its secrets are sealed yet."""
    rows = yield sql.CLAIM, {"in_endpoint": endpoint_id, "in_now": now_ms, "in_limit": limit}
    if not rows:
        return []
    found = yield sql.GET_ENDPOINT, {"in_endpoint": endpoint_id}
    target = found[0]
    return [
        Delivery(
            id=row["id"],
            event_id=row["event_id"],
            tenant_id=target["tenant_id"],
            endpoint_id=endpoint_id,
            type=row["type"],
            url=target["url"],
            secrets=_secrets(target, now_ms),
            payload=row["payload"],
            attempts=row["attempts"],
            created_at_ms=row["created_at_ms"],
        )
        for row in rows
    ]


def _secrets(row: Row, now_ms: int) -> tuple[str, ...]:
    before = row["previous_secret"] if row["previous_until_ms"] > now_ms else ""
    return tuple(filter(None, (row["secret"], before)))


def settle(delivery: Delivery, settling: Settling, attempt: Attempt) -> Operation[str]:
    """Write down how an attempt ended; why the endpoint was switched off by it, or empty.

    The first success after an outage makes all that waits due at once.
    """
    params = {"in_id": delivery.id, "in_state": settling.state, "in_due": settling.due_at_ms}
    yield sql.SETTLE, {**params, "in_error": settling.answer.error[:200]}
    yield from note(delivery, attempt)
    here, now_ms = {"in_endpoint": delivery.endpoint_id}, settling.now_ms
    if settling.outcome == "sent":
        if (yield sql.RECOVERED, {**here, "in_before": now_ms - OUTAGE_MS}):
            yield sql.PULL_FORWARD, here
        else:
            yield sql.RECOVERED, {**here, "in_before": now_ms}
        return ""
    yield sql.FAILING, {**here, "in_now": now_ms}
    if settling.outcome == "gone":
        return "gone" if (yield from disable(delivery.endpoint_id, "gone")) else ""
    if settling.outcome == "dead":
        hopeless = yield from disable(delivery.endpoint_id, "failing", failing_before_ms=now_ms - HOPELESS_MS)
        return "failing" if hopeless else ""
    return ""


def note(delivery: Delivery, attempt: Attempt) -> Operation[None]:
    """A line of the delivery log."""
    where = {"tenant_id": delivery.tenant_id, "endpoint_id": delivery.endpoint_id}
    yield sql.NOTE, {**msgspec.structs.asdict(attempt), **where, "error": attempt.error[:200]}


def recover(before_ms: int) -> Operation[int]:
    """Give back what was claimed before this moment and never settled; its sender is gone."""
    return len((yield sql.RECOVER, {"in_before": before_ms}))


def replay(tenant_id: str, endpoint_id: str, span: Span) -> Operation[int]:
    """Make what was given up in this time due again; how many events."""
    where = {"in_tenant": tenant_id, "in_endpoint": endpoint_id, "in_also": "sent" if span.sent_too else "dead"}
    return len((yield sql.REPLAY, {**where, "in_since": span.since_ms, "in_until": span.until_ms}))


def forget(sent_before_ms: int, dead_before_ms: int, log_before_ms: int) -> Operation[None]:
    """Drop, by the thousand, what nobody will ask for again."""
    yield sql.FORGET_EVENTS, {"in_state": "sent", "in_before": sent_before_ms}
    yield sql.FORGET_EVENTS, {"in_state": "dead", "in_before": dead_before_ms}
    yield sql.FORGET_ATTEMPTS, {"in_before": log_before_ms}


def forget_conversation(tenant_id: str, conversation_id: str) -> Operation[None]:
    """What was told of it outside, or given up; what is still due is told, since the other side was promised it."""
    yield sql.FORGET_TOLD, {"in_tenant": tenant_id, "in_conversation": conversation_id}


def insert_endpoint(endpoint: Endpoint, sealed: str) -> Operation[None]:
    """Add an endpoint."""
    yield (
        sql.INSERT_ENDPOINT,
        {
            "id": endpoint.id,
            "tenant_id": endpoint.tenant_id,
            "url": endpoint.url,
            "secret": sealed,
            "events": _format_events(endpoint.events),
            "description": endpoint.description,
            "enabled": 1,
            "created_at_ms": endpoint.created_at_ms,
        },
    )


def change(tenant_id: str, endpoint_id: str, wish: Wish) -> Operation[bool]:
    """Another address, other events; whether the tenant has it."""
    here = {"in_tenant": tenant_id, "in_endpoint": endpoint_id}
    wanted = {"in_url": wish.url, "in_events": _format_events(wish.events), "in_description": wish.description}
    return bool((yield sql.CHANGE, {**here, **wanted}))


def switch(tenant_id: str, endpoint_id: str, *, enabled: bool) -> Operation[bool]:
    """Turn an endpoint on or off; whether the tenant has it. What waits begins its attempts anew."""
    here = {"in_tenant": tenant_id, "in_endpoint": endpoint_id}
    if not (yield sql.SWITCH, {**here, "in_enabled": int(enabled), "in_reason": ""}):
        return False
    if enabled:
        yield sql.BEGIN_AGAIN, {"in_endpoint": endpoint_id}
    return True


def disable(endpoint_id: str, reason: str, *, failing_before_ms: int = FOREVER_MS) -> Operation[bool]:
    """Turn it off for a reason of ours, if it has only failed since before that moment; whether it was turned off."""
    return bool((yield sql.DISABLE, {"in_endpoint": endpoint_id, "in_reason": reason, "in_before": failing_before_ms}))


def rotate(tenant_id: str, endpoint_id: str, sealed: str, until_ms: int) -> Operation[bool]:
    """A new secret; the one before signs too until then. Whether the tenant has it."""
    here = {"in_tenant": tenant_id, "in_endpoint": endpoint_id}
    return bool((yield sql.ROTATE, {**here, "in_secret": sealed, "in_until": until_ms}))


def delete(tenant_id: str, endpoint_id: str) -> Operation[bool]:
    """The endpoint with all that it was owed; whether the tenant had it."""
    here = {"in_tenant": tenant_id, "in_endpoint": endpoint_id}
    if not (yield sql.DELETE, here):
        return False
    yield sql.DELETE_EVENTS, here
    yield sql.DELETE_ATTEMPTS, here
    return True


def seal(endpoint_id: str, sealed: str) -> Operation[None]:
    """In place of a secret in plain words."""
    yield sql.SEAL, {"in_endpoint": endpoint_id, "in_secret": sealed}


class WebhooksRepository:
    """What is read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_due(self, now_ms: int) -> list[tuple[str, str]]:
        """Endpoints with something to send, and whose they are."""
        return [(row[0], row[1]) for row in await self._database.read(sql.LIST_DUE, {"in_now": now_ms})]

    async def list_overfull(self, most: int) -> list[str]:
        """Endpoints for which more than `most` events wait."""
        return [row[0] for row in await self._database.read(sql.OVERFULL, {"in_most": most})]

    async def list_tenants(self) -> frozenset[str]:
        """Tenants with an enabled endpoint."""
        return frozenset(row[0] for row in await self._database.read(sql.LIST_TENANTS))

    async def list_endpoints(self, tenant_id: str) -> list[Endpoint]:
        """All endpoints of a tenant."""
        return _read_endpoints(await self._database.read(sql.LIST_ENDPOINTS, {"in_tenant": tenant_id}))

    async def find_endpoint(self, endpoint_id: str) -> Endpoint | None:
        """An endpoint of any tenant."""
        found = await self._database.read(sql.GET_ENDPOINT, {"in_endpoint": endpoint_id})
        return next(iter(_read_endpoints(found)), None)

    async def find_sealed(
        self, tenant_id: str, endpoint_id: str, now_ms: int
    ) -> tuple[Endpoint, tuple[str, ...]] | None:
        """A tenant's endpoint with its sealed secrets."""
        here = {"in_tenant": tenant_id, "in_endpoint": endpoint_id}
        rows = await self._database.read(sql.FIND_ENDPOINT, here)
        return (_read_endpoints(rows)[0], _secrets(rows[0], now_ms)) if rows else None

    async def list_plain(self) -> list[tuple[str, str]]:
        """Endpoints whose secret an older version left in plain words."""
        return [(row["id"], row["secret"]) for row in await self._database.read(sql.LIST_PLAIN)]

    async def standing(self, tenant_id: str, endpoint_id: str) -> Standing:
        """How much an endpoint is owed."""
        here = {"in_tenant": tenant_id, "in_endpoint": endpoint_id}
        counts = {row["state"]: row["count"] for row in await self._database.read(sql.COUNT, here)}
        return Standing(waiting=counts.get("pending", 0) + counts.get("sending", 0), dead=counts.get("dead", 0))

    async def list_attempts(self, tenant_id: str, endpoint_id: str, before: Cursor | None, limit: int) -> list[Attempt]:
        """The newest first."""
        params: dict[str, Any] = {"in_tenant": tenant_id, "in_endpoint": endpoint_id, "in_limit": limit}
        if before is None:
            rows = await self._database.read(sql.LIST_ATTEMPTS, params)
        else:
            rows = await self._database.read(
                sql.LIST_ATTEMPTS_BEFORE, {**params, "in_at": before.at, "in_id": before.id}
            )
        return [Attempt(**{name: row[name] for name in Attempt.__struct_fields__}) for row in rows]


def _format_events(events: Sequence[str]) -> str:
    return f",{','.join(events)}," if events else ""


def _read_endpoints(rows: Sequence[Row]) -> list[Endpoint]:
    return [
        Endpoint(
            id=row["id"],
            tenant_id=row["tenant_id"],
            url=row["url"],
            events=tuple(name for name in row["events"].split(",") if name),
            description=row["description"],
            enabled=bool(row["enabled"]),
            disabled_reason=row["disabled_reason"],
            failing_since_ms=row["failing_since_ms"],
            rotated_until_ms=row["previous_until_ms"],
            created_at_ms=row["created_at_ms"],
        )
        for row in rows
    ]

"""Addresses outside that are told what happens here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from fastapi import Query, Response

from miaohui.channels.rest import schemas
from miaohui.channels.rest import webhook_views as views
from miaohui.channels.rest.edge import Doors, Who, answer, told_once
from miaohui.kit.errors import Conflict
from miaohui.realtime.frames import rfc3339
from miaohui.webhooks.repository import Span
from miaohui.webhooks.types import Wish

if TYPE_CHECKING:
    from miaohui.webhooks.types import Attempt, Endpoint

MOST = 20
"""Endpoints of one tenant: every event costs a row for each."""


async def list_webhooks(doors: Doors, who: Who) -> Response:
    """All endpoints, without their secrets."""
    return answer(views.WebhookList([_view(one) for one in await doors.webhooks.list_endpoints(who.tenant_id)]))


@told_once
async def create_webhook(form: schemas.CreateWebhook, doors: Doors, who: Who) -> Response:
    """A new endpoint. Its signing secret is told now and never again."""
    if len(await doors.webhooks.list_endpoints(who.tenant_id)) >= MOST:
        raise Conflict(f"A company has at most {MOST} webhook endpoints.", code="endpoint_limit")
    wish = Wish(url=form.url, events=tuple(form.events), description=form.description)
    endpoint, secret = await doors.webhooks.create_endpoint(who.tenant_id, wish)
    await doors.journal.audit(who, "webhook.created", endpoint.id, {"url": form.url, "events": list(form.events)})
    return answer(_new_view(endpoint, secret), 201)


async def get_webhook(endpoint_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """One endpoint, and how much it is owed."""
    endpoint = await doors.webhooks.get_endpoint(who.tenant_id, endpoint_id)
    standing = await doors.webhooks.standing(endpoint)
    return answer(views.WebhookDetail(**_facts(endpoint), waiting=standing.waiting, dead=standing.dead))


async def change_webhook(endpoint_id: schemas.Id, form: schemas.ChangeWebhook, doors: Doors, who: Who) -> Response:
    """Another address, other events. What is not named stays as it is; what waits goes to the new address."""
    before = await doors.webhooks.get_endpoint(who.tenant_id, endpoint_id)
    wish = Wish(
        url=before.url if form.url is None else form.url,
        events=before.events if form.events is None else tuple(form.events),
        description=before.description if form.description is None else form.description,
    )
    endpoint = await doors.webhooks.change_endpoint(who.tenant_id, endpoint_id, wish)
    await doors.journal.audit(who, "webhook.changed", endpoint_id, {"url": wish.url, "events": list(wish.events)})
    return answer(_view(endpoint))


async def delete_webhook(endpoint_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """It is told nothing more; what it was owed is dropped."""
    await doors.webhooks.delete_endpoint(who.tenant_id, endpoint_id)
    await doors.journal.audit(who, "webhook.deleted", endpoint_id, {})
    return Response(status_code=204)


async def enable_webhook(endpoint_id: schemas.Id, doors: Doors, who: Who, _: schemas.Nothing | None = None) -> Response:
    """It is told again, first what waits for it."""
    return await _switch(doors, who, endpoint_id, enabled=True)


async def disable_webhook(
    endpoint_id: schemas.Id, doors: Doors, who: Who, _: schemas.Nothing | None = None
) -> Response:
    """It is told nothing more, until it is enabled."""
    return await _switch(doors, who, endpoint_id, enabled=False)


@told_once
async def rotate_webhook(endpoint_id: schemas.Id, doors: Doors, who: Who, _: schemas.Nothing | None = None) -> Response:
    """A new signing secret, told now and never again. For a day events carry the old one's signature too."""
    endpoint, secret = await doors.webhooks.rotate_secret(who.tenant_id, endpoint_id)
    await doors.journal.audit(who, "webhook.rotated", endpoint_id, {})
    return answer(_new_view(endpoint, secret))


async def try_webhook(endpoint_id: schemas.Id, doors: Doors, who: Who, _: schemas.Nothing | None = None) -> Response:
    """One `webhook.test`, now. Only whether it arrived and how long it took is told, not what was answered."""
    attempt = await doors.webhooks.try_endpoint(who.tenant_id, endpoint_id)
    kind = f"{attempt.status // 100}xx" if attempt.status else "none"
    arrived = 200 <= attempt.status < 300
    error = "" if attempt.status else attempt.error
    return answer(views.WebhookTried(arrived=arrived, status=kind, error=error, took_ms=attempt.took_ms))


async def replay_webhook(endpoint_id: schemas.Id, form: schemas.ReplayWebhook, doors: Doors, who: Who) -> Response:
    """Send again what was given up in this time, in its order; with `sent_too` also what arrived."""
    until_ms = _ms(form.until) if form.until else doors.clock.now_ms()
    span = Span(since_ms=_ms(form.since), until_ms=until_ms, sent_too=form.sent_too)
    count = await doors.webhooks.replay(who.tenant_id, endpoint_id, span)
    await doors.journal.audit(who, "webhook.replayed", endpoint_id, {"since": form.since, "events": count})
    return answer(views.Replayed(events=count))


async def list_attempts(
    endpoint_id: schemas.Id,
    doors: Doors,
    who: Who,
    cursor: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """The delivery log of the last days: each attempt, the last first."""
    page = await doors.webhooks.list_attempts(who.tenant_id, endpoint_id, cursor=cursor, limit=limit)
    return answer(views.AttemptPage([_attempt_view(one) for one in page.data], page.next_cursor))


async def _switch(doors: Doors, who: Who, endpoint_id: str, *, enabled: bool) -> Response:
    await doors.webhooks.switch_endpoint(who.tenant_id, endpoint_id, enabled=enabled)
    await doors.journal.audit(who, "webhook.enabled" if enabled else "webhook.disabled", endpoint_id, {})
    return Response(status_code=204)


def _view(endpoint: Endpoint) -> views.WebhookView:
    return views.WebhookView(**_facts(endpoint))


def _new_view(endpoint: Endpoint, secret: str) -> views.NewWebhook:
    return views.NewWebhook(**_facts(endpoint), secret=secret)


def _facts(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "id": endpoint.id,
        "url": endpoint.url,
        "events": list(endpoint.events),
        "description": endpoint.description,
        "enabled": endpoint.enabled,
        "disabled_reason": endpoint.disabled_reason,
        "failing_since": rfc3339(endpoint.failing_since_ms) if endpoint.failing_since_ms else None,
        "rotated_until": rfc3339(endpoint.rotated_until_ms) if endpoint.rotated_until_ms else None,
        "created_at": rfc3339(endpoint.created_at_ms),
    }


def _attempt_view(attempt: Attempt) -> views.AttemptView:
    facts = msgspec.structs.asdict(attempt)
    return views.AttemptView(at=rfc3339(facts.pop("at_ms")), **facts)


def _ms(stamp: str) -> int:
    """Of a time in the form of `schemas.Stamp`. A 31st of February is the 3rd of March, as every clock would say."""
    day = int(stamp[8:10])
    first = datetime.fromisoformat(f"{stamp[:8]}01{stamp[10:19]}").replace(tzinfo=UTC)
    return round((first + timedelta(days=day - 1)).timestamp() * 1000)

"""Addresses outside that are told what happens here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Response

from miaohui.channels.rest import schemas, views
from miaohui.channels.rest.edge import Doors, Who, answer, told_once
from miaohui.kit.errors import Conflict
from miaohui.realtime.frames import rfc3339

if TYPE_CHECKING:
    from miaohui.webhooks.types import Endpoint

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
    endpoint, secret = await doors.webhooks.create_endpoint(who.tenant_id, form.url, tuple(form.events))
    await doors.journal.audit(who, "webhook.created", endpoint.id, {"url": form.url, "events": list(form.events)})
    view = views.NewWebhook(
        id=endpoint.id,
        url=endpoint.url,
        events=list(endpoint.events),
        enabled=endpoint.enabled,
        disabled_reason=endpoint.disabled_reason,
        created_at=rfc3339(endpoint.created_at_ms),
        secret=secret,
    )
    return answer(view, 201)


async def enable_webhook(endpoint_id: schemas.Id, doors: Doors, who: Who, _: schemas.Nothing | None = None) -> Response:
    """It is told again."""
    return await _switch(doors, who, endpoint_id, enabled=True)


async def disable_webhook(
    endpoint_id: schemas.Id, doors: Doors, who: Who, _: schemas.Nothing | None = None
) -> Response:
    """It is told nothing more, until it is enabled."""
    return await _switch(doors, who, endpoint_id, enabled=False)


async def _switch(doors: Doors, who: Who, endpoint_id: str, *, enabled: bool) -> Response:
    await doors.webhooks.switch_endpoint(who.tenant_id, endpoint_id, enabled=enabled)
    await doors.journal.audit(who, "webhook.enabled" if enabled else "webhook.disabled", endpoint_id, {})
    return Response(status_code=204)


def _view(endpoint: Endpoint) -> views.WebhookView:
    return views.WebhookView(
        id=endpoint.id,
        url=endpoint.url,
        events=list(endpoint.events),
        enabled=endpoint.enabled,
        disabled_reason=endpoint.disabled_reason,
        created_at=rfc3339(endpoint.created_at_ms),
    )

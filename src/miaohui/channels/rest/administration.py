"""Keys, inboxes, and what happened: turns and administrative acts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import Query, Response

from miaohui.channels.rest import schemas, views
from miaohui.channels.rest.edge import Doors, Who, answer, told_once
from miaohui.kit.errors import NotFound
from miaohui.realtime.frames import rfc3339

if TYPE_CHECKING:
    from miaohui.identity.types import ApiKey


async def list_keys(doors: Doors, who: Who) -> Response:
    """All API keys that hold, without the keys themselves."""
    keys = await doors.identity.list_keys(who.tenant_id)
    return answer(views.KeyList([_key_view(key) for key in keys if not key.revoked_at_ms]))


@told_once
async def create_key(form: schemas.CreateKey, doors: Doors, who: Who) -> Response:
    """A new API key. It is told now and never again."""
    key, plain = await doors.identity.create_key(who.tenant_id, form.name, form.scopes)
    await doors.journal.audit(who, "key.created", key.id, {"name": form.name, "scopes": list(form.scopes)})
    view = views.NewKey(
        id=key.id,
        name=key.name,
        hint=key.hint,
        scopes=sorted(key.scopes),
        created_at=rfc3339(key.created_at_ms),
        last_used_at=None,
        key=plain,
    )
    return answer(view, 201)


async def revoke_key(key_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """The key holds no longer."""
    await doors.identity.revoke_key(who.tenant_id, key_id)
    await doors.journal.audit(who, "key.revoked", key_id, {})
    return Response(status_code=204)


async def list_inboxes(doors: Doors, who: Who) -> Response:
    """All inboxes."""
    found = await doors.inboxes.list_(who.tenant_id)
    data = [
        views.InboxSummary(
            id=inbox.id,
            name=inbox.name,
            channel=inbox.channel,
            site_key=inbox.site_key,
            allowed_origins=list(inbox.allowed_origins),
            locale=inbox.locale,
            assistant_name=inbox.assistant.name,
            pictures=inbox.pictures,
            files=inbox.files,
            pages=inbox.pages,
        )
        for inbox in found
    ]
    return answer(views.InboxList(data))


async def get_turn(turn_id: schemas.Id, doors: Doors, who: Who) -> Response:
    """The journal of one turn: what each stage did, and how long it took."""
    entry = await doors.journal.find_turn(who.tenant_id, turn_id)
    if entry is None:
        raise NotFound("There is no turn of that id.")
    stages = [
        views.StageView(name=stage.name, at_ms=stage.at_ms, took_ms=stage.took_ms, facts=dict(stage.facts))
        for stage in entry.stages
    ]
    view = views.TurnView(
        turn_id=entry.turn_id,
        conversation_id=entry.conversation_id,
        outcome=entry.outcome,
        reason=entry.reason,
        route=entry.route,
        started_at=rfc3339(entry.started_at_ms),
        ended_at=rfc3339(entry.ended_at_ms),
        stages=stages,
    )
    return answer(view)


async def list_audit(
    doors: Doors,
    who: Who,
    cursor: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Administrative acts, the last first."""
    page = await doors.journal.list_audit(who.tenant_id, cursor=cursor, limit=limit)
    data = [
        views.AuditView(
            id=entry.id,
            at=rfc3339(entry.at_ms),
            actor=entry.actor,
            actor_name=entry.actor_name,
            act=entry.act,
            subject=entry.subject,
            detail=entry.detail,
        )
        for entry in page.data
    ]
    return answer(views.AuditPage(data, page.next_cursor))


def _key_view(key: ApiKey) -> views.KeyView:
    return views.KeyView(
        id=key.id,
        name=key.name,
        hint=key.hint,
        scopes=sorted(key.scopes),
        created_at=rfc3339(key.created_at_ms),
        last_used_at=rfc3339(key.last_used_at_ms) if key.last_used_at_ms else None,
    )

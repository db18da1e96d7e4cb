"""Files that agents and visitors put into a conversation: one door for all kinds."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Annotated

from fastapi import Query, Request, Response

from miaohui.channels.media.types import Media, Sender, path_of
from miaohui.channels.rest import outside_views, schemas
from miaohui.channels.rest.edge import Doors, Who, answer, roomy
from miaohui.kit.errors import Forbidden, Throttled, Unavailable

if TYPE_CHECKING:
    from miaohui.channels.media.kinds import Kind
    from miaohui.channels.services import Services
    from miaohui.identity.types import Principal

Name = Annotated[str, Query(max_length=200, description="What the file is called; of that, only what is safe is kept.")]


@roomy
async def upload_file(request: Request, doors: Doors, who: Who, name: Name = "") -> Response:
    """Take in a file, to be named in a message by its `text`. Who has its address may fetch it.

    Its bytes decide what it is, and if that is taken. Visitors may where their inbox takes such files, so many a
    minute.
    """
    media = await _take(doors, who, name, await request.body())
    return answer(outside_views.file(media), 201)


async def upload_picture(form: schemas.UploadPicture, doors: Doors, who: Who) -> Response:
    """Take in a picture as JSON, to be named in a message as `![what it shows](url)`; `/v1/files` takes larger ones.

    Who has its address may see it. Visitors may where their inbox takes pictures, so many a minute.
    """
    try:
        body = base64.b64decode(form.data, validate=True)
    except ValueError:
        body = b""
    media = await _take(doors, who, "", body)
    return answer(outside_views.PictureView(id=media.id, url=path_of(media.id), type=media.type), 201)


async def _take(doors: Services, who: Principal, name: str, body: bytes) -> Media:
    if doors.media is None:
        raise Unavailable("This server has no such door.", code="no_door")
    store = doors.media.store
    kind = await store.judge(body)
    if who.kind != "visitor":
        return await store.put(Sender(tenant_id=who.tenant_id, name=name), kind, body)
    await _admit(doors, who, kind)
    sender = Sender(tenant_id=who.tenant_id, inbox_id=who.inbox_id, contact_id=who.id, name=name)
    return await store.put(sender, kind, body)


async def _admit(doors: Services, who: Principal, kind: Kind) -> None:
    inbox = await doors.inboxes.get(who.tenant_id, who.inbox_id)
    if kind.family == "picture" and not inbox.pictures:
        raise Forbidden("No pictures are taken here.", code="pictures_off")
    if kind.family != "picture" and not inbox.files:
        raise Forbidden("No files are taken here.", code="files_off")
    for limit in await doors.guard.admit_picture(who):
        if not limit.allowed:
            detail = f"More than {limit.limit} files in {limit.window_s} s; this one was not taken. Wait a moment."
            raise Throttled(detail, retry_after_s=limit.retry_after_s)

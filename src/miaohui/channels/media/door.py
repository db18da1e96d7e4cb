"""`GET /v1/media/{id}`: pictures are shown, everything else is only saved; nothing in them runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.responses import Response

from miaohui.channels.media.types import PICTURES
from miaohui.kit.errors import NotFound

if TYPE_CHECKING:
    from starlette.requests import Request

    from miaohui.channels.media.service import MediaStore

_ID = re.compile(r"med_[0-9a-f]{32}\Z")


class MediaDoor:
    """Shows files to who has their id."""

    def __init__(self, store: MediaStore) -> None:
        self.store = store

    async def show(self, request: Request) -> Response:
        """The bytes, under the type that they have. Raises `NotFound`, also for what is not here yet."""
        media_id = str(request.path_params["media_id"])
        media = await self.store.find(media_id) if _ID.match(media_id) else None
        if media is None or media.state != "kept":
            raise NotFound("There is no such file, or it is not here yet.")
        inline = media.type in PICTURES
        headers = {
            "cache-control": "private, max-age=86400, immutable",
            "content-disposition": "inline" if inline else f'attachment; filename="{media_id}"',
            "content-security-policy": "default-src 'none'; sandbox",
            "cross-origin-resource-policy": "cross-origin",
            "referrer-policy": "no-referrer",
            "x-content-type-options": "nosniff",
        }
        return Response(media.body, headers=headers, media_type=media.type)

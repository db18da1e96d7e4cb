"""`GET /v1/media/{id}`: pictures are shown, sound and film are played, everything else is only saved; nothing runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.responses import Response, StreamingResponse

from miaohui.channels.media.kinds import PICTURES, PLAYED
from miaohui.channels.media.naming import disposition
from miaohui.kit.errors import NotFound

if TYPE_CHECKING:
    from starlette.requests import Request

    from miaohui.channels.media.service import MediaStore
    from miaohui.channels.media.types import Media
    from miaohui.inboxes.service import Inboxes

_ID = re.compile(r"med_[0-9a-f]{32}\Z")
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\Z")


class MediaDoor:
    """Shows files to who has their id."""

    def __init__(self, store: MediaStore, inboxes: Inboxes) -> None:
        self.store = store
        self._inboxes = inboxes

    async def show(self, request: Request) -> Response:
        """The bytes, or a range of them, under their type; HEAD tells type and size alone.

        Raises `NotFound`, also for what is not here yet, and `TenantSuspended`.
        """
        media_id = str(request.path_params["media_id"])
        media = await self.store.look(media_id) if _ID.match(media_id) else None
        if media is None or media.state != "kept":
            raise NotFound("There is no such file, or it is not here yet.")
        self._inboxes.check_open(media.tenant_id)
        headers = _headers(media)
        asked = read_range(request.headers.get("range", ""), media.size_bytes)
        if asked is None:
            return Response(status_code=416, headers={**headers, "content-range": f"bytes */{media.size_bytes}"})
        start, stop = asked
        headers["content-length"] = str(stop - start)
        status = 200
        if stop - start < media.size_bytes:
            status, headers["content-range"] = 206, f"bytes {start}-{stop - 1}/{media.size_bytes}"
        if request.method == "HEAD":
            return Response(status_code=status, headers=headers)
        return StreamingResponse(self.store.read(media, start, stop), status, headers)


def read_range(header: str, size: int) -> tuple[int, int] | None:
    """From where up to where: all of it for what is no single range; None for one outside (RFC 9110, 14.2)."""
    found = _RANGE.match(header)
    if found is None or not (found[1] or found[2]):
        return 0, size
    if not found[1]:
        last = min(int(found[2]), size)
        return (size - last, size) if last else None
    start, stop = int(found[1]), min(int(found[2]) + 1, size) if found[2] else size
    if found[2] and int(found[2]) < start:
        return 0, size
    return (start, stop) if start < size else None


def _headers(media: Media) -> dict[str, str]:
    shown = media.type in PICTURES or media.type in PLAYED
    return {
        "content-type": media.type,
        "accept-ranges": "bytes",
        "cache-control": "private, max-age=86400, immutable",
        "content-disposition": "inline" if shown else disposition(media.name or media.id),
        "content-security-policy": "default-src 'none'; sandbox",
        "cross-origin-resource-policy": "cross-origin",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }

"""Files are fetched beside the conversation: nobody waits for them, and they are not asked for for ever."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from miaohui.channels.media import repository
from miaohui.channels.media.types import PICTURES, Media, named_in, sniff
from miaohui.kit.aio import launch
from miaohui.kit.errors import Conflict, FieldError, Invalid, MiaohuiError, Unavailable
from miaohui.kit.telemetry import get_log

if TYPE_CHECKING:
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database

MOST_BYTES = 5_242_880
ATTEMPTS = 5
KEPT_DAYS = 180
_LOOK_S = 60.0
_DAY_MS = 86_400_000

Bring = Callable[[Media], Awaitable[bytes]]
"""How a channel's files are had. Raises a `MiaohuiError` when they are not."""

_log = get_log(__name__)


class MediaStore:
    """All tenants' files, in the records."""

    def __init__(self, database: Database, clock: Clock, secret: bytes) -> None:
        self._database = database
        self._clock = clock
        self._key = hmac.digest(secret, b"miaohui media", "sha256")
        self._bringers: dict[str, Bring] = {}

    def learn(self, channel: str, bring: Bring) -> None:
        """How files of this channel are had."""
        self._bringers[channel] = bring

    async def expect(self, channel: str, tenant_id: str, inbox_id: str, source: str, key: str) -> str:
        """Have a file fetched soon; its id, which is the same for the same `key` on every node."""
        media = Media(
            id=self._id(inbox_id, key),
            tenant_id=tenant_id,
            inbox_id=inbox_id,
            channel=channel,
            source=source,
            created_at_ms=self._clock.now_ms(),
        )
        with suppress(Conflict):  # another node noted it in this moment, and fetches it
            if await self._database.write(lambda: repository.expect(media)):
                launch(self._fetch(media), name="media:fetch")
        return media.id

    def _id(self, inbox_id: str, key: str) -> str:
        return "med_" + hmac.new(self._key, f"{inbox_id}\0{key}".encode(), "sha256").hexdigest()[:32]

    async def keep(self, tenant_id: str, inbox_id: str, key: str, body: bytes) -> str:
        """A file that came with the word itself; its id, the same for the same `key`, or empty when it is not taken."""
        kind = sniff(body)
        if not kind or len(body) > MOST_BYTES:
            return ""
        media = Media(
            id=self._id(inbox_id, key),
            tenant_id=tenant_id,
            inbox_id=inbox_id,
            channel="",
            source="",
            state="kept",
            type=kind,
            body=body,
            created_at_ms=self._clock.now_ms(),
        )
        with suppress(Conflict):
            await self._database.write(lambda: repository.expect(media))
        return media.id

    async def put(self, tenant_id: str, body: bytes, inbox_id: str = "") -> Media:
        """A picture that an agent sends, or a visitor of an inbox. Raises `Invalid`."""
        kind = sniff(body)
        if kind not in PICTURES or len(body) > MOST_BYTES:
            raise Invalid("This is no picture.", errors=[FieldError("$.data", "a JPEG, PNG, GIF or WebP")])
        media = Media(
            id=f"med_{secrets.token_hex(16)}",
            tenant_id=tenant_id,
            inbox_id=inbox_id,
            channel="",
            source="",
            state="kept",
            type=kind,
            body=body,
            created_at_ms=self._clock.now_ms(),
        )
        await self._database.write(lambda: repository.expect(media))
        return media

    async def drop_named(self, tenant_id: str, texts: Iterable[str]) -> None:
        """Files that words name are gone with them, for good; another tenant's stay, whoever names them."""
        if ids := [media_id for text in texts for media_id in named_in(text)]:
            await self._database.write(lambda: repository.drop(tenant_id, ids))

    async def find(self, media_id: str) -> Media | None:
        """With its bytes, when they are here."""
        return await repository.find(self._database, media_id)

    async def run(self) -> None:
        """Ask again for what did not come, and drop what is old, until cancelled."""
        while True:
            await asyncio.sleep(_LOOK_S)
            with suppress(Unavailable):
                await self.look_again()

    async def look_again(self) -> None:
        """Once around."""
        now_ms = self._clock.now_ms()
        await self._database.write(lambda: repository.forget(now_ms - KEPT_DAYS * _DAY_MS))
        for media in await repository.list_pending(self._database, now_ms - round(_LOOK_S * 1000)):
            await self._fetch(media)

    async def _fetch(self, media: Media) -> None:
        try:
            bring = self._bringers[media.channel]
            body = await bring(media)
            kind = sniff(body)
        except (MiaohuiError, KeyError) as error:
            _log.warning("media.not_fetched", media=media.id, reason=getattr(error, "code", "no_channel"))
            for_good = media.attempts + 1 >= ATTEMPTS
            await self._database.write(lambda: repository.miss(media, for_good=for_good))
            return
        if not kind or len(body) > MOST_BYTES:
            _log.warning("media.not_taken", media=media.id, bytes=len(body))
            await self._database.write(lambda: repository.miss(media, for_good=True))
            return
        await self._database.write(lambda: repository.keep(media, kind, body))

"""Files are fetched beside the conversation: nobody waits for them, and they are not asked for for ever."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from miaohui.channels.media import repository
from miaohui.channels.media.kinds import Kind
from miaohui.channels.media.naming import clean, name_for
from miaohui.channels.media.terms import EVERYTHING, Terms
from miaohui.channels.media.types import Media, Sender, named_in
from miaohui.kit.aio import launch
from miaohui.kit.errors import Conflict, MiaohuiError, TooLarge, Unavailable
from miaohui.kit.telemetry import get_log

if TYPE_CHECKING:
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database

ATTEMPTS = 5
KEPT_DAYS = 180
PART_BYTES = 524_288
"""So much is written, and read, at once."""
_LONG = 1_048_576
"""From here on, bytes are looked at beside the event loop."""
_LOOK_S = 60.0
_DAY_MS = 86_400_000

Bring = Callable[[Media], Awaitable[bytes]]
"""How a channel's files are had. Raises a `MiaohuiError` when they are not."""

_log = get_log(__name__)


class MediaStore:
    """All tenants' files, in the records."""

    def __init__(self, database: Database, clock: Clock, secret: bytes, terms: Terms = EVERYTHING) -> None:
        self.terms = terms
        self._database = database
        self._clock = clock
        self._key = hmac.digest(secret, b"miaohui media", "sha256")
        self._bringers: dict[str, Bring] = {}

    def learn(self, channel: str, bring: Bring) -> None:
        """How files of this channel are had."""
        self._bringers[channel] = bring

    async def expect(self, channel: str, sender: Sender, source: str, key: str) -> str:
        """Have a file fetched soon; its id, which is the same for the same `key` on every node."""
        media = self._new(self._id(sender.inbox_id, key), sender, channel=channel, source=source, state="pending")
        with suppress(Conflict):  # another node noted it in this moment, and fetches it
            if await self._database.write(lambda: repository.expect(media)):
                launch(self._fetch(media), name="media:fetch")
        return media.id

    async def keep(self, sender: Sender, key: str, body: bytes) -> Media | None:
        """A file that came with the word itself, the same for the same `key`; None when it is not taken."""
        try:
            kind = await self.judge(body)
        except MiaohuiError as error:
            _log.info("media.not_taken", reason=error.code, bytes=len(body))
            return None
        media = self._described(self._new(self._id(sender.inbox_id, key), sender), kind, body)
        with suppress(Conflict):
            await self._store(media, body)
        return media

    async def put(self, sender: Sender, kind: Kind, body: bytes) -> Media:
        """A file that an agent sends, or a visitor of an inbox, of the kind that `judge` found. Raises `TooLarge`."""
        await self._check_room(sender, len(body))
        media = self._described(self._new(f"med_{secrets.token_hex(16)}", sender), kind, body)
        await self._store(media, body)
        return media

    def _id(self, inbox_id: str, key: str) -> str:
        return "med_" + hmac.new(self._key, f"{inbox_id}\0{key}".encode(), "sha256").hexdigest()[:32]

    def _new(
        self, media_id: str, sender: Sender, *, channel: str = "", source: str = "", state: str = "coming"
    ) -> Media:
        return Media(
            id=media_id,
            tenant_id=sender.tenant_id,
            inbox_id=sender.inbox_id,
            channel=channel,
            source=source,
            state=state,
            name=clean(sender.name),
            sender_id=sender.contact_id,
            created_at_ms=self._clock.now_ms(),
        )

    async def judge(self, body: bytes) -> Kind:
        """What a file is. Raises `FileRefused`, `TooLarge`."""
        return await asyncio.to_thread(self.terms.judge, body) if len(body) > _LONG else self.terms.judge(body)

    async def _check_room(self, sender: Sender, more: int) -> None:
        if not sender.contact_id:
            return
        there = await repository.bytes_of(self._database, sender.tenant_id, sender.contact_id)
        if there + more > self.terms.visitor_bytes:
            most = self.terms.visitor_bytes // 1_048_576
            raise TooLarge(f"All files of one visitor together have at most {most} MB.", code="files_full")

    def _described(self, media: Media, kind: Kind, body: bytes) -> Media:
        return msgspec.structs.replace(
            media,
            type=kind.type,
            name=name_for(media.name, kind),
            digest=hashlib.sha256(body).hexdigest(),
            size_bytes=len(body),
        )

    async def _store(self, media: Media, body: bytes) -> None:
        if await self._database.write(lambda: repository.expect(media)):
            await self._write(media, body)

    async def _write(self, media: Media, body: bytes) -> None:
        for at in range(0, len(body), PART_BYTES):
            part = body[at : at + PART_BYTES]
            await self._database.write(partial(repository.put_part, media, at, part))
        await self._database.write(lambda: repository.keep(media))

    async def drop_named(self, tenant_id: str, texts: Iterable[str]) -> None:
        """Files that words name are gone with them, for good; another tenant's stay, whoever names them."""
        if ids := [media_id for text in texts for media_id in named_in(text)]:
            await self._database.write(lambda: repository.drop(tenant_id, ids))

    async def list_sent_by(self, tenant_id: str, contact_id: str) -> list[Media]:
        """Up to five hundred that a visitor uploaded, oldest first, without their bytes."""
        return await repository.list_sent_by(self._database, tenant_id, contact_id)

    async def drop_sent_by(self, tenant_id: str, contact_id: str) -> None:
        """Whatever a visitor uploaded, also what no message names."""
        while await self._database.write(lambda: repository.drop_sent_by(tenant_id, contact_id)):
            continue

    async def look(self, media_id: str) -> Media | None:
        """Without its bytes."""
        return await repository.find(self._database, media_id)

    async def find(self, media_id: str) -> Media | None:
        """With its bytes, when they are here."""
        media = await self.look(media_id)
        if media is None or media.state != "kept":
            return media
        return msgspec.structs.replace(media, body=b"".join([part async for part in self.read(media)]))

    async def read(self, media: Media, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """Its bytes from `start` up to `stop`, part by part."""
        stop = media.size_bytes if stop is None else stop
        offsets = await repository.offsets_of(self._database, media)
        for at, following in zip(offsets, [*offsets[1:], media.size_bytes], strict=True):
            if at < stop and following > start:
                part = await repository.read_part(self._database, media, at)
                yield part[max(start - at, 0) : max(stop - at, 0)]

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
            body = await self._bringers[media.channel](media)
        except (MiaohuiError, KeyError) as error:
            _log.warning("media.not_fetched", media=media.id, reason=getattr(error, "code", "no_channel"))
            for_good = media.attempts + 1 >= ATTEMPTS
            await self._database.write(lambda: repository.miss(media, for_good=for_good))
            return
        try:
            kind = await self.judge(body)
        except MiaohuiError as error:
            _log.warning("media.not_taken", media=media.id, reason=error.code, bytes=len(body))
            await self._database.write(lambda: repository.miss(media, for_good=True))
            return
        whole = self._described(media, kind, body)
        await self._database.write(lambda: repository.point(whole))
        await self._write(whole, body)

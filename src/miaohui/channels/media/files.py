"""A picture that words name: one of ours, or one at an address outside, fetched with every guard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from miaohui.channels.media.types import PICTURES, id_of, sniff
from miaohui.kit.errors import Invalid, MiaohuiError
from miaohui.kit.fetch import Ask
from miaohui.kit.telemetry import get_log

if TYPE_CHECKING:
    from miaohui.channels.media.service import MediaStore
    from miaohui.kit.fetch import Fetcher

_log = get_log(__name__)


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A picture, ready to be handed on."""

    name: str
    type: str
    body: bytes


class Files:
    """Pictures for channels outside."""

    def __init__(self, store: MediaStore, fetcher: Fetcher) -> None:
        self.store = store
        self._fetcher = fetcher

    async def get(self, tenant_id: str, url: str) -> File | None:
        """The picture at `url`; None when there is none, or when it is another company's."""
        body = await self._own(tenant_id, url) if id_of(url) else await self._others(url)
        kind = sniff(body)
        if kind not in PICTURES:
            return None
        return File(name=f"picture.{kind.partition('/')[2]}", type=kind, body=body)

    async def _own(self, tenant_id: str, url: str) -> bytes:
        media = await self.store.find(id_of(url))
        return media.body if media is not None and media.tenant_id == tenant_id else b""

    async def _others(self, url: str) -> bytes:
        try:
            return await self.fetch(url)
        except MiaohuiError as error:
            _log.warning("picture.not_fetched", reason=error.code)
            return b""

    async def fetch(self, url: str) -> bytes:
        """What is at an address outside. Raises `Invalid`, `Unreachable`."""
        fetched = await self._fetcher.fetch(Ask(url=url))
        if fetched.status != 200:
            raise Invalid("There is no file at this address.", code="no_file")
        return fetched.body

"""A file that words name: one of ours, or a picture at an address outside, fetched with every guard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from miaohui.channels.media.kinds import KINDS, Family, kind_of
from miaohui.channels.media.looking import recognise
from miaohui.channels.media.naming import name_for
from miaohui.channels.media.types import id_of
from miaohui.kit.errors import Invalid, MiaohuiError
from miaohui.kit.fetch import Ask
from miaohui.kit.telemetry import get_log

if TYPE_CHECKING:
    from miaohui.channels.media.service import MediaStore
    from miaohui.kit.fetch import Fetcher

_log = get_log(__name__)


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file, ready to be handed on."""

    name: str
    type: str
    body: bytes

    @property
    def family(self) -> Family:
        """How it is shown."""
        kind = kind_of(self.type)
        return kind.family if kind else "document"


class Files:
    """Files for channels outside."""

    def __init__(self, store: MediaStore, fetcher: Fetcher, public_url: str = "") -> None:
        self.store = store
        self._fetcher = fetcher
        self._public_url = public_url.rstrip("/")

    async def get(self, tenant_id: str, url: str) -> File | None:
        """The picture at `url`; None when there is none, or when it is another company's."""
        file = await self._own(tenant_id, url) if id_of(url) else await self._others(url)
        return file if file is not None and file.family == "picture" else None

    async def any_of(self, tenant_id: str, url: str) -> File | None:
        """A file of ours of whatever kind; None when there is none, or when it is another company's."""
        return await self._own(tenant_id, url)

    def told(self, name: str, url: str) -> str:
        """Words in place of a file that a channel does not take: its link, if people outside can follow one."""
        if not id_of(url):
            return f"{name} {url}".strip()
        return f"{name} {self._public_url}{url}".strip() if self._public_url else f"[{name}]"

    async def _own(self, tenant_id: str, url: str) -> File | None:
        media = await self.store.find(id_of(url))
        if media is None or media.tenant_id != tenant_id or not media.body:
            return None
        kind = kind_of(media.type)
        name = media.name if kind is None or kind.family != "picture" else f"picture.{kind.name}"
        return File(name=name, type=media.type, body=media.body)

    async def _others(self, url: str) -> File | None:
        try:
            body = await self.fetch(url)
            kind = recognise(body)
        except MiaohuiError as error:
            _log.warning("picture.not_fetched", reason=error.code)
            return None
        return File(name=name_for("picture", KINDS[kind.name]), type=kind.type, body=body)

    async def fetch(self, url: str) -> bytes:
        """What is at an address outside. Raises `Invalid`, `Unreachable`."""
        fetched = await self._fetcher.fetch(Ask(url=url))
        if fetched.status != 200:
            raise Invalid("There is no file at this address.", code="no_file")
        return fetched.body

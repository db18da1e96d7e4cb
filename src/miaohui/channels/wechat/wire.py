"""What the APIs of WeChat and WeCom have in common: a token in the address, and JSON with an `errcode`."""

from __future__ import annotations

from typing import Any, Generic, Literal, Protocol, TypeAlias, TypeVar
from urllib.parse import urlencode

import msgspec

from miaohui.channels.media.files import File
from miaohui.channels.media.forms import FOR_FILES, form_of
from miaohui.channels.threads.errors import Unanswered
from miaohui.kit.fetch import Ask, Fetched, Limits, Unreachable

Upload: TypeAlias = Literal["image", "voice", "video", "file"]
"""What an upload is to be, and the message that shows it."""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What was answered. `errcode` 0 is success."""

    errcode: int = 0
    errmsg: str = ""
    access_token: str = ""
    expires_in: int = 0
    media_id: str = ""


S = TypeVar("S", bound=Said)


class Outgoing(Protocol):
    """What carries a request; see `kit.fetch.Fetcher`."""

    async def fetch(self, ask: Ask, limits: Limits | None = None) -> Fetched:
        """One answer. Raises `Unreachable`."""
        ...


class Wire(Generic[S]):
    """Over the network; `host` is not a tenant's to choose. No call is repeated here."""

    def __init__(self, fetcher: Outgoing, host: str, vendor: str, said: type[S]) -> None:
        """`vendor`: as errors name it. `said`: what of an answer is read."""
        self._fetcher = fetcher
        self._host = host.rstrip("/")
        self._vendor = vendor
        self._said = said

    async def call(self, path: str, token: str, payload: Any) -> S:
        """One call with a token. Raises `Unanswered`."""
        return await self.post(path, payload, access_token=token)

    async def post(self, path: str, payload: Any, **query: str) -> S:
        """JSON there, JSON back. Raises `Unanswered`."""
        headers, body = {"content-type": "application/json"}, msgspec.json.encode(payload)
        return self._read(await self._fetch(Ask(url=self._at(path, query), method="POST", headers=headers, body=body)))

    async def get(self, path: str, **query: str) -> S:
        """JSON back. Raises `Unanswered`."""
        return self._read(await self._fetch(Ask(url=self._at(path, query))))

    async def upload(self, token: str, file: File, what: Upload) -> S:
        """A file, for three days; `media_id` names it. Raises `Unanswered`."""
        kind, body = form_of("media", file)
        url = self._at("/cgi-bin/media/upload", {"access_token": token, "type": what})
        ask = Ask(url=url, method="POST", headers={"content-type": kind}, body=body)
        return self._read(await self._fetch(ask, FOR_FILES))

    async def download(self, token: str, media_id: str) -> S | bytes:
        """What somebody sent, or why not. Raises `Unanswered`."""
        url = self._at("/cgi-bin/media/get", {"access_token": token, "media_id": media_id})
        fetched = await self._fetch(Ask(url=url), FOR_FILES)
        kind = fetched.headers.get("content-type", "")
        return self._read(fetched) if kind.startswith(("application/json", "text/")) else fetched.body

    def _at(self, path: str, query: dict[str, str]) -> str:
        return f"{self._host}{path}?{urlencode(query)}" if query else self._host + path

    async def _fetch(self, ask: Ask, limits: Limits | None = None) -> Fetched:
        try:
            fetched = await self._fetcher.fetch(ask, limits)
        except Unreachable as error:
            raise Unanswered(f"{self._vendor} did not answer.", code=error.code) from None
        if fetched.status >= 500:
            raise Unanswered(f"{self._vendor} answered with an error of its own.", code=f"http_{fetched.status}")
        return fetched

    def _read(self, fetched: Fetched) -> S:
        try:
            return msgspec.json.decode(fetched.body, type=self._said)
        except msgspec.MsgspecError:
            raise Unanswered(f"{self._vendor} answered with something else.", code="unreadable") from None

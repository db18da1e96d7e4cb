"""Calls of Telegram's API. No call is repeated here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from miaohui.channels.media.forms import FOR_FILES, form_of
from miaohui.channels.threads.errors import Unanswered
from miaohui.kit.fetch import Ask, Fetcher, Limits, Unreachable

if TYPE_CHECKING:
    from miaohui.channels.media.files import File
    from miaohui.channels.telegram.types import Account

HOST = "https://api.telegram.org"


class Parameters(msgspec.Struct, frozen=True):
    """Why not now."""

    retry_after: int = 0


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What Telegram answered."""

    ok: bool = False
    error_code: int = 0
    description: str = ""
    parameters: Parameters = Parameters()
    result: Any = None


class Api(Protocol):
    """Telegram, as the rest of this room needs it."""

    async def call(self, account: Account, method: str, payload: dict[str, Any], file: File | None = None) -> Said:
        """One call; `file` goes as what the method sends: `photo` with `sendPhoto`. Raises `Unanswered`."""
        ...

    async def download(self, account: Account, file_path: str) -> bytes:
        """A file that `getFile` named. Raises `Unanswered`."""
        ...


class HttpApi:
    """Over the network; `host` is not a tenant's to choose."""

    def __init__(self, fetcher: Fetcher, host: str = HOST) -> None:
        self._fetcher = fetcher
        self._host = host.rstrip("/")

    async def call(self, account: Account, method: str, payload: dict[str, Any], file: File | None = None) -> Said:
        """POST `/bot<token>/<method>`."""
        url = f"{self._host}/bot{account.token}/{method}"
        json = "application/json", msgspec.json.encode(payload)
        kind, body = json if file is None else form_of(method.removeprefix("send").lower(), file, payload)
        ask = Ask(url=url, method="POST", headers={"content-type": kind}, body=body)
        answer = await self._fetch(ask, None if file is None else FOR_FILES)
        try:
            return msgspec.json.decode(answer, type=Said)
        except msgspec.MsgspecError:
            raise Unanswered("Telegram answered with something else.", code="unreadable") from None

    async def download(self, account: Account, file_path: str) -> bytes:
        """GET `/file/bot<token>/<path>`."""
        return await self._fetch(Ask(url=f"{self._host}/file/bot{account.token}/{file_path}"), FOR_FILES)

    async def _fetch(self, ask: Ask, limits: Limits | None) -> bytes:
        try:
            return (await self._fetcher.fetch(ask, limits)).body
        except Unreachable as error:
            raise Unanswered("Telegram did not answer.", code=error.code) from None

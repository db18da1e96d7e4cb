"""Calls of Telegram's API. No call is repeated here."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from miaohui.kit.errors import MiaohuiError
from miaohui.kit.fetch import Ask, Fetcher, Unreachable

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


class Unanswered(MiaohuiError):
    """Nobody knows whether Telegram did it; `code` is `timeout` or another of `kit.fetch`."""

    status = 502
    code = "unreachable"
    title = "Telegram did not answer"
    retryable = True


class Api(Protocol):
    """Telegram, as the rest of this room needs it."""

    async def call(self, account: Account, method: str, payload: dict[str, Any], file: File | None = None) -> Said:
        """One call; `file` goes as its `photo`. Raises `Unanswered`."""
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
        kind, body = ("application/json", msgspec.json.encode(payload)) if file is None else _form(payload, file)
        answer = await self._fetch(Ask(url=url, method="POST", headers={"content-type": kind}, body=body))
        try:
            return msgspec.json.decode(answer, type=Said)
        except msgspec.MsgspecError:
            raise Unanswered("Telegram answered with something else.", code="unreadable") from None

    async def download(self, account: Account, file_path: str) -> bytes:
        """GET `/file/bot<token>/<path>`."""
        return await self._fetch(Ask(url=f"{self._host}/file/bot{account.token}/{file_path}"))

    async def _fetch(self, ask: Ask) -> bytes:
        try:
            return (await self._fetcher.fetch(ask)).body
        except Unreachable as error:
            raise Unanswered("Telegram did not answer.", code=error.code) from None


def _form(payload: dict[str, Any], file: File) -> tuple[str, bytes]:
    boundary = secrets.token_hex(16)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in payload.items()
    ]
    head = f'Content-Disposition: form-data; name="photo"; filename="{file.name}"\r\nContent-Type: {file.type}\r\n\r\n'
    parts += [f"--{boundary}\r\n{head}".encode(), file.body, f"\r\n--{boundary}--\r\n".encode()]
    return f"multipart/form-data; boundary={boundary}", b"".join(parts)

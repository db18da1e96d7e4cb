"""Requests that are made again when that helps, under one key, so that nothing is done twice."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from random import random
from typing import Any, TypeVar

import aiohttp
import msgspec

from miaohui_client.errors import ApiError, Unreachable

T = TypeVar("T")
AGAIN = frozenset({429, 500, 502, 503, 504})
"""Statuses that are worth another attempt."""


class Retrying(msgspec.Struct, frozen=True, kw_only=True):
    """How patient the client is."""

    attempts: int = 5
    first_s: float = 0.5
    """Before the second attempt, on average half of it; doubled each time."""
    longest_s: float = 20.0
    timeout_s: float = 60.0
    """Of one attempt."""
    quiet_s: float = 45.0
    """Silence after which a stream is taken for dead; the server says something every 15 seconds."""


class Transport:
    """One server, one credential."""

    def __init__(self, base: str, credential: str, retrying: Retrying) -> None:
        self._base = base.rstrip("/")
        self._headers = {"authorization": f"Bearer {credential}"} if credential else {}
        self.retrying = retrying
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def ask(self, method: str, path: str, kind: type[T], json: Any = None, key: str = "") -> T:
        """An answer of `kind`; POSTs carry one key over all attempts. Raises `ApiError`, `Unreachable`.

        `json` that is bytes goes as it is.
        """
        headers = {"idempotency-key": key or new_key()} if method == "POST" else {}
        last: Exception | None = None
        for attempt in range(self.retrying.attempts):
            if attempt:
                await asyncio.sleep(self.pause_s(attempt, last))
            try:
                return await self._once(method, path, kind, json, headers)
            except ApiError as error:
                if error.status not in AGAIN and error.code != "idempotency_in_progress":
                    raise
                last = error
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                last = error
        if isinstance(last, ApiError):
            raise last
        raise Unreachable(f"{self._base} did not answer ({type(last).__name__})") from last

    async def _once(self, method: str, path: str, kind: type[T], json: Any, headers: Mapping[str, str]) -> T:
        timeout = aiohttp.ClientTimeout(total=self.retrying.timeout_s)
        sent = {**self._headers, **headers}
        body: dict[str, Any] = {"json": json}
        if isinstance(json, bytes):
            body, sent["content-type"] = {"data": json}, "application/octet-stream"
        async with self._open().request(method, self._base + path, headers=sent, timeout=timeout, **body) as answer:
            told = await answer.read()
            if answer.status >= 400:
                raise _problem(answer, told)
            return msgspec.json.decode(told or b"null", type=kind)

    @asynccontextmanager
    async def stream(
        self, method: str, path: str, json: Any = None, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[AsyncIterator[tuple[str, str, str]]]:
        """Server-sent events as (id, event, data). Raises `ApiError`; connection errors as they are."""
        sent = {**self._headers, "accept": "text/event-stream", **(headers or {})}
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=self.retrying.quiet_s)
        async with self._open().request(method, self._base + path, json=json, headers=sent, timeout=timeout) as answer:
            if answer.status >= 400:
                raise _problem(answer, await answer.read())
            yield _events(answer)

    def pause_s(self, attempt: int, last: Exception | None) -> float:
        """Seconds before an attempt: what the server asked for and a quarter more, or longer each time.

        It is never the same for all, or a crowd that lost its server would come back as one.
        """
        if isinstance(last, ApiError) and last.retry_after_s:
            return min(last.retry_after_s, self.retrying.longest_s) * (1 + random() / 4)  # noqa: S311
        return min(self.retrying.first_s * 2.0 ** (attempt - 1), self.retrying.longest_s) * random()  # noqa: S311

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        return self._session


def new_key() -> str:
    """An idempotency key: the same one again is the same request."""
    return secrets.token_hex(16)


def _problem(answer: aiohttp.ClientResponse, body: bytes) -> ApiError:
    try:
        problem = msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.MsgspecError:
        problem = {}
    error = ApiError(answer.status, problem)
    wish = answer.headers.get("retry-after", "")
    error.retry_after_s = float(wish) if wish.isdigit() else 0.0
    return error


async def _events(answer: aiohttp.ClientResponse) -> AsyncIterator[tuple[str, str, str]]:
    identity, name, data = "", "message", list[str]()
    async for raw in answer.content:
        line = raw.decode().rstrip("\r\n")
        if not line and data:
            yield identity, name, "\n".join(data)
            name, data = "message", []
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            data.append(value)
        elif field == "event":
            name = value
        elif field == "id":
            identity = value

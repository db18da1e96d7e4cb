"""Asking a company's systems: over HTTP, or a database that is only read."""

from __future__ import annotations

import asyncio
import base64
import sqlite3
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

import msgspec
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from miaohui.kit.errors import Unavailable
from miaohui.kit.fetch import Ask, Fetcher, Limits
from miaohui.tools.connectors.policy import bound_names, fill_body, fill_path, fill_query
from miaohui.tools.connectors.types import Auth, Connector, IdentityLookup, Operation, Values

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_BYTES = 1_048_576
MOST_ROWS = 200
_NOT_FOUND = 404


class Source(Protocol):
    """One system."""

    async def ask(self, operation: Operation | IdentityLookup, values: Values) -> Any:
        """JSON; None for nothing. Raises `Unavailable`."""
        ...

    async def close(self) -> None:
        """Let go."""
        ...


class HttpSource:
    """Over the guarded door to addresses that others name."""

    def __init__(self, connector: Connector, secret: str, fetcher: Fetcher) -> None:
        self._connector = connector
        self._secret = secret
        self._fetcher = fetcher
        self._limits = Limits(total_s=connector.timeout_s, answer_bytes=MOST_BYTES)

    async def ask(self, operation: Operation | IdentityLookup, values: Values) -> Any:
        auth = self._connector.auth
        query = fill_query(operation.query, values)
        if auth.kind == "query":
            query += ("&" if query else "") + f"{quote(auth.name)}={quote(self._secret, safe='')}"
        body = getattr(operation, "body", None)
        ask = Ask(
            url=self._connector.url.rstrip("/") + fill_path(operation.path, values) + (f"?{query}" if query else ""),
            method=getattr(operation, "method", "GET"),
            headers={"accept": "application/json", **self._credentials(auth), **_type_of(body)},
            body=b"" if body is None else msgspec.json.encode(fill_body(body, values)),
        )
        answer = await self._fetcher.fetch(ask, self._limits)
        if answer.status == _NOT_FOUND:
            return None
        if not 200 <= answer.status < 300:
            raise Unavailable(f"{self._connector.name} answered {answer.status}.", code="connector_refused")
        try:
            return msgspec.json.decode(answer.body) if answer.body else None
        except msgspec.DecodeError:
            raise Unavailable(f"{self._connector.name} answered no JSON.", code="connector_refused") from None

    def _credentials(self, auth: Auth) -> Mapping[str, str]:
        match auth.kind:
            case "bearer":
                return {"authorization": f"Bearer {self._secret}"}
            case "header":
                return {auth.name: self._secret}
            case "basic":
                pair = base64.b64encode(f"{auth.user}:{self._secret}".encode()).decode()
                return {"authorization": f"Basic {pair}"}
            case _:
                return {}

    async def close(self) -> None:
        await asyncio.sleep(0)


def _type_of(body: Any) -> Mapping[str, str]:
    return {} if body is None else {"content-type": "application/json"}


class SqlSource:
    """A database that is opened for reading alone: the statement could not write even if it said so."""

    def __init__(self, connector: Connector, secret: str) -> None:
        self._connector = connector
        self._engine = _open(connector.url, secret, connector.timeout_s)

    async def ask(self, operation: Operation | IdentityLookup, values: Values) -> Any:
        told = {name: values.get(name) for name in bound_names(operation.sql)}
        try:
            async with asyncio.timeout(self._connector.timeout_s), self._engine.connect() as connection:
                rows = (await connection.execute(text(operation.sql), told)).mappings().fetchmany(MOST_ROWS)
        except (SQLAlchemyError, OSError, sqlite3.Error) as error:
            detail = f"{self._connector.name} could not be read ({type(error).__name__})."
            raise Unavailable(detail, code="connector_refused") from None
        return [{name: _plain(value) for name, value in row.items()} for row in rows]

    async def close(self) -> None:
        await self._engine.dispose()


def _open(url: str, secret: str, timeout_s: float) -> AsyncEngine:
    if url.startswith("sqlite:///"):
        file = url.removeprefix("sqlite:///")
        return create_async_engine(f"sqlite+aiosqlite:///file:{quote(file)}?mode=ro&uri=true", pool_size=2)
    full = url.replace("postgresql://", "postgresql+asyncpg://", 1).replace("{secret}", quote(secret, safe=""))
    settings = {"default_transaction_read_only": "on", "statement_timeout": str(int(timeout_s * 1000))}
    return create_async_engine(full, pool_size=2, max_overflow=2, connect_args={"server_settings": settings})


def _plain(value: Any) -> Any:
    """What JSON can hold; anything else as text."""
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)

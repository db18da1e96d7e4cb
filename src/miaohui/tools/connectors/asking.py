"""Asking a company's systems: over HTTP, or a database that is only read."""

from __future__ import annotations

import asyncio
import base64
import sqlite3
from contextlib import closing
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

import msgspec
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from miaohui.kit.errors import Unavailable
from miaohui.kit.fetch import Ask, Fetcher, Limits
from miaohui.tools.connectors.policy import bound_names, fill_body, fill_path, fill_query
from miaohui.tools.connectors.types import Auth, Connector, IdentityLookup, Operation, Values

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_BYTES = 1_048_576
MOST_ROWS = 200
_NOT_FOUND = 404
_STEPS = 10_000
"""Of the database's machine, between two looks at the time."""


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


class SqliteSource:
    """A file that is opened for reading alone: the statement could not write even if it said so."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self._place = f"file:{quote(connector.url.removeprefix('sqlite:///'))}?mode=ro"

    async def ask(self, operation: Operation | IdentityLookup, values: Values) -> Any:
        try:
            return await asyncio.to_thread(self._read, operation.sql, values)
        except sqlite3.Error as error:
            raise _unread(self._connector, error) from None

    def _read(self, sql: str, values: Values) -> list[dict[str, Any]]:
        told = {name: values.get(name) for name in bound_names(sql)}
        with closing(sqlite3.connect(self._place, uri=True, timeout=self._connector.timeout_s)) as connection:
            connection.row_factory = sqlite3.Row
            until = monotonic() + self._connector.timeout_s
            connection.set_progress_handler(lambda: monotonic() > until, _STEPS)
            rows = connection.execute(sql, told).fetchmany(MOST_ROWS)
        return [{name: _plain(row[name]) for name in row.keys()} for row in rows]  # noqa: SIM118  (a Row is no dict)

    async def close(self) -> None:
        await asyncio.sleep(0)


class SqlSource:
    """A server whose session may only read: the statement could not write even if it said so."""

    def __init__(self, connector: Connector, secret: str) -> None:
        from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415  (0.1 s, for those with such a server)

        self._connector = connector
        url = connector.url.replace("postgresql://", "postgresql+asyncpg://", 1)
        settings = {
            "default_transaction_read_only": "on",
            "statement_timeout": str(int(connector.timeout_s * 1000)),
        }
        self._engine = create_async_engine(
            url.replace("{secret}", quote(secret, safe="")),
            pool_size=2,
            max_overflow=2,
            connect_args={"server_settings": settings},
        )

    async def ask(self, operation: Operation | IdentityLookup, values: Values) -> Any:
        told = {name: values.get(name) for name in bound_names(operation.sql)}
        try:
            async with asyncio.timeout(self._connector.timeout_s), self._engine.connect() as connection:
                rows = (await connection.execute(text(operation.sql), told)).mappings().fetchmany(MOST_ROWS)
        except (SQLAlchemyError, OSError) as error:
            raise _unread(self._connector, error) from None
        return [{name: _plain(value) for name, value in row.items()} for row in rows]

    async def close(self) -> None:
        await self._engine.dispose()


def _unread(connector: Connector, error: Exception) -> Unavailable:
    detail = f"{connector.name} could not be read ({type(error).__name__})."
    return Unavailable(detail, code="connector_refused")


def _plain(value: Any) -> Any:
    """What JSON can hold; anything else as text."""
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def open_source(connector: Connector, secret: str, fetcher: Fetcher) -> Source:
    """By its kind and its address."""
    if connector.kind == "http":
        return HttpSource(connector, secret, fetcher)
    return SqliteSource(connector) if connector.url.startswith("sqlite:///") else SqlSource(connector, secret)

"""Connectors of all tenants: kept, opened, and offered as tools."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from miaohui.kit.addresses import check_url
from miaohui.kit.aio import launch
from miaohui.kit.errors import FieldError, Invalid, MiaohuiError, NotFound
from miaohui.kit.fetch import Fetcher
from miaohui.kit.polling import keep_doing
from miaohui.kit.sealed import Seal
from miaohui.kit.telemetry import get_log
from miaohui.tools.connectors import repository
from miaohui.tools.connectors.asking import Source, open_source
from miaohui.tools.connectors.picking import pick
from miaohui.tools.connectors.policy import check_connector, choose, look_up, schema_of, things_of
from miaohui.tools.connectors.types import Connector, Found, Operation
from miaohui.tools.errors import ToolRefused
from miaohui.tools.ports import People
from miaohui.tools.toolbox import Tool
from miaohui.tools.types import Order

if TYPE_CHECKING:
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database

_POLL_S = 2.0
_LINES = 5
_LINE_CHARACTERS = 300
_log = get_log(__name__)

NOBODY = (
    "It is not known who this visitor is. Ask them to log in to the shop, or to verify themselves with `send_code`; "
    "never ask for passwords."
)
NONE = "This person has no such thing here. Ask them to check what they wrote; say nothing about whose it might be."


class Open(NamedTuple):
    """A connector in use."""

    connector: Connector
    source: Source
    tools: tuple[Tool, ...]


class Connectors:
    """A change holds at once in this process, in others within two seconds."""

    def __init__(self, db: Database, clock: Clock, people: People, seal: Seal, *, allow_private: bool = False) -> None:
        self._db = db
        self._clock = clock
        self._people = people
        self._seal = seal
        self._allow_private = allow_private
        self._fetcher = Fetcher(allow_private=allow_private)
        self._open: Mapping[str, tuple[Open, ...]] = {}
        self._seen: tuple[int, ...] | None = None

    def tools_of(self, tenant_id: str) -> tuple[Tool, ...]:
        """One for each operation of the tenant's connectors."""
        return tuple(tool for one in self._open.get(tenant_id, ()) for tool in one.tools)

    def list_(self, tenant_id: str) -> list[Connector]:
        """Without their secrets."""
        return [one.connector for one in self._open.get(tenant_id, ())]

    def get(self, tenant_id: str, name: str) -> Connector:
        """Raises `NotFound`."""
        for connector in self.list_(tenant_id):
            if connector.name == name:
                return connector
        raise NotFound("There is no such connector.")

    async def put(
        self, tenant_id: str, connector: Connector, secret: str | None, *, by_operator: bool = False
    ) -> Connector:
        """In place of the one of this name; without a secret it keeps the one it had. Raises `Invalid`.

        Only the operator of the server may name a database: its files and its network are theirs.
        """
        check_connector(connector)
        self._check_place(connector, by_operator=by_operator)
        taken = {
            tool.name
            for one in self._open.get(tenant_id, ())
            if one.connector.name != connector.name
            for tool in one.tools
        }
        for place, operation in enumerate(connector.operations):
            if operation.name in taken:
                field = FieldError(f"$.operations[{place}].name", "not that of another connector")
                raise Invalid("A tool needs a name of its own.", errors=[field])
        sealed = None if secret is None else self._seal.seal(secret.encode(), _place(tenant_id, connector.name))
        now_ms = self._clock.now_ms()
        await self._db.write(lambda: repository.put(tenant_id, connector, sealed, now_ms), key=tenant_id)
        await self.refresh()
        return connector

    def _check_place(self, connector: Connector, *, by_operator: bool) -> None:
        if connector.kind == "http":
            check_url(connector.url, allow_private=self._allow_private)
        elif not by_operator:
            field = FieldError("$.kind", "http; databases are connected on the server, with `miaohui connectors put`")
            raise Invalid("This connector cannot be used.", errors=[field])
        elif not connector.url.startswith(("sqlite:///", "postgresql://")):
            raise Invalid("This connector cannot be used.", errors=[FieldError("$.url", "sqlite:/// or postgresql://")])

    async def remove(self, tenant_id: str, name: str) -> None:
        """It is asked no more. Raises `NotFound`."""
        if not await self._db.write(lambda: repository.remove(tenant_id, name), key=tenant_id):
            raise NotFound("There is no such connector.")
        await self.refresh()

    def at_hand(self, tenant_id: str, question: str) -> tuple[str, ...] | None:
        """Nothing, where no operation is asked beforehand for such a question; else None."""
        opened = self._open.get(tenant_id)
        return (
            None
            if opened and any(_is_called(op, question) for one in opened for op in one.connector.operations)
            else ()
        )

    async def recall(self, tenant_id: str, owner: str, question: str) -> tuple[str, ...]:
        """A line for each thing of this owner that may matter for the question. Raises `Unavailable`."""
        asked = [
            (one, operation)
            for one in self._open.get(tenant_id, ())
            for operation in one.connector.operations
            if _is_called(operation, question)
        ]
        if not owner:
            return ()
        told = await asyncio.gather(*(one.source.ask(operation, {"owner": owner}) for one, operation in asked))
        return tuple(
            f"{operation.name}: {msgspec.json.encode(thing).decode()}"[:_LINE_CHARACTERS]
            for (_, operation), answer in zip(asked, told, strict=True)
            for thing in pick(choose(operation, answer, owner), question)[:_LINES]
        )

    async def find_identity(self, tenant_id: str, account: str) -> Found | None:
        """Whose account it is, and where a code can be sent. Raises `Unavailable`."""
        for one in self._open.get(tenant_id, ()):
            lookup = one.connector.identity
            if lookup is None:
                continue
            things = things_of(await one.source.ask(lookup, {"account": account}), lookup.rows)
            owner, email, phone = (
                str(look_up(things[0], path) or "") if len(things) == 1 else ""
                for path in (lookup.owner, lookup.email, lookup.phone)
            )
            if owner:
                return Found(owner, email, phone)
        return None

    def can_identify(self, tenant_id: str) -> bool:
        """Whether any system knows accounts."""
        return any(one.connector.identity for one in self._open.get(tenant_id, ()))

    async def refresh(self) -> None:
        """Read the connectors again when any was written."""
        stamp = await repository.stamp(self._db)
        if stamp == self._seen:
            return
        old = [one for group in self._open.values() for one in group]
        opened: dict[str, list[Open]] = {}
        for tenant_id, connector, sealed in await repository.list_all(self._db):
            if connector.enabled:
                opened.setdefault(tenant_id, []).append(self._start(tenant_id, connector, sealed))
        self._open = {tenant_id: tuple(group) for tenant_id, group in opened.items()}
        self._seen = stamp
        launch(_close(old), name="connectors-close")

    def _start(self, tenant_id: str, connector: Connector, sealed: str) -> Open:
        try:
            secret = self._seal.open(sealed, _place(tenant_id, connector.name)).decode() if sealed else ""
        except MiaohuiError as error:
            _log.warning("connectors.secret_lost", tenant_id=tenant_id, connector=connector.name, error=error.code)
            secret = ""
        source = open_source(connector, secret, self._fetcher)
        tools = tuple(self._tool(operation, source) for operation in connector.operations if not operation.recall)
        return Open(connector, source, tools)

    def _tool(self, operation: Operation, source: Source) -> Tool:
        async def work(order: Order) -> object:
            return await self._do(operation, source, order)

        return Tool(
            name=operation.name,
            description=operation.description,
            parameters=schema_of(operation),
            risk=operation.risk,
            work=work,
        )

    async def _do(self, operation: Operation, source: Source, order: Order) -> object:
        """Whose things are told goes by who was verified, whatever the arguments say."""
        owner = ""
        if operation.personal:
            owner = await self._people.find_owner(order.tenant_id, order.conversation_id)
            if not owner:
                raise ToolRefused(NOBODY)
        values: dict[str, Any] = {**order.arguments, "owner": owner, "key": order.key}
        told = choose(operation, await source.ask(operation, values), owner)
        if not told and operation.required:
            raise ToolRefused(NONE)
        return {"results": told}

    async def run(self) -> None:
        """Keep reading, until cancelled."""
        await keep_doing(self.refresh, every_s=_POLL_S, failing="connectors.unread")

    async def close(self) -> None:
        """Close what is open."""
        await _close([one for group in self._open.values() for one in group])
        await self._fetcher.close()


def _place(tenant_id: str, name: str) -> str:
    return f"connector {tenant_id} {name}"


def _is_called(operation: Operation, question: str) -> bool:
    return any(word in question for word in operation.recall)


async def _close(opened: Sequence[Open]) -> None:
    for one in opened:
        await one.source.close()

"""What the assistant may do besides speaking."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from miaohui.conversations.repository import ConversationsRepository
from miaohui.engines.abilities import Abilities
from miaohui.kit.aio import spawn, stop
from miaohui.kit.errors import NotFound
from miaohui.kit.fetch import Fetcher, Limits
from miaohui.tools.calculate import CALCULATE
from miaohui.tools.grants import Grants
from miaohui.tools.human import REQUEST_HUMAN
from miaohui.tools.now import build_now
from miaohui.tools.orders_file import FileOrders
from miaohui.tools.orders_http import HttpOrders
from miaohui.tools.repository import GrantsRepository
from miaohui.tools.search import build_search
from miaohui.tools.shop import build_orders

if TYPE_CHECKING:
    from miaohui.contacts.service import Contacts
    from miaohui.engines.router import Router
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database
    from miaohui.knowledge.service import Knowledge
    from miaohui.settings.types import Settings
    from miaohui.tools.ports import Orders
    from miaohui.tools.toolbox import Tool

_LIMITS = Limits(total_s=15.0, answer_bytes=262_144)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What tools are made of."""

    settings: Settings
    clock: Clock
    database: Database
    contacts: Contacts
    knowledge: Knowledge
    router: Router


async def build_grants(bench: Bench, stack: AsyncExitStack) -> Grants:
    """Every tool, and for whom. Raises `Invalid` for a setting that cannot be used."""
    tools: list[Tool] = [build_search(bench.knowledge), REQUEST_HUMAN, CALCULATE, build_now(bench.clock)]
    orders = build_shop(bench.settings, stack)
    if orders is not None:
        tools += build_orders(orders, KnownPeople(bench.database, bench.contacts))
    usual = [name.strip() for name in bench.settings.tools.split(",") if name.strip()]
    grants = Grants(tools, bench.clock, GrantsRepository(bench.database), usual=usual)
    grants.may_call = Abilities(bench.router.fleet).speak_tools
    await grants.refresh()
    stack.push_async_callback(stop, spawn(grants.run(), name="tool-grants"))
    return grants


def build_shop(settings: Settings, stack: AsyncExitStack) -> Orders | None:
    """Where orders are asked for, if anywhere."""
    if settings.orders_url:
        fetcher = Fetcher(allow_private=True, limits=_LIMITS)  # to the server that the operator named
        stack.push_async_callback(fetcher.close)
        return HttpOrders(fetcher, settings.orders_url, settings.orders_key.get_secret_value())
    return FileOrders(settings.orders_file) if settings.orders_file is not None else None


class KnownPeople:
    """See `tools.ports.People`."""

    def __init__(self, database: Database, contacts: Contacts) -> None:
        self._conversations = ConversationsRepository(database)
        self._contacts = contacts

    async def find_owner(self, tenant_id: str, conversation_id: str) -> str:
        """Empty for a visitor whom nobody vouched for."""
        conversation = await self._conversations.find(tenant_id, conversation_id)
        if conversation is None:
            return ""
        try:
            contact = await self._contacts.access(tenant_id, conversation.contact_id)
        except NotFound:
            return ""
        return contact.external_id if contact.verified else ""

"""Doors of others' make: WeChat, and the courier who tells everybody outside what is new."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from miaohui.channels.sealing import Seal
from miaohui.channels.threads.courier import Courier, Outward
from miaohui.channels.threads.service import Threads
from miaohui.channels.wechat.accounts import Accounts
from miaohui.channels.wechat.api import HttpApi
from miaohui.channels.wechat.door import WeChatDoor
from miaohui.channels.wechat.sending import AccountDoor, Sending
from miaohui.channels.wechat.service import Listener
from miaohui.channels.wechat.tokens import AccessTokens
from miaohui.kit.fetch import Fetcher, Limits
from miaohui.settings.service import secret_of

if TYPE_CHECKING:
    from miaohui.contacts.service import Contacts
    from miaohui.conversations.service import Conversations
    from miaohui.inboxes.service import Inboxes
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database
    from miaohui.settings.types import Settings
    from miaohui.turns.service import Turns

_LIMITS = Limits(total_s=8.0, answer_bytes=1_048_576)


@dataclass(frozen=True, slots=True)
class Rooms:
    """What these doors open onto."""

    settings: Settings
    database: Database
    clock: Clock
    inboxes: Inboxes
    contacts: Contacts
    conversations: Conversations
    turns: Turns


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Doors, and what speaks through them later."""

    threads: Threads
    accounts: Accounts
    sending: Sending
    wechat: WeChatDoor
    courier: Courier


def build_doors(rooms: Rooms, stack: AsyncExitStack) -> Doors:
    """Every door of others' make; what they hold open is closed with `stack`."""
    database, clock, settings = rooms.database, rooms.clock, rooms.settings
    seal = Seal(secret_of(settings))
    fetcher = Fetcher(allow_private=True, limits=_LIMITS)  # to the vendor that the operator named, no tenant
    stack.push_async_callback(fetcher.close)
    api = HttpApi(fetcher, settings.wechat_api_url)
    sending = Sending(api, AccessTokens(database, clock, seal, api))
    accounts = Accounts(database, clock, seal, rooms.inboxes)
    threads = Threads(database, clock, rooms.contacts, rooms.conversations)
    listener = Listener(threads, rooms.turns, sending, clock)

    async def outward() -> list[Outward]:
        return [AccountDoor(one, sending) for one in await accounts.list_() if one.can_send]

    return Doors(
        threads=threads,
        accounts=accounts,
        sending=sending,
        wechat=WeChatDoor(accounts, listener, clock),
        courier=Courier(threads, database, clock, outward),
    )

"""Doors of others' make: WeChat, and the courier who tells everybody outside what is new."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from miaohui.channels.link.page import LinkPage
from miaohui.channels.link.tickets import Tickets
from miaohui.channels.media.door import MediaDoor
from miaohui.channels.media.files import Files
from miaohui.channels.media.service import MOST_BYTES, MediaStore
from miaohui.channels.threads.courier import Courier, Outward
from miaohui.channels.threads.service import Threads
from miaohui.channels.wechat.accounts import Accounts
from miaohui.channels.wechat.api import HttpApi
from miaohui.channels.wechat.door import WeChatDoor
from miaohui.channels.wechat.policy import Timing
from miaohui.channels.wechat.sending import AccountDoor, Sending
from miaohui.channels.wechat.service import Listener
from miaohui.channels.wechat.tokens import AccessTokens
from miaohui.kit.fetch import Fetcher, Limits
from miaohui.kit.sealed import Seal
from miaohui.settings.service import secret_of

if TYPE_CHECKING:
    from miaohui.channels.media.types import Media
    from miaohui.contacts.service import Contacts
    from miaohui.conversations.service import Conversations
    from miaohui.inboxes.service import Inboxes
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database
    from miaohui.settings.types import Settings
    from miaohui.turns.service import Turns

_LIMITS = Limits(total_s=8.0, answer_bytes=MOST_BYTES)


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
    wechat: WeChatDoor
    media: MediaDoor
    link: LinkPage
    courier: Courier


def build_doors(rooms: Rooms, stack: AsyncExitStack) -> Doors:
    """Every door of others' make; what they hold open is closed with `stack`."""
    database, clock, settings = rooms.database, rooms.clock, rooms.settings
    seal = Seal(secret_of(settings))
    tickets = Tickets(database, clock, seal, rooms.inboxes, settings.public_url)
    store = MediaStore(database, clock, secret_of(settings))
    files = Files(store, _outside(stack, allow_private=settings.webhook_private))
    threads = Threads(database, clock, rooms.contacts, rooms.conversations)
    api = HttpApi(_outside(stack, allow_private=True), settings.wechat_api_url)
    sending = Sending(api, AccessTokens(database, clock, seal, api), files, tickets)
    accounts = Accounts(database, clock, seal, rooms.inboxes, sending)
    timing = Timing(answer_s=settings.wechat_answer_ms / 1000)
    listener = Listener(threads, rooms.turns, sending, clock, timing)

    async def outward() -> list[Outward]:
        return [AccountDoor(one, sending) for one in await accounts.list_() if one.can_send]

    async def bring(media: Media) -> bytes:
        return await sending.bring(await accounts.get(media.tenant_id, media.inbox_id), media.source)

    store.learn("wechat", bring)
    return Doors(
        threads=threads,
        wechat=WeChatDoor(accounts, listener, clock),
        media=MediaDoor(store),
        link=LinkPage(rooms.inboxes, tickets, settings.public_url),
        courier=Courier(threads, database, clock, outward),
    )


def _outside(stack: AsyncExitStack, *, allow_private: bool) -> Fetcher:
    """`allow_private` for a vendor that the operator named, not for what a tenant or a visitor names."""
    fetcher = Fetcher(allow_private=allow_private, limits=_LIMITS)
    stack.push_async_callback(fetcher.close)
    return fetcher

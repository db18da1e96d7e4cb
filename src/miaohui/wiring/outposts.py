"""One function for each channel of others' make: its door, and what speaks through it later."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from miaohui.channels import accounts as generic
from miaohui.channels.mail import types as mail_types
from miaohui.channels.mail.absent import Absences
from miaohui.channels.mail.carrying import Carrier
from miaohui.channels.mail.service import Mail
from miaohui.channels.mail.service import check_account as check_mailbox
from miaohui.channels.mail.tasks import Postman, over_imap
from miaohui.channels.media.terms import PICTURE_BYTES
from miaohui.channels.telegram import api as telegram_api
from miaohui.channels.telegram import door as telegram_door
from miaohui.channels.telegram import policy as telegram_policy
from miaohui.channels.telegram import sending as telegram_sending
from miaohui.channels.telegram import types as telegram_types
from miaohui.channels.threads.account_door import AccountDoor
from miaohui.channels.threads.hearing import Hearing
from miaohui.channels.wechat.accounts import Accounts
from miaohui.channels.wechat.api import HttpApi
from miaohui.channels.wechat.door import WeChatDoor
from miaohui.channels.wechat.policy import Timing
from miaohui.channels.wechat.sending import Sending
from miaohui.channels.wechat.service import Listener
from miaohui.channels.wechat.tokens import AccessTokens
from miaohui.channels.wecom import api as wecom_api
from miaohui.channels.wecom import door as wecom_door
from miaohui.channels.wecom import policy as wecom_policy
from miaohui.channels.wecom import sending as wecom_sending
from miaohui.channels.wecom import service as wecom_service
from miaohui.channels.wecom import types as wecom_types
from miaohui.channels.wecom.tasks import Puller
from miaohui.channels.wecom.transfers import Transfers
from miaohui.kit.fetch import Fetcher, Limits

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from miaohui.channels.link.tickets import Tickets
    from miaohui.channels.media.files import Files
    from miaohui.channels.media.types import Media
    from miaohui.channels.threads.courier import Outward
    from miaohui.channels.threads.service import Threads
    from miaohui.contacts.service import Contacts
    from miaohui.conversations.service import Conversations
    from miaohui.inboxes.service import Inboxes
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database
    from miaohui.kit.sealed import Seal
    from miaohui.settings.types import Settings
    from miaohui.turns.service import Turns

    Speakers = Callable[[], Awaitable[list[Outward]]]
    """Every inbox of a channel that may speak."""

_LIMITS = Limits(total_s=8.0, answer_bytes=PICTURE_BYTES)


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
class Shared:
    """What every channel of others' make stands on."""

    rooms: Rooms
    stack: AsyncExitStack
    seal: Seal
    files: Files
    tickets: Tickets
    threads: Threads

    def fetcher(self) -> Fetcher:
        """To a vendor that the operator named; never to an address that a tenant or a visitor names."""
        return outside(self.stack, allow_private=True)

    def hearing(self, channel: str) -> Hearing:
        """An ear for channels whose answers may come later."""
        return Hearing(channel, self.threads, self.rooms.turns, self.files.store)


def outside(stack: AsyncExitStack, *, allow_private: bool) -> Fetcher:
    """A fetcher that is closed with `stack`."""
    fetcher = Fetcher(allow_private=allow_private, limits=_LIMITS)
    stack.push_async_callback(fetcher.close)
    return fetcher


def build_wechat(shared: Shared) -> tuple[WeChatDoor, Speakers]:
    """WeChat Official Accounts."""
    rooms, seal = shared.rooms, shared.seal
    database, clock, settings = rooms.database, rooms.clock, rooms.settings
    api = HttpApi(shared.fetcher(), settings.wechat_api_url)
    sending = Sending(api, AccessTokens(database, clock, seal, api), shared.files, shared.tickets)
    accounts = Accounts(database, clock, seal, rooms.inboxes, sending)
    timing = Timing(answer_s=settings.wechat_answer_ms / 1000)
    listener = Listener(shared.threads, rooms.turns, sending, clock, timing)

    async def speakers() -> list[Outward]:
        return [AccountDoor("wechat", one, sending) for one in await accounts.list_() if one.can_send]

    async def bring(media: Media) -> bytes:
        return await sending.bring(await accounts.get(media.tenant_id, media.inbox_id), media.source)

    shared.files.store.learn("wechat", bring)
    return WeChatDoor(accounts, listener, clock), speakers


def build_wecom(shared: Shared) -> tuple[wecom_door.WeComDoor, Speakers]:
    """Customer-service accounts at WeCom."""
    rooms, seal, threads = shared.rooms, shared.seal, shared.threads
    database, clock = rooms.database, rooms.clock
    api = wecom_api.HttpApi(shared.fetcher(), rooms.settings.wecom_api_url)
    tokens: AccessTokens[wecom_types.Account] = AccessTokens(database, clock, seal, api, early_ms=0)
    sending = wecom_sending.Sending(api, tokens, shared.files, shared.tickets)
    kind = generic.Kind("wecom", wecom_types.Account, wecom_policy.check_account)
    accounts = generic.Accounts(database, clock, seal, rooms.inboxes, kind)
    listener = wecom_service.Listener(threads, shared.hearing("wecom"), rooms.conversations, sending, clock)
    puller = Puller(database, clock, sending, listener, Transfers(accounts, threads, sending, listener))

    async def speakers() -> list[Outward]:
        return [AccountDoor("wecom", one, sending) for one in await accounts.list_()]

    async def bring(media: Media) -> bytes:
        return await sending.bring(await accounts.get(media.tenant_id, media.inbox_id), media.source)

    shared.files.store.learn("wecom", bring)
    return wecom_door.WeComDoor(accounts, puller, clock), speakers


def build_telegram(shared: Shared) -> tuple[telegram_door.TelegramDoor, Speakers]:
    """Accounts at Telegram."""
    rooms = shared.rooms
    api = telegram_api.HttpApi(shared.fetcher(), rooms.settings.telegram_api_url)
    sending = telegram_sending.Sending(api, shared.files, shared.tickets)
    kind = generic.Kind("telegram", telegram_types.Account, telegram_policy.check_account)
    accounts = generic.Accounts(rooms.database, rooms.clock, shared.seal, rooms.inboxes, kind)

    async def speakers() -> list[Outward]:
        return [AccountDoor("telegram", one, sending) for one in await accounts.list_()]

    async def bring(media: Media) -> bytes:
        return await sending.bring(await accounts.get(media.tenant_id, media.inbox_id), media.source)

    shared.files.store.learn("telegram", bring)
    return telegram_door.TelegramDoor(accounts, shared.hearing("telegram"), sending), speakers


def build_mail(shared: Shared) -> tuple[Postman, Speakers]:
    """Mailboxes."""
    rooms, private = shared.rooms, shared.rooms.settings.mail_private
    carrier = Carrier(allow_private=private)
    mail = Mail(rooms.database, rooms.clock, shared.hearing("mail"), shared.files, carrier)
    kind = generic.Kind("mail", mail_types.Account, check_mailbox)
    accounts = generic.Accounts(rooms.database, rooms.clock, shared.seal, rooms.inboxes, kind)
    postman = Postman(rooms.database, rooms.clock, accounts, mail, over_imap(allow_private=private))
    postman.absences = Absences(rooms.database, rooms.clock, rooms.conversations, rooms.contacts, mail)
    postman.quiet_ms = round(rooms.settings.mail_absent_minutes * 60_000)

    async def speakers() -> list[Outward]:
        return [AccountDoor("mail", one, mail) for one in await accounts.list_()]

    return postman, speakers

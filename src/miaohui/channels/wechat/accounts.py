"""Official Accounts as companies set them up: sealed in the records, opened here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from miaohui.channels.wechat import crypto, repository
from miaohui.channels.wechat.types import Account, MenuItem
from miaohui.kit.cache import Cache
from miaohui.kit.errors import Conflict, FieldError, Invalid, NotFound

if TYPE_CHECKING:
    from miaohui.channels.wechat.repository import SealedAccount
    from miaohui.channels.wechat.sending import Sending
    from miaohui.channels.wechat.wire import Said
    from miaohui.inboxes.service import Inboxes
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database
    from miaohui.kit.sealed import Seal

CHANNEL = "wechat"
_CACHED_S = 10.0


class Accounts:
    """What was read may be ten seconds old."""

    def __init__(
        self, database: Database, clock: Clock, seal: Seal, inboxes: Inboxes, sending: Sending | None = None
    ) -> None:
        self._database = database
        self._sending = sending
        self._clock = clock
        self._seal = seal
        self._inboxes = inboxes
        self._cached: Cache[str, Account] = Cache(clock, size=10_000, seconds=_CACHED_S)
        self._all: Cache[str, list[Account]] = Cache(clock, size=1, seconds=_CACHED_S)

    async def find(self, inbox_id: str) -> Account | None:
        """The account behind an inbox, of whichever tenant: who calls proves itself by its signature."""
        account = self._cached.get(inbox_id)
        if account is None:
            found = await repository.find_account(self._database, CHANNEL, inbox_id)
            if found is None:
                return None
            account = self._open(found)
            self._cached.put(inbox_id, account)
        return account

    async def get(self, tenant_id: str, inbox_id: str) -> Account:
        """For the company's own people. Raises `NotFound`."""
        account = await self.find(inbox_id)
        if account is None or account.tenant_id != tenant_id:
            raise NotFound("This inbox has no WeChat account.")
        return account

    async def list_(self) -> list[Account]:
        """Of all tenants, for the courier."""
        accounts = self._all.get("")
        if accounts is None:
            accounts = [self._open(one) for one in await repository.list_accounts(self._database, CHANNEL)]
            self._all.put("", accounts)
        return accounts

    async def put(self, account: Account) -> None:
        """Set up or change. Raises `NotFound` (inbox), `Invalid`, `Conflict` when another inbox has the account."""
        inbox = await self._inboxes.get(account.tenant_id, account.inbox_id)
        if inbox.channel != CHANNEL:
            raise Conflict("This inbox is a door of another kind.", code="other_channel")
        check_account(account)
        sealed = repository.SealedAccount(
            inbox_id=account.inbox_id,
            tenant_id=account.tenant_id,
            channel=CHANNEL,
            public_id=account.app_id,
            sealed=self._seal.seal(msgspec.json.encode(account), f"account:{account.inbox_id}"),
        )
        now_ms = self._clock.now_ms()
        await self._database.write(lambda: repository.put_account(sealed, now_ms))
        self._cached.forget(account.inbox_id)
        self._all.forget("")

    async def push_menu(self, account: Account) -> Said:
        """Show the account's menu at WeChat; what WeChat said. Raises `Unanswered`, `Unavailable`."""
        if self._sending is None or not account.app_secret:
            raise Conflict("Without its AppSecret nobody can set an account's menu.", code="no_app_secret")
        return await self._sending.put_menu(account)

    async def prove(self, account: Account) -> Said:
        """What WeChat says to the AppSecret. Raises `Unanswered`."""
        if self._sending is None or not account.app_secret:
            raise Conflict("Without its AppSecret nobody can ask WeChat.", code="no_app_secret")
        return await self._sending.prove(account)

    def _open(self, found: SealedAccount) -> Account:
        return msgspec.json.decode(self._seal.open(found.sealed, f"account:{found.inbox_id}"), type=Account)


def check_account(account: Account) -> None:
    """Raises `Invalid`, naming every field that is not in form."""
    errors = []
    if not (1 <= len(account.app_id) <= 64 and account.app_id.isascii() and account.app_id.isalnum()):
        errors.append(FieldError("$.app_id", "the AppID, letters and digits"))
    if not (3 <= len(account.token) <= 32 and account.token.isascii() and account.token.isalnum()):
        errors.append(FieldError("$.token", "3 to 32 letters and digits"))
    needed = (account.aes_key,) if account.mode != "plain" else ()
    for name, key in (("aes_key", account.aes_key), ("previous_aes_key", account.previous_aes_key)):
        if (key or key in needed) and not _is_key(key):
            errors.append(FieldError(f"$.{name}", "the EncodingAESKey, 43 letters and digits"))
    if account.can_send and not account.app_secret:
        errors.append(FieldError("$.app_secret", "needed to speak by the customer-service API"))
    if len(account.welcome.encode()) > 2048:
        errors.append(FieldError("$.welcome", "at most 2048 bytes"))
    if len(account.menu) > 3 or not all(_is_button(one) for one in account.menu):
        detail = "at most three buttons, each with a question, or an address, or up to five others below it"
        errors.append(FieldError("$.buttons", detail))
    if errors:
        raise Invalid("The WeChat account is not in form.", errors=errors)


def _is_key(text: str) -> bool:
    try:
        crypto.read_key(text)
    except ValueError:
        return False
    return True


def _is_button(item: MenuItem) -> bool:
    meanings = [bool(item.question), bool(item.url), bool(item.items)]
    return sum(meanings) == 1 and len(item.items) <= 5 and all(_is_button(one) for one in item.items)

"""Official Accounts as companies set them up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from miaohui.channels import accounts
from miaohui.channels.wechat import crypto
from miaohui.channels.wechat.types import Account, MenuItem
from miaohui.kit.errors import Conflict, FieldError, Invalid

if TYPE_CHECKING:
    from miaohui.channels.wechat.sending import Sending
    from miaohui.channels.wechat.wire import Said
    from miaohui.inboxes.service import Inboxes
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database
    from miaohui.kit.sealed import Seal

CHANNEL = "wechat"


class Accounts(accounts.Accounts[Account]):
    """With what only WeChat does for an account."""

    def __init__(
        self, database: Database, clock: Clock, seal: Seal, inboxes: Inboxes, sending: Sending | None = None
    ) -> None:
        super().__init__(database, clock, seal, inboxes, accounts.Kind(CHANNEL, Account, check_account))
        self._sending = sending

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

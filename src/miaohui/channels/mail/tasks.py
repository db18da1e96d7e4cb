"""Looks into every mailbox now and then; of several nodes, one looks into each."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from miaohui.channels.cursors import repository
from miaohui.channels.mail.fetching import Batch, fetch
from miaohui.channels.mail.sockets import MailFailed
from miaohui.kit import aio, metrics
from miaohui.kit.errors import Conflict, Invalid, MiaohuiError
from miaohui.kit.ids import new_id
from miaohui.kit.telemetry import get_log

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from miaohui.channels.accounts import Accounts
    from miaohui.channels.mail.absent import Absences
    from miaohui.channels.mail.service import Mail
    from miaohui.channels.mail.types import Account, Letter
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database

    Fetch = Callable[[Account, str], Awaitable[Batch]]
    """New letters of a mailbox after a position."""

LEASE_MS = 180_000
AT_ONCE = 8

LETTERS = metrics.counter("miaohui_mail_letters_total", "Letters that came.", ("outcome",))
_log = get_log(__name__)


def over_imap(*, allow_private: bool) -> Fetch:
    """Fetching in a thread of its own."""

    async def fetching(account: Account, position: str) -> Batch:
        return await asyncio.to_thread(fetch, account.imap, position, allow_private=allow_private)

    return fetching


class Postman:
    """Runs for as long as the server does."""

    def __init__(self, database: Database, clock: Clock, accounts: Accounts[Account], mail: Mail, fetch: Fetch) -> None:
        self.absences: Absences | None = None
        self.quiet_ms = 0
        """After so long without a word, what somebody did not see goes after them; 0: never."""
        self.accounts = accounts
        self.mail = mail
        self._database = database
        self._clock = clock
        self._fetch = fetch
        self._owner = new_id("post")

    async def run(self, every_s: float) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.look_around()
                if self.absences is not None and self.quiet_ms:
                    await self.absences.look_around(await self.accounts.list_(), self.quiet_ms)
            except MiaohuiError as error:
                _log.warning("mail.records_unavailable", reason=error.code)
            await asyncio.sleep(every_s)

    async def notify(self, tenant_id: str, to: str, words: str, locale: str) -> str:
        """A letter to the company's own people from its first mailbox; why it was not sent, or empty."""
        account = next((one for one in await self.accounts.list_() if one.tenant_id == tenant_id), None)
        if account is None:
            return "no_mailbox"
        sent = await self.mail.send_notice(account, to, words, "en" if locale == "en" else "zh-CN")
        return "" if sent.state == "sent" else sent.detail

    async def prove_fetching(self, account: Account) -> str:
        """Why the mailbox cannot be read, or empty. Nothing of it is read."""
        try:
            await self._fetch(account, "")
        except MailFailed as error:
            return error.code
        return ""

    async def look_around(self) -> None:
        """Into every mailbox, some at a time; one that hangs holds up no other for long."""
        free = asyncio.Semaphore(AT_ONCE)

        async def look(account: Account) -> None:
            async with free:
                await self._look(account)

        looks = [aio.spawn(look(one), name=f"mail:{one.inbox_id}") for one in await self.accounts.list_()]
        await asyncio.gather(*looks, return_exceptions=True)

    async def _look(self, account: Account) -> None:
        more = True
        while more and (position := await self._lease(account.inbox_id)) is not None:
            try:
                batch = await self._fetch(account, position)
                for letter in batch.letters:
                    await self._hear(account, letter)
            except MiaohuiError as error:
                # What was heard already is known by its id: the mailbox is read again from here.
                _log.warning("mail.not_read", inbox=account.inbox_id, reason=error.code)
                return
            reached = batch.position
            await self._database.write(lambda reached=reached: repository.move(account.inbox_id, self._owner, reached))  # type: ignore[misc]
            more = batch.more

    async def _hear(self, account: Account, letter: Letter) -> None:
        try:
            await self.mail.hear(account, letter)
        except Invalid as error:  # it will be no better the next time
            LETTERS.labels("refused").inc()
            _log.warning("mail.letter_refused", inbox=account.inbox_id, reason=error.code)
            return
        LETTERS.labels("automatic" if letter.automatic else "heard").inc()

    async def _lease(self, inbox_id: str) -> str | None:
        now_ms = self._clock.now_ms()

        async def once() -> str | None:
            return await self._database.write(
                lambda: repository.lease(inbox_id, self._owner, now_ms, now_ms + LEASE_MS)
            )

        try:
            return await once()
        except Conflict:  # another node met this mailbox in the same moment
            return await once()

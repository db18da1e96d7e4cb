"""Reads what WeCom has: when it calls, and now and then without a call; of several nodes, one at a time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from miaohui.channels.cursors import repository
from miaohui.channels.wecom.api import SYNC
from miaohui.channels.wecom.types import Item
from miaohui.kit.aio import launch
from miaohui.kit.errors import Conflict, MiaohuiError, Unavailable
from miaohui.kit.ids import new_id
from miaohui.kit.telemetry import get_log

if TYPE_CHECKING:
    from miaohui.channels.wecom.sending import Sending
    from miaohui.channels.wecom.service import Listener
    from miaohui.channels.wecom.transfers import Transfers
    from miaohui.channels.wecom.types import Account
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database

PAGE = 100
LEASE_MS = 15_000
"""Longer than a page takes; so long a node that died keeps others waiting. Read twice, a page is still one."""
LOOK_S = 10.0
SWEEP_S = 300.0
"""Without a call WeCom lets itself be asked only now and then."""
TRIES = 5
_AGAIN_S = 2.0
_WAIT_S = 0.2

_decode = msgspec.json.Decoder(Item).decode
_log = get_log(__name__)


class Puller:
    """Runs for as long as the server does."""

    def __init__(
        self, database: Database, clock: Clock, sending: Sending, listener: Listener, transfers: Transfers
    ) -> None:
        self.transfers = transfers
        self.sending = sending
        self._database = database
        self._clock = clock
        self._listener = listener
        self._owner = new_id("pull")
        self._wanted: dict[str, str] = {}
        """By inbox that is to be read again: the token that WeCom called with last."""
        self._reading: set[str] = set()

    async def run(self) -> None:
        """Until cancelled."""
        swept = -SWEEP_S
        while True:
            try:
                accounts = await self.transfers.refresh()
                if self._clock.monotonic() - swept >= SWEEP_S:
                    swept = self._clock.monotonic()
                    for account in accounts:
                        self.want(account, "")
            except MiaohuiError as error:
                _log.warning("wecom.records_unavailable", reason=error.code)
            await asyncio.sleep(LOOK_S)

    def want(self, account: Account, token: str) -> None:
        """Have an account read soon; once more, when it is being read."""
        self._wanted[account.inbox_id] = token or self._wanted.get(account.inbox_id, "")
        if account.inbox_id not in self._reading:
            self._reading.add(account.inbox_id)
            launch(self._read_wanted(account), name=f"wecom:{account.inbox_id}")

    async def _read_wanted(self, account: Account) -> None:
        tries = 0
        try:
            while (token := self._wanted.pop(account.inbox_id, None)) is not None:
                try:
                    await self._read(account, token)
                    tries = 0
                except MiaohuiError as error:
                    # Nothing is lost: what was not taken is read again from where the cursor stands.
                    tries += 1
                    _log.warning("wecom.not_read", inbox=account.inbox_id, reason=error.code)
                    if tries < TRIES:
                        await asyncio.sleep(_AGAIN_S * tries)
                        self._wanted.setdefault(account.inbox_id, token)
        finally:
            self._reading.discard(account.inbox_id)

    async def _read(self, account: Account, token: str) -> None:
        position = await self._lease(account.inbox_id)
        try:
            while (reached := await self._read_page(account, token, position)) != position:
                await self._once_leased(account.inbox_id)  # a long backlog takes longer than one lease
                position = reached
        finally:
            await self._database.write(lambda: repository.release(account.inbox_id, self._owner))

    async def _read_page(self, account: Account, token: str, position: str) -> str:
        """The position after another page; the same when there is no more. Raises `Unanswered`, `Unavailable`."""
        asked = {"cursor": position, "token": token, "limit": PAGE, "voice_format": 0, "open_kfid": account.open_kfid}
        said = await self.sending.call(account, SYNC, {name: value for name, value in asked.items() if value != ""})
        if said.errcode:
            raise Unavailable("WeCom does not tell what it has.", code=f"wecom_{said.errcode}")
        for raw in said.msg_list:
            await self._take(account, raw)
        reached = said.next_cursor or position
        if reached != position:
            await self._database.write(lambda: repository.move(account.inbox_id, self._owner, reached))
        return reached if said.has_more else position

    async def _take(self, account: Account, raw: msgspec.Raw) -> None:
        try:
            item = _decode(raw)
        except msgspec.MsgspecError:
            _log.warning("wecom.unknown_item", inbox=account.inbox_id)
            return
        if item.open_kfid in {"", account.open_kfid}:
            await self._listener.take(account, item)

    async def _lease(self, inbox_id: str) -> str:
        """How far the account was read. Raises `Unavailable` when another process does not let go of it."""
        for _ in range(round(LEASE_MS / 1000 / _WAIT_S)):
            position = await self._once_leased(inbox_id)
            if position is not None:
                return position
            await asyncio.sleep(_WAIT_S)
        raise Unavailable("Another process reads this account.", code="being_read")

    async def _once_leased(self, inbox_id: str) -> str | None:
        now_ms = self._clock.now_ms()
        try:
            return await self._database.write(
                lambda: repository.lease(inbox_id, self._owner, now_ms, now_ms + LEASE_MS)
            )
        except Conflict:  # another node met this account in the same moment
            return None

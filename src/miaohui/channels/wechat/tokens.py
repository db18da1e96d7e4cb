"""One access token for all nodes: fetched by one of them, used by all, and never fetched in a loop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, Literal, Protocol, TypeVar

import msgspec

from miaohui.channels.threads.errors import Unanswered
from miaohui.channels.wechat import repository
from miaohui.channels.wechat.repository import TokenRow
from miaohui.kit import metrics
from miaohui.kit.errors import Conflict, Unavailable
from miaohui.kit.telemetry import get_log

if TYPE_CHECKING:
    from miaohui.channels.wechat.wire import Said
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database
    from miaohui.kit.sealed import Seal

EARLY_MS = 300_000
"""WeChat lets the old token live for five minutes beside the new one."""
FORCED_APART_MS = 30_000
FORCED_A_DAY = 20
_LEASE_MS = 15_000
_AGAIN_MS = 5_000
"""After a refusal."""
_LOOK_S = 0.1
_PATIENCE_S = 6.0
_DAY_MS = 86_400_000

Outcome = Literal["new", "elsewhere", "refused"]

REFRESHES = metrics.counter("miaohui_wechat_token_refreshes_total", "Access tokens asked for.", ("outcome",))

_log = get_log(__name__)


class Token(msgspec.Struct, frozen=True):
    """An access token and which one it is."""

    text: str
    version: int

    def __repr__(self) -> str:
        return f"Token(version={self.version})"


class Bearer(Protocol):
    """An account whose calls need a token."""

    @property
    def inbox_id(self) -> str:
        """Behind which inbox."""
        ...


A = TypeVar("A", bound=Bearer)
A_contra = TypeVar("A_contra", bound=Bearer, contravariant=True)


class Issuer(Protocol[A_contra]):
    """Who gives tokens."""

    async def fetch_token(self, account: A_contra, *, force: bool) -> Said:
        """The token of an account; `force` asks for a new one. Raises `Unanswered`."""
        ...


class AccessTokens(Generic[A]):
    """Shared over the records; a lease there says who asks the vendor."""

    def __init__(
        self, database: Database, clock: Clock, seal: Seal, api: Issuer[A], *, early_ms: int = EARLY_MS
    ) -> None:
        """`early_ms`: how long before its end a token is exchanged."""
        self._database = database
        self._clock = clock
        self._seal = seal
        self._api = api
        self._early_ms = early_ms

    async def get(self, account: A) -> Token:
        """A token that holds. Raises `Unavailable` when none is to be had."""
        row = await self._row(account.inbox_id)
        left_ms = row.expires_at_ms - self._clock.now_ms()
        if left_ms > self._early_ms:
            return self._open(row)
        outcome = await self._fetch(account, row, force=False)
        if outcome == "new" or left_ms <= 0:
            return await self._next_after(account, row, outcome)
        return self._open(row)

    async def renew(self, account: A, bad: Token) -> Token:
        """WeChat said that `bad` does not hold: the one after it. Raises `Unavailable`."""
        row = await self._row(account.inbox_id)
        if row.version > bad.version:
            return self._open(row)
        forced = self._force(row)
        outcome: Outcome = "elsewhere"
        if forced is not None:
            outcome = await self._fetch(account, forced, force=True)
        elif row.lease_until_ms <= self._clock.now_ms():
            outcome = "refused"  # a new one was made a moment ago, or too many were today: no loop
        return await self._next_after(account, row, outcome)

    def _force(self, row: TokenRow) -> TokenRow | None:
        """The row with one more forced refresh on it, unless there were enough."""
        now_ms = self._clock.now_ms()
        today = now_ms // _DAY_MS
        count = row.forced_count if row.forced_day == today else 0
        if now_ms - row.forced_at_ms < FORCED_APART_MS or count >= FORCED_A_DAY:
            return None
        return msgspec.structs.replace(row, forced_at_ms=now_ms, forced_day=today, forced_count=count + 1)

    async def _fetch(self, account: A, row: TokenRow, *, force: bool) -> Outcome:
        """Ask WeChat, unless somebody else is at it."""
        now_ms = self._clock.now_ms()
        leased = await self._database.write(lambda: repository.lease(row, now_ms, now_ms + _LEASE_MS))
        if not leased:
            return "elsewhere"
        said = await self._ask(account, force=force)
        if said is None:
            again_ms = self._clock.now_ms() + _AGAIN_MS
            await self._database.write(lambda: repository.give_up_lease(row, again_ms))
            return "refused"
        sealed = self._seal.seal(said.access_token.encode(), f"token:{row.inbox_id}")
        expires_ms = self._clock.now_ms() + said.expires_in * 1000
        await self._database.write(lambda: repository.store_token(row, sealed, expires_ms))
        return "new"

    async def _ask(self, account: A, *, force: bool) -> Said | None:
        try:
            said = await self._api.fetch_token(account, force=force)
        except Unanswered as error:
            REFRESHES.labels("unanswered").inc()
            _log.warning("wechat.token_unanswered", inbox=account.inbox_id, reason=error.code)
            return None
        if said.errcode or not said.access_token:
            REFRESHES.labels("refused").inc()
            _log.error("wechat.token_refused", inbox=account.inbox_id, errcode=said.errcode)
            return None
        REFRESHES.labels("forced" if force else "fetched").inc()
        return said

    async def _next_after(self, account: A, row: TokenRow, outcome: Outcome) -> Token:
        """Whoever fetches it, it is in the records soon. Raises `Unavailable` when nobody does."""
        deadline = self._clock.monotonic() + (0 if outcome == "refused" else _PATIENCE_S)
        while True:
            current = await self._row(account.inbox_id)
            if current.version > row.version:
                return self._open(current)
            if self._clock.monotonic() >= deadline:
                raise Unavailable("WeChat gives no access token just now.", code="token")
            await asyncio.sleep(_LOOK_S)

    async def _row(self, inbox_id: str) -> TokenRow:
        found = await repository.find_token(self._database, inbox_id)
        if found is not None:
            return found
        try:
            return await self._database.write(lambda: repository.token_row(inbox_id))
        except Conflict:
            return await self._database.write(lambda: repository.token_row(inbox_id))

    def _open(self, row: TokenRow) -> Token:
        if not row.sealed:
            raise Unavailable("WeChat gives no access token just now.", code="token")
        return Token(self._seal.open(row.sealed, f"token:{row.inbox_id}").decode(), row.version)

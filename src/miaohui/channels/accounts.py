"""What a company has set up at a vendor: sealed in the records, opened here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import msgspec

from miaohui.channels.vendors import repository
from miaohui.kit.cache import Cache
from miaohui.kit.errors import Conflict, NotFound

if TYPE_CHECKING:
    from miaohui.inboxes.service import Inboxes
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database
    from miaohui.kit.sealed import Seal

_CACHED_S = 10.0


class Outpost(Protocol):
    """An account of some channel."""

    @property
    def inbox_id(self) -> str:
        """Behind which inbox."""
        ...

    @property
    def tenant_id(self) -> str:
        """Whose."""
        ...

    @property
    def public_id(self) -> str:
        """The vendor's name of it: one account stands behind one inbox only."""
        ...


A = TypeVar("A", bound=Outpost)


class Kind(msgspec.Struct, Generic[A], frozen=True):
    """A channel's accounts: its name, their form, and what must be right in them."""

    channel: str
    type: type[A]
    check: Callable[[A], None]
    """Raises `Invalid`, naming every field that is not in form."""


class Accounts(Generic[A]):
    """Accounts of one channel. What was read may be ten seconds old."""

    def __init__(self, database: Database, clock: Clock, seal: Seal, inboxes: Inboxes, kind: Kind[A]) -> None:
        self._database = database
        self._clock = clock
        self._seal = seal
        self._inboxes = inboxes
        self._kind = kind
        self._cached: Cache[str, A] = Cache(clock, size=10_000, seconds=_CACHED_S)
        self._all: Cache[str, list[A]] = Cache(clock, size=1, seconds=_CACHED_S)

    async def find(self, inbox_id: str) -> A | None:
        """The account behind an inbox, of whichever tenant: who calls proves itself."""
        account = self._cached.get(inbox_id)
        if account is None:
            found = await repository.find_account(self._database, self._kind.channel, inbox_id)
            if found is None:
                return None
            account = self._open(found)
            self._cached.put(inbox_id, account)
        return account

    async def get(self, tenant_id: str, inbox_id: str) -> A:
        """For the company's own people. Raises `NotFound`."""
        account = await self.find(inbox_id)
        if account is None or account.tenant_id != tenant_id:
            raise NotFound("This inbox has no such account.")
        return account

    async def list_(self) -> list[A]:
        """Of all tenants that are served, for the courier and whoever looks for news at a vendor."""
        return [one for one in await self._list_all() if self.is_open(one)]

    def is_open(self, account: A) -> bool:
        """Whether its tenant is served."""
        return self._inboxes.is_open(account.tenant_id)

    async def _list_all(self) -> list[A]:
        accounts = self._all.get("")
        if accounts is None:
            found = await repository.list_accounts(self._database, self._kind.channel)
            accounts = [self._open(one) for one in found]
            self._all.put("", accounts)
        return accounts

    async def check(self, account: A) -> None:
        """Raises `NotFound` (inbox), `Invalid`, `Conflict` when the inbox is a door of another kind.

        And `Conflict` when another inbox has the account: whoever tells the vendor where to call from now on asks this
        first, or the calls of that other inbox would come to this one.
        """
        inbox = await self._inboxes.get(account.tenant_id, account.inbox_id)
        if inbox.channel != self._kind.channel:
            raise Conflict("This inbox is a door of another kind.", code="other_channel")
        self._kind.check(account)
        holder = await repository.find_holder(self._database, self._kind.channel, account.public_id)
        if holder not in {None, account.inbox_id}:
            raise Conflict("Another inbox has this account.", code="account_taken")

    async def put(self, account: A) -> None:
        """Set up or change; raises as `check`."""
        await self.check(account)
        sealed = repository.SealedAccount(
            inbox_id=account.inbox_id,
            tenant_id=account.tenant_id,
            channel=self._kind.channel,
            public_id=account.public_id,
            sealed=self._seal.seal(msgspec.json.encode(account), f"account:{account.inbox_id}"),
        )
        now_ms = self._clock.now_ms()
        await self._database.write(lambda: repository.put_account(sealed, now_ms))
        self._cached.forget(account.inbox_id)
        self._all.forget("")

    def _open(self, found: repository.SealedAccount) -> A:
        plain = self._seal.open(found.sealed, f"account:{found.inbox_id}")
        return msgspec.json.decode(plain, type=self._kind.type)

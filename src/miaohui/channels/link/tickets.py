"""A link that says who follows it: sealed, good for some minutes and a few times, and for one inbox."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import jwt
import msgspec

from miaohui.channels.link import repository
from miaohui.kit.errors import Conflict, MiaohuiError, Unauthenticated
from miaohui.kit.ids import new_id

if TYPE_CHECKING:
    from miaohui.channels.threads.types import Thread
    from miaohui.inboxes.service import Inboxes
    from miaohui.inboxes.types import Inbox
    from miaohui.kit.clock import Clock
    from miaohui.kit.database import Database
    from miaohui.kit.sealed import Seal

LIFE_MS = 600_000
USES = 3
"""More than one: messengers look at a link before they show it, and people reload."""
TICKET_BYTES = 400
"""More than a ticket adds to an address."""
_IDENTITY_S = 120


class _Ticket(msgspec.Struct, frozen=True, array_like=True):
    address: str
    nonce: str
    until_ms: int


class Tickets:
    """Makes links personal, and reads who followed one."""

    def __init__(self, database: Database, clock: Clock, seal: Seal, inboxes: Inboxes, public_url: str) -> None:
        self._database = database
        self._clock = clock
        self._seal = seal
        self._inboxes = inboxes
        self._base = public_url.rstrip("/")

    def has_link(self, text: str) -> bool:
        """Whether words may hold a link to one of our pages."""
        return bool(self._base) and f"{self._base}/c/" in text

    async def personal(self, thread: Thread, text: str) -> str:
        """The first link to the thread's own inbox says who follows it; other words stay as they are."""
        if not self.has_link(text):
            return text
        inbox = await self._inboxes.get(thread.tenant_id, thread.inbox_id)
        link = re.compile(re.escape(f"{self._base}/c/{inbox.site_key}") + r"(?![\w?/-])")
        ticket = self.issue(inbox.id, thread.address)
        return link.sub(lambda found: f"{found[0]}?ticket={ticket}", text, count=1)

    def issue(self, inbox_id: str, address: str) -> str:
        """A ticket for who is at `address`."""
        ticket = _Ticket(address, new_id("tick"), self._clock.now_ms() + LIFE_MS)
        return self._seal.seal(msgspec.json.encode(ticket), f"ticket:{inbox_id}").rstrip("=")

    async def redeem(self, inbox: Inbox, text: str) -> str:
        """An identity token for who holds the ticket. Raises `Unauthenticated`."""
        ticket, now_ms = self._open(inbox.id, text), self._clock.now_ms()
        if ticket is None or ticket.until_ms <= now_ms or await self._uses(ticket, now_ms) > USES:
            raise Unauthenticated("This link does not hold any more. Ask for a new one.", code="ticket")
        secret = await self._inboxes.identity_secret(inbox.tenant_id, inbox.id)
        claims = {"sub": ticket.address, "exp": now_ms // 1000 + _IDENTITY_S}
        return jwt.encode(claims, secret, algorithm="HS256")

    def _open(self, inbox_id: str, text: str) -> _Ticket | None:
        try:
            padded = text + "=" * (-(len(text) - len("s1.")) % 4)
            plain = self._seal.open(padded, f"ticket:{inbox_id}")
            return msgspec.json.decode(plain, type=_Ticket)
        except (MiaohuiError, msgspec.MsgspecError):
            return None

    async def _uses(self, ticket: _Ticket, now_ms: int) -> int:
        try:
            return await self._database.write(lambda: repository.use(ticket.nonce, ticket.until_ms, now_ms))
        except Conflict:  # shown to another node in this moment
            return await self._database.write(lambda: repository.use(ticket.nonce, ticket.until_ms, now_ms))

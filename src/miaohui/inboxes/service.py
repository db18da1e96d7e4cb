"""Setting up inboxes, finding them at the door, and checking whom a tenant's site says its visitor is."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, TypedDict

import jwt

from miaohui.inboxes import repository
from miaohui.inboxes.hours import Hours, check_hours
from miaohui.inboxes.types import Assistant, Channel, Inbox, Locale
from miaohui.kit.cache import Cache
from miaohui.kit.clock import Clock
from miaohui.kit.database import Database
from miaohui.kit.errors import FieldError, Invalid, NotFound, Unauthenticated
from miaohui.kit.ids import new_id
from miaohui.tenants.standings import Standings

_CACHED_S = 10.0
_CACHED = 10_000


class VerifiedIdentity(TypedDict):
    """What a tenant's site has signed about its visitor."""

    external_id: str
    name: str
    attributes: dict[str, str]


class Inboxes:
    """The doors of all tenants. What was read may be `_CACHED_S` seconds old in another process."""

    def __init__(self, database: Database, clock: Clock, standings: Standings | None = None) -> None:
        """`standings`: whose doors are open; without them everybody's are."""
        self._database = database
        self._clock = clock
        self._standings = standings
        self._by_id: Cache[tuple[str, str], Inbox] = Cache(clock, size=_CACHED, seconds=_CACHED_S)
        self._by_site_key: Cache[str, Inbox] = Cache(clock, size=_CACHED, seconds=_CACHED_S)
        self._hours: Cache[tuple[str, str], tuple[Hours | None]] = Cache(clock, size=_CACHED, seconds=_CACHED_S)

    async def create(
        self,
        tenant_id: str,
        name: str,
        *,
        channel: Channel = "web",
        assistant: Assistant | None = None,
        locale: Locale = "zh-CN",
    ) -> Inbox:
        """Open an inbox with a new site key and identity secret. Raises `Invalid` on an empty name."""
        inbox = Inbox(
            id=new_id("inb"),
            tenant_id=tenant_id,
            channel=channel,
            name=_checked_name(name),
            site_key="site_" + secrets.token_hex(12),
            assistant=assistant or Assistant(),
            locale=locale,
            created_at_ms=self._clock.now_ms(),
        )
        return await self._database.write(lambda: repository.insert(inbox, secrets.token_urlsafe(32)))

    async def change(self, inbox: Inbox) -> Inbox:
        """Store name, allowed origins, assistant, locale, what is taken of visitors. Raises `NotFound`, `Invalid`."""
        _checked_name(inbox.name)
        changed = await self._database.write(lambda: repository.change(inbox))
        if changed is None:
            raise NotFound("There is no such inbox.")
        self._by_id.forget((inbox.tenant_id, inbox.id))
        self._by_site_key.forget(changed.site_key)
        return changed

    async def get(self, tenant_id: str, inbox_id: str) -> Inbox:
        """Raises `NotFound`, also for another tenant's."""
        inbox = self._by_id.get((tenant_id, inbox_id))
        if inbox is None:
            inbox = await repository.find(self._database, tenant_id, inbox_id)
            if inbox is None:
                raise NotFound("There is no such inbox.")
            self._by_id.put((tenant_id, inbox_id), inbox)
        return inbox

    async def find_by_site_key(self, site_key: str) -> Inbox | None:
        """The inbox that an embed code names."""
        inbox = self._by_site_key.get(site_key)
        if inbox is None:
            inbox = await repository.find_by_site_key(self._database, site_key)
            if inbox is not None:
                self._by_site_key.put(site_key, inbox)
        return inbox

    def is_open(self, tenant_id: str) -> bool:
        """Whether the tenant is served: while it is not, nothing comes in or goes out by any door of its."""
        return self._standings is None or self._standings.serves(tenant_id)

    def check_open(self, tenant_id: str) -> None:
        """Raises `TenantSuspended`."""
        if self._standings is not None:
            self._standings.check(tenant_id)

    async def list_(self, tenant_id: str) -> list[Inbox]:
        """The tenant's, oldest first."""
        return await repository.list_(self._database, tenant_id)

    async def hours_of(self, tenant_id: str, inbox_id: str) -> Hours | None:
        """When the inbox is attended; None: always."""
        known = self._hours.get((tenant_id, inbox_id))
        if known is None:
            known = (await repository.find_hours(self._database, tenant_id, inbox_id),)
            self._hours.put((tenant_id, inbox_id), known)
        return known[0]

    async def set_hours(self, tenant_id: str, inbox_id: str, hours: Hours | None) -> None:
        """None: attended always. Raises `Invalid`, `NotFound`."""
        await self.get(tenant_id, inbox_id)
        if hours is not None:
            check_hours(hours)
        now_ms = self._clock.now_ms()
        await self._database.write(lambda: repository.set_hours(tenant_id, inbox_id, hours, now_ms))
        self._hours.forget((tenant_id, inbox_id))

    async def identity_secret(self, tenant_id: str, inbox_id: str) -> str:
        """What the tenant's server signs its visitors' identities with. Raises `NotFound`."""
        secret = await repository.find_secret(self._database, tenant_id, inbox_id)
        if secret is None:
            raise NotFound("There is no such inbox.")
        return secret

    async def verify_identity(self, inbox_id: str, token: str) -> VerifiedIdentity:
        """Read a JWT (HS256, `sub`, `exp`; `name` and `attributes` if wished) signed with the inbox's identity secret.

        Raises `Unauthenticated` when it does not hold.
        """
        secret = await repository.find_secret_for_proof(self._database, inbox_id)
        if secret is None:
            raise Unauthenticated("The identity token does not hold.")
        try:
            claims = jwt.decode(
                token, secret, algorithms=["HS256"], options={"require": ["sub", "exp"], "verify_aud": False}
            )
        except jwt.InvalidTokenError:
            raise Unauthenticated("The identity token does not hold.") from None
        return _identity(claims)


def _identity(claims: Mapping[str, Any]) -> VerifiedIdentity:
    external_id, name, attributes = claims["sub"], claims.get("name", ""), claims.get("attributes", {})
    if not (isinstance(name, str) and isinstance(attributes, dict) and 0 < len(external_id) <= 128):
        raise Unauthenticated("The identity token does not hold: `sub`, `name` or `attributes` is not in form.")
    return VerifiedIdentity(
        external_id=external_id,
        name=name[:200],
        attributes={str(key)[:64]: str(value)[:256] for key, value in list(attributes.items())[:32]},
    )


def _checked_name(name: str) -> str:
    if not name.strip() or len(name) > 200:
        raise Invalid("An inbox needs a name.", errors=[FieldError("$.name", "1 to 200 characters")])
    return name.strip()

"""Whether a message may come in, and what may go out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from miaohui.guard.injection import suspect
from miaohui.guard.limits import Bucket, Limits
from miaohui.guard.own_screen import Replacing, TwoScreens
from miaohui.guard.screen import Screen
from miaohui.guard.types import Limit, Verdict
from miaohui.guard.words import Words
from miaohui.identity.types import Principal

if TYPE_CHECKING:
    from miaohui.guard.lists import OwnLists
    from miaohui.guard.own import Own
    from miaohui.tenants.limits import CompanyLimits
    from miaohui.tenants.types import OwnLimits


PAGES_PER_MINUTE, PAGES_AT_ONCE = 30, 10
"""How often a visitor's page may say where they are; the widget says so at most every two seconds."""


class GuardOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The bounds; messages are visitors' messages."""

    visitor_messages_per_minute: int = 30
    visitor_burst: int = 10
    tenant_messages_per_minute: int = 60_000
    tenant_burst: int = 3_000
    visitor_pictures_per_minute: int = 12
    """As many may come at once."""
    tenant_pictures_per_minute: int = 600
    message_bytes: int = 16_384
    """Longest message, in bytes of UTF-8."""

    def narrowed(self, own: OwnLimits) -> GuardOptions:
        """As a company set it for itself, and never wider than these."""
        set_ = {name: getattr(own, name) for name in self.__struct_fields__}
        narrower = {name: min(value, getattr(self, name)) for name, value in set_.items() if value is not None}
        return msgspec.structs.replace(self, **narrower)


class Guard:
    """Limits, listed words and signs of injection, one call each."""

    def __init__(
        self, limits: Limits, words: Words, options: GuardOptions | None = None, own: OwnLists | None = None
    ) -> None:
        """`own`: what companies list for themselves; without it none does."""
        self.own = own
        self.companies: CompanyLimits | None = None
        """What companies set for themselves within the bounds."""
        self._limits = limits
        self._words = words
        self._options = options or GuardOptions()

    @property
    def options(self) -> GuardOptions:
        """The bounds of the installation."""
        return self._options

    def options_for(self, tenant_id: str) -> GuardOptions:
        """The bounds that hold for a company."""
        own = None if self.companies is None else self.companies.find(tenant_id)
        return self._options if own is None else self._options.narrowed(own)

    @property
    def listed(self) -> Mapping[str, int]:
        """How many words are listed, by category."""
        return self._words.counts

    async def admit(self, principal: Principal) -> list[Limit]:
        """Charge one message; where the principal stands. When any limit is not `allowed`, none was charged.

        Visitors have a limit of their own beside their tenant's; agents and keys count for the tenant alone.
        """
        return await self._limits.take(self._buckets(principal))

    async def admit_picture(self, principal: Principal) -> list[Limit]:
        """Charge one picture of a visitor's, as `admit` does a message; who serves sends as many as it takes."""
        if principal.kind != "visitor":
            return []
        tenant_id = principal.tenant_id
        options = self.options_for(tenant_id)
        each, all_ = options.visitor_pictures_per_minute, options.tenant_pictures_per_minute
        own = Bucket("visitor_pictures", f"vp:{tenant_id}:{principal.id}", each, each)
        return await self._limits.take((own, Bucket("tenant_pictures", f"tp:{tenant_id}", all_, all_)))

    async def admit_page(self, principal: Principal) -> list[Limit]:
        """Charge one word of where a visitor is, which a page sends when they move."""
        key = f"vu:{principal.tenant_id}:{principal.id}"
        return await self._limits.take((Bucket("visitor_pages", key, PAGES_PER_MINUTE, PAGES_AT_ONCE),))

    async def standing(self, principal: Principal) -> list[Limit]:
        """The same without a charge."""
        return await self._limits.peek(self._buckets(principal))

    def judge(self, tenant_id: str, text: str) -> Verdict:
        """About a text that came in. Suspicion alone never refuses."""
        most = self.options_for(tenant_id).message_bytes
        if len(text) > most or len(text.encode(errors="replace")) > most:
            return Verdict(allowed=False, reason="too_long")
        if found := self._words.find(text):
            return Verdict(allowed=False, reason="sensitive_word", category=found[0].category)
        own = self._own_of(tenant_id)
        if own is not None and (found := own.blocked.find(text)):
            return Verdict(allowed=False, reason="sensitive_word", category=found[0].category)
        return Verdict(allowed=True, suspicion=suspect(text))

    def open_screen(self, tenant_id: str) -> Screen | TwoScreens:
        """For one answer on its way out; keeps the lists it began with."""
        own = self._own_of(tenant_id)
        shared = Screen(self._words)
        return shared if own is None else TwoScreens(Replacing(own), shared)

    def _own_of(self, tenant_id: str) -> Own | None:
        return None if self.own is None else self.own.find(tenant_id)

    def _buckets(self, principal: Principal) -> tuple[Bucket, ...]:
        options = self.options_for(principal.tenant_id)
        tenant = Bucket("tenant", "t:" + principal.tenant_id, options.tenant_messages_per_minute, options.tenant_burst)
        if principal.kind != "visitor":
            return (tenant,)
        key = f"v:{principal.tenant_id}:{principal.id}"
        return (Bucket("visitor", key, options.visitor_messages_per_minute, options.visitor_burst), tenant)

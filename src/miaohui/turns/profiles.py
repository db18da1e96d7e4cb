"""In whose name the assistant speaks: the tenant's name and the inbox's assistant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from miaohui.turns.types import Profile

if TYPE_CHECKING:
    from miaohui.conversations.types import Conversation
    from miaohui.inboxes.service import Inboxes
    from miaohui.tenants.service import Tenants

KEPT = 10_000


class TenantProfiles:
    """Keeps the tenants' names, which do not change; inboxes are cached in their own room."""

    def __init__(self, tenants: Tenants, inboxes: Inboxes) -> None:
        self._tenants = tenants
        self._inboxes = inboxes
        self._companies: dict[str, str] = {}

    async def profile_of(self, conversation: Conversation) -> Profile:
        """Of the conversation's inbox. Raises `NotFound` when the inbox is gone."""
        tenant_id = conversation.tenant_id
        company = self._companies.get(tenant_id)
        if company is None:
            company = await self._learn(tenant_id)
        inbox = await self._inboxes.get(tenant_id, conversation.inbox_id)
        return Profile(company=company, assistant=inbox.assistant, locale=inbox.locale)

    async def _learn(self, tenant_id: str) -> str:
        if len(self._companies) >= KEPT:
            self._companies.clear()
        name = self._companies[tenant_id] = (await self._tenants.get(tenant_id)).name
        return name

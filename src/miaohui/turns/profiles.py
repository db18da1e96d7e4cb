"""In whose name the assistant speaks: the tenant's name and the inbox's assistant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from miaohui.turns.types import Profile

if TYPE_CHECKING:
    from miaohui.conversations.types import Conversation
    from miaohui.inboxes.service import Inboxes
    from miaohui.tenants.service import Tenants


class TenantProfiles:
    """Names and inboxes are kept for a while in their own rooms."""

    def __init__(self, tenants: Tenants, inboxes: Inboxes) -> None:
        self._tenants = tenants
        self._inboxes = inboxes

    async def profile_of(self, conversation: Conversation) -> Profile:
        """Of the conversation's inbox. Raises `NotFound` when the inbox is gone."""
        tenant_id = conversation.tenant_id
        company = await self._tenants.name_of(tenant_id)
        inbox = await self._inboxes.get(tenant_id, conversation.inbox_id)
        return Profile(company=company, assistant=inbox.assistant, locale=inbox.locale)

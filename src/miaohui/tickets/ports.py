"""What tickets need of their neighbours, as they see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    from miaohui.conversations.service import Conversations
    from miaohui.identity.types import Person
    from miaohui.inboxes.hours import Hours
    from miaohui.realtime.events import AnyEvent


class Told(Protocol):
    """Whom this room tells."""

    def tell_tenant(self, tenant_id: str, event: AnyEvent) -> None:
        """To the agents of a tenant."""
        ...


class Attended(Protocol):
    """When inboxes are attended."""

    async def hours_of(self, tenant_id: str, inbox_id: str) -> Hours | None:
        """None: always."""
        ...


class People(Protocol):
    """Who works there."""

    async def get_person(self, tenant_id: str, person_id: str) -> Person:
        """Raises `NotFound`."""
        ...


class Neighbours(msgspec.Struct, frozen=True):
    """The rooms around."""

    conversations: Conversations
    told: Told
    people: People
    inboxes: Attended

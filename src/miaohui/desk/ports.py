"""What the desk needs of its neighbours, as it sees them."""

from __future__ import annotations

from typing import Protocol

import msgspec

from miaohui.identity.types import Person
from miaohui.inboxes.hours import Hours
from miaohui.inboxes.types import Inbox
from miaohui.realtime.events import AnyEvent


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who does something, where it is not a principal: the desk itself."""

    id: str
    name: str


THE_DESK = Actor(id="desk", name="")


class Told(Protocol):
    """Who hears of things, and who is listening."""

    def publish(self, tenant_id: str, conversation_id: str, event: AnyEvent) -> None:
        """To the watchers of a conversation."""
        ...

    def tell_tenant(self, tenant_id: str, event: AnyEvent) -> None:
        """To the agents of a tenant."""
        ...

    def agents_watching(self) -> set[tuple[str, str]]:
        """Tenant and person of every agent who is connected to this node."""
        ...


class Inboxes(Protocol):
    """The doors."""

    async def get(self, tenant_id: str, inbox_id: str) -> Inbox:
        """Raises `NotFound`."""
        ...

    async def hours_of(self, tenant_id: str, inbox_id: str) -> Hours | None:
        """None: attended always."""
        ...


class People(Protocol):
    """Who works there."""

    async def get_person(self, tenant_id: str, person_id: str) -> Person:
        """Raises `NotFound`."""
        ...

    async def list_people(self, tenant_id: str) -> list[Person]:
        """All of them."""
        ...

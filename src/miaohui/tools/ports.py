"""The ports behind which tools do their work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from miaohui.tools.types import Order, Urgency

if TYPE_CHECKING:
    from miaohui.knowledge.types import Retrieval


class Work(Protocol):
    """What a tool does."""

    async def __call__(self, order: Order) -> object:
        """The result, of anything JSON can hold. Raises `ToolRefused`; other errors count against the tool."""
        ...


class Passages(Protocol):
    """What the articles say."""

    async def retrieve(self, tenant_id: str, question: str, *, locale: str, limit: int) -> Retrieval:
        """The best passages, and whether they hold the answer."""
        ...


class People(Protocol):
    """Who speaks in a conversation."""

    async def find_owner(self, tenant_id: str, conversation_id: str) -> str:
        """The tenant's own id of this person, when a signed token or the tenant's server vouched for it; else empty."""
        ...


class Orders(Protocol):
    """The shop's orders."""

    async def find(self, tenant_id: str, owner: str, order_id: str) -> Mapping[str, Any] | None:
        """This person's order; None when there is none, or it is somebody else's: which of both is not told."""
        ...

    async def latest(self, tenant_id: str, owner: str, limit: int) -> Sequence[Mapping[str, Any]]:
        """This person's last orders, the newest first."""
        ...


class Desk(Protocol):
    """Where work is noted that outlives a conversation."""

    async def open_ticket(self, order: Order, subject: str, description: str, urgency: Urgency) -> str:
        """The ticket's id; the same for the same call. Raises `ToolRefused`."""
        ...

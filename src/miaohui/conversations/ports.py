"""Whom this room tells: watchers after the commit, and those outside within it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

from miaohui.conversations.types import Conversation, Message
from miaohui.kit.database import Operation

Leaving: TypeAlias = Callable[[str, str], Operation[None]]
"""What another room keeps of a conversation (tenant and id) is gone, in the same transaction."""


class Actor(Protocol):
    """Who does something, as the thread will show it."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...


class Publish(Protocol):
    """Told of each committed fact, in commit order, on the event loop. Must not block."""

    def message_posted(self, tenant_id: str, message: Message) -> None:
        """A message stands in its thread."""
        ...

    def conversation_changed(self, conversation: Conversation) -> None:
        """Status, owner, waiting time or preview changed."""
        ...

    def list_changed(self, conversation: Conversation) -> None:
        """What a list shows of it changed, and nothing else."""
        ...


class Facts(Protocol):
    """Notes facts for those outside, in the transaction that makes them so. Where nobody listens it costs nothing."""

    def message_created(self, tenant_id: str, message: Message) -> Operation[None]:
        """Somebody said something, or noted it."""
        ...

    def conversation_changed(self, event: str, conversation: Conversation) -> Operation[None]:
        """`event` is one of `conversation.…`, or `handoff.requested`."""
        ...

    def message_rated(self, tenant_id: str, message: Message) -> Operation[None]:
        """An answer was found good or bad."""
        ...

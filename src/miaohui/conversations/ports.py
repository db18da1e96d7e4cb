"""What this room needs of others, and whom it tells."""

from __future__ import annotations

from typing import Protocol

from miaohui.conversations.types import Conversation, Message


class Publish(Protocol):
    """Told of each committed fact, in commit order, on the event loop. Must not block."""

    def message_posted(self, tenant_id: str, message: Message) -> None:
        """A message stands in its thread."""
        ...

    def conversation_changed(self, conversation: Conversation) -> None:
        """Status, owner, waiting time or preview changed."""
        ...

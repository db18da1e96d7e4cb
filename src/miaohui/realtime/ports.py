"""Whom this room serves, what it reads, and how it reaches other nodes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from miaohui.conversations.types import Message
from miaohui.identity.types import Principal
from miaohui.realtime.events import AnyEvent, Said


class Watcher(Protocol):
    """A connected client, behind whichever transport."""

    principal: Principal

    def deliver(self, frame: bytes, event: AnyEvent | None) -> None:
        """Take one wire frame (JSON text). Never blocks; cuts itself off when it cannot keep up."""
        ...

    async def room(self) -> None:
        """Return when there is room for another page of a long catch-up; at once when the client is gone."""
        ...


class History(Protocol):
    """Committed messages, wherever they were committed."""

    async def messages_after(self, tenant_id: str, conversation_id: str, seq: int, limit: int) -> list[Message]:
        """Ascending, strictly after `seq`."""
        ...

    async def messages_before(self, tenant_id: str, conversation_id: str, seq: int, limit: int) -> list[Message]:
        """The last ones strictly before `seq`, ascending."""
        ...

    async def top_seqs(self, conversation_ids: Sequence[str]) -> dict[str, int]:
        """The last `seq` of each conversation."""
        ...


class Receive(Protocol):
    """What a node does with what other nodes say."""

    def woken(self, conversation_id: str, seq: int) -> None:
        """A message was committed elsewhere: read up to `seq`."""
        ...

    def heard(self, conversation_id: str, event: Said) -> None:
        """Something transient: deltas, typing, a change of owner."""
        ...

    def reconnected(self) -> None:
        """Announcements may have been lost: look at every watched conversation now."""
        ...


class Fanout(Protocol):
    """Reaches the other nodes. Only wakes them up: losing everything it says loses no message."""

    def listen(self, conversation_id: str) -> None:
        """It is watched or spoken in here now (a conversation, or a tenant's feed)."""
        ...

    async def joined(self, conversation_id: str) -> None:
        """Wait, not long, until all that others say of it from now on is heard here: then read, and miss nothing."""
        ...

    def forget(self, conversation_id: str) -> None:
        """It is neither any more."""
        ...

    def wake(self, conversation_id: str, seq: int) -> None:
        """Tell the others that a message was committed."""
        ...

    def tell(self, conversation_id: str, event: Said) -> None:
        """Tell the others something transient."""
        ...

    async def stream_so_far(self, stream_id: str) -> list[AnyEvent]:
        """Everything told of a stream, for a node that came late. Empty when unknown."""
        ...

    async def run(self, receive: Receive) -> None:
        """Serve until cancelled; reconnects by itself."""
        ...

    @property
    def alone(self) -> bool:
        """Whether this is the only node, so that nothing can be committed elsewhere."""
        ...

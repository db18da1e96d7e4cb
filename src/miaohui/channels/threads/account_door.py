"""One account of a channel, as the courier sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from miaohui.channels.threads.types import Sent, Thread
    from miaohui.conversations.types import Message


class Posted(Protocol):
    """An account that stands behind an inbox."""

    @property
    def inbox_id(self) -> str:
        """Which."""
        ...


A = TypeVar("A", bound=Posted)
A_contra = TypeVar("A_contra", bound=Posted, contravariant=True)


class Speaking(Protocol[A_contra]):
    """All accounts of a channel, as far as they speak."""

    def split(self, message: Message) -> tuple[str, ...]:
        """In parts that the channel takes."""
        ...

    async def send(self, account: A_contra, thread: Thread, text: str) -> Sent:
        """One part to who is behind the thread. Every failure is a value."""
        ...


class AccountDoor(Generic[A]):
    """See `threads.courier.Outward`."""

    def __init__(self, channel: str, account: A, sending: Speaking[A]) -> None:
        self.channel = channel
        self.inbox_id = account.inbox_id
        self.split = sending.split
        self._account = account
        self._sending = sending

    async def send(self, thread: Thread, text: str) -> Sent:
        """One part to who is behind the thread."""
        return await self._sending.send(self._account, thread, text)

"""What the story needs, as it sees it; `wiring` plugs in the rooms."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from miaohui.conversations.types import Conversation, Message
from miaohui.engines.ports import Engine
from miaohui.guard.types import Limit, Verdict
from miaohui.identity.types import Principal
from miaohui.kit.database import Operation
from miaohui.knowledge.types import Retrieval, Scope
from miaohui.memory.types import Exchange, Recollection
from miaohui.turns.types import Profile

__all__ = ["Archive", "Engine", "Guard", "Knowledge", "Memory", "Outbox", "Profiles", "Screen", "Webhooks"]


class Screen(Protocol):
    """Holds back what might still become a listed word."""

    withheld: bool

    def feed(self, piece: str) -> str:
        """What may leave now."""
        ...

    def close(self) -> str:
        """The rest."""
        ...


class Guard(Protocol):
    """Who may speak how often, and which words pass."""

    async def admit(self, principal: Principal) -> list[Limit]:
        """Spend one message of each limit; a limit with `allowed` false refused it."""
        ...

    async def standing(self, principal: Principal) -> list[Limit]:
        """Where it stands, spending nothing."""
        ...

    def judge(self, tenant_id: str, text: str) -> Verdict:
        """May these words come in?"""
        ...

    def open_screen(self, tenant_id: str) -> Screen:
        """A screen for one answer."""
        ...


class Memory(Protocol):
    """What is remembered."""

    @property
    def local(self) -> bool:
        """Whether it answers from this process, at once."""
        ...

    async def recall(self, tenant_id: str, conversation_id: str, contact_id: str, question: str) -> Recollection:
        """Within its deadline; partial is fine."""
        ...

    async def remember(self, conversation_id: str, exchange: Exchange) -> None:
        """Keep one exchange."""
        ...


class Knowledge(Protocol):
    """What the articles say."""

    @property
    def local(self) -> bool:
        """Whether it answers from this process, at once."""
        ...

    async def retrieve(  # noqa: PLR0913  (a question, and who asks it where)
        self, tenant_id: str, question: str, *, locale: str, limit: int, scope: Scope, before: str
    ) -> Retrieval:
        """The best passages, and whether they hold the answer. `before`: a question that this one goes on from."""
        ...


class Archive(Protocol):
    """What the articles said once."""

    async def search_as_of(self, tenant_id: str, version: int, question: str, *, locale: str, limit: int) -> Retrieval:
        """In this version; 0 is the one that is served. Raises `NotFound` for one that is not kept."""
        ...


class Profiles(Protocol):
    """In whose name the assistant speaks."""

    async def profile_of(self, conversation: Conversation) -> Profile:
        """Of the conversation's inbox."""
        ...


class Webhooks(Protocol):
    """Those outside who are told."""

    def has_endpoints(self, tenant_id: str) -> bool:
        """Whether anybody is."""
        ...

    def message_created(self, tenant_id: str, message: Message) -> Operation[None]:
        """Written in the transaction of the fact."""
        ...

    def conversation_changed(self, event: str, conversation: Conversation) -> Operation[None]:
        """As above."""
        ...


class Outbox(Protocol):
    """Where the pieces of one turn's answer go."""

    stopped: str
    """Why no further word is wanted: `cancelled`, `taken_over`, or empty."""

    @property
    def said(self) -> str:
        """What this attempt has said so far."""
        ...

    def open(self) -> None:
        """The assistant begins to answer."""
        ...

    def say(self, text: str) -> None:
        """Some more words, safe to show."""
        ...

    def reset(self, reason: str) -> None:
        """What was said is void."""
        ...

    def listening(self) -> AbstractContextManager[None]:
        """While the engine is listened to: a stop ends the block at once, quietly."""
        ...

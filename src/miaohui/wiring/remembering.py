"""What memory needs of its neighbours: words from the record, and the knowledge room's way of finding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from miaohui.kit.aio import launch
from miaohui.knowledge import policy
from miaohui.knowledge.embedding import embed
from miaohui.knowledge.index import build_index
from miaohui.knowledge.segment import normalise
from miaohui.knowledge.types import Chunk
from miaohui.memory.types import Said

if TYPE_CHECKING:
    from miaohui.conversations.service import Conversations
    from miaohui.conversations.types import Conversation
    from miaohui.memory.long_term import LongTerm
    from miaohui.memory.ports import Lookup

_MESSAGES = 500


class Learning:
    """Learns from conversations when they are over."""

    def __init__(self, long_term: LongTerm) -> None:
        self._long_term = long_term

    def conversation_changed(self, conversation: Conversation) -> None:
        """Resolved: what the contact said of themselves is remembered. Nobody waits for it."""
        if conversation.status == "resolved":
            learning = self._long_term.learn(conversation.tenant_id, conversation.contact_id, conversation.id)
            launch(learning, name=f"learn:{conversation.id}")


class ContactWords:
    """The record of conversations, as long-term memory reads it."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations

    async def said(self, tenant_id: str, conversation_id: str) -> list[Said]:
        """By the contact, oldest first."""
        conversation = await self._conversations.find(tenant_id, conversation_id)
        if conversation is None:
            return []
        messages = await self._conversations.messages_after(conversation, 0, _MESSAGES)
        return [Said(one.text, one.created_at_ms) for one in messages if one.sender == "visitor"]


class FactFinder:
    """Finds facts as articles are found: by words, and by spelling where words find little."""

    def embed(self, text: str) -> bytes:
        """The built-in embedder's vector."""
        return embed(normalise(text)).tobytes()

    def build(self, texts: Sequence[str]) -> Lookup:
        """An index of a few hundred texts."""
        index = build_index(1, [_chunk(number, text) for number, text in enumerate(texts)])

        def look_up(question: str, limit: int) -> list[int]:
            found = policy.search(index, question, locale="zh-CN", limit=limit, threshold=0.0)
            return [passage.chunk.ordinal for passage in found.passages]

        return look_up


def _chunk(number: int, text: str) -> Chunk:
    name = str(number)
    return Chunk(
        id=name, article_id=name, ordinal=number, title="", heading="", text=text, start=0, end=len(text), locale=""
    )

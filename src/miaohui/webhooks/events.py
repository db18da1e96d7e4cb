"""What an event says: the `data` of each type. Pure."""

from __future__ import annotations

from typing import Any

import msgspec

from miaohui.conversations.types import Conversation, Message
from miaohui.realtime.frames import rfc3339, wire_conversation


def message_data(message: Message) -> dict[str, Any]:
    """Of `message.created` and `note.created`."""
    return {
        "id": message.id,
        "conversation_id": message.conversation_id,
        "seq": message.seq,
        "sender": message.sender,
        "sender_id": message.sender_id,
        "sender_name": message.sender_name,
        "kind": message.kind,
        "text": message.text,
        "turn_id": message.turn_id,
        "created_at": rfc3339(message.created_at_ms),
    }


def conversation_data(conversation: Conversation) -> dict[str, Any]:
    """Of `conversation.…` and `handoff.requested`: the conversation as REST shows it."""
    data: dict[str, Any] = msgspec.to_builtins(wire_conversation(conversation))
    return data


def rating_data(message: Message) -> dict[str, Any]:
    """Of `rating.created`: 1 good, -1 bad, 0 taken back."""
    return {
        "message_id": message.id,
        "conversation_id": message.conversation_id,
        "turn_id": message.turn_id,
        "rating": message.rating,
    }

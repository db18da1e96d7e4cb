"""How a conversation changes hands, and what is written on it: operations that others build on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from miaohui.conversations import statements as sql
from miaohui.conversations.errors import NotYours
from miaohui.conversations.ownership import is_queued, step
from miaohui.conversations.policy import ownership_of, preview
from miaohui.conversations.repository import read_conversation
from miaohui.conversations.types import Change, Conversation, Deed, Draft, Message
from miaohui.kit.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from miaohui.conversations.ports import Leaving
    from miaohui.conversations.types import Priority
    from miaohui.kit.database import Operation

ERASED = "[erased]"
"""What stands where somebody's words were."""

_encode = msgspec.json.Encoder().encode


def decide(conversation: Conversation, deed: Deed) -> Change:
    """What a deed makes of a conversation as it was read. Raises `NotYours` when its state does not allow it."""
    after = step(ownership_of(conversation), deed.act, deed.agent_id)
    if after is None:
        msg = f"The conversation is {_state_in_words(conversation)}: this cannot be done with it now."
        raise NotYours(msg)
    return Change(
        status=after.status,
        assignee_id=after.assignee_id,
        handoff_reason=None if after.status == "pending" else deed.reason or conversation.handoff_reason,
        waiting=after.status in {"open", "snoozed"} and (bool(deed.reason) or conversation.waiting_since_ms > 0),
        team_id=deed.team_id,
        snoozed_until_ms=deed.until_ms,
        # Only who has read the last word may close; the others need not.
        seq=conversation.last_seq if deed.act == "resolve" else 0,
        activity=deed.activity,
    )


def change_owner(
    conversation: Conversation, change: Change, activity: Draft
) -> Operation[tuple[Conversation, Message]]:
    """Give the thread a new status and owner under a new ownership epoch, and note it in the thread.

    Raises `NotYours` when it changed hands since `conversation` was read.
    """
    now_ms = activity.now_ms
    came_to_humans = change.status == "open" and (
        conversation.status in {"pending", "resolved"} or not conversation.queued_at_ms
    )
    rows = yield (
        sql.CHANGE,
        {
            "p_tenant": conversation.tenant_id,
            "p_conversation": conversation.id,
            "p_epoch": conversation.ownership_epoch,
            "p_seq": change.seq,
            "p_status": change.status,
            "p_assignee": change.assignee_id,
            "p_team": conversation.team_id if change.team_id is None else change.team_id,
            "p_reason": change.handoff_reason or "",
            "p_waiting": (conversation.waiting_since_ms or now_ms) if change.waiting else 0,
            "p_queued": now_ms if came_to_humans else conversation.queued_at_ms,
            "p_snoozed": change.snoozed_until_ms,
            "p_now": now_ms,
        },
    )
    if not rows:
        msg = "The conversation changed hands meanwhile, or somebody said something. Look at it again."
        raise NotYours(msg)
    after = read_conversation(rows[0])
    message = yield from insert(activity, after.last_seq)
    return after, message


def take_up(conversation: Conversation, turn_id: str, now_ms: int) -> Operation[None]:
    """Owe the visitor the assistant's answer to a last word that no agent answered; some process adopts the turn."""
    rows = yield sql.LAST_WORD, {"p_tenant": conversation.tenant_id, "p_conversation": conversation.id}
    if not rows or rows[0]["sender"] != "visitor":
        return
    yield (
        sql.INSERT_TURN,
        {
            "id": turn_id,
            "tenant_id": conversation.tenant_id,
            "conversation_id": conversation.id,
            "message_id": rows[0]["id"],
            "state": "running",
            "reason": "",
            "attempt": 0,
            "lease_owner": "",
            "lease_ms": -1,
            "ownership_epoch": conversation.ownership_epoch,
            "created_at_ms": now_ms,
            "ended_at_ms": 0,
        },
    )


def mark(
    conversation: Conversation, *, labels: Sequence[str] | None, priority: Priority | None, now_ms: int
) -> Operation[Conversation]:
    """Other labels, another priority; None leaves them. Raises `NotFound`."""
    rows = yield (
        sql.MARK,
        {
            "p_tenant": conversation.tenant_id,
            "p_conversation": conversation.id,
            "p_labels": None if labels is None else _encode(labels).decode(),
            "p_priority": priority,
            "p_now": now_ms,
        },
    )
    if not rows:
        msg = "There is no conversation of that id."
        raise NotFound(msg)
    return read_conversation(rows[0])


def rename(tenant_id: str, contact_id: str, name: str) -> Operation[list[Conversation]]:
    """The contact's conversations, under another name."""
    rows = yield sql.RENAME, {"p_tenant": tenant_id, "p_contact": contact_id, "p_name": name}
    return [read_conversation(row) for row in rows]


def erase(tenant_id: str, contact_ids: Sequence[str], elsewhere: Sequence[Leaving] = ()) -> Operation[tuple[int, int]]:
    """Every word of these contacts' conversations is gone for good: how many conversations, how many messages.

    `elsewhere` are the other rooms that keep something of them.
    """
    key = {"p_tenant": tenant_id, "p_contacts": list(contact_ids)}
    said = yield sql.ERASE_MESSAGES, {**key, "p_text": ERASED}
    conversations = yield sql.ERASE, key
    for row in conversations:
        for leave in elsewhere:
            yield from leave(tenant_id, row["id"])
    return len(conversations), len(said)


def block(tenant_id: str, contact_ids: Sequence[str], *, blocked: bool) -> Operation[None]:
    """Take no more words of these contacts, or take them again."""
    yield sql.BLOCK, {"p_tenant": tenant_id, "p_contacts": contact_ids, "p_blocked": int(blocked)}


def announce_words(draft: Draft) -> Operation[tuple[Message, Conversation]]:
    """Words of the house itself, such as that nobody is there now; whoever owns the thread keeps it.

    None of it is a preview: what somebody said stays in sight of who looks through a list.
    """
    rows = yield sql.TELL, {**advance_values(draft), "p_preview": ""}
    if not rows:
        msg = "There is no conversation of that id."
        raise NotFound(msg)
    after = read_conversation(rows[0])
    message = yield from insert(draft, after.last_seq)
    return message, after


def insert(draft: Draft, seq: int) -> Operation[Message]:
    """A message under the number that its conversation gave it."""
    values = {
        "id": draft.id,
        "tenant_id": draft.tenant_id,
        "conversation_id": draft.conversation_id,
        "seq": seq,
        "sender": draft.sender,
        "sender_id": draft.sender_id,
        "sender_name": draft.sender_name,
        "kind": draft.kind,
        "text": draft.text,
        "citations": _encode(draft.citations).decode() if draft.citations else "[]",
        "turn_id": draft.turn_id,
        "final": int(draft.final),
        "principal": draft.principal,
        "cmid": draft.cmid or None,
        "body_hash": draft.body_hash,
        "created_at_ms": draft.now_ms,
    }
    # Its columns are those that are given: nearly every message is as it was written.
    yield sql.INSERT_MESSAGE, {**values, "original": draft.original} if draft.original else values
    return Message(
        id=draft.id,
        conversation_id=draft.conversation_id,
        seq=seq,
        sender=draft.sender,
        sender_id=draft.sender_id,
        sender_name=draft.sender_name,
        kind=draft.kind,
        text=draft.text,
        citations=draft.citations,
        turn_id=draft.turn_id,
        final=draft.final,
        principal=draft.principal,
        cmid=draft.cmid,
        created_at_ms=draft.now_ms,
        original=draft.original,
    )


def advance_values(draft: Draft) -> dict[str, object]:
    """What gives a conversation its next number."""
    return {
        "p_tenant": draft.tenant_id,
        "p_conversation": draft.conversation_id,
        "p_preview": preview(draft.text),
        "p_now": draft.now_ms,
    }


def _state_in_words(conversation: Conversation) -> str:
    if conversation.status == "pending":
        return "with the assistant"
    if is_queued(ownership_of(conversation)):
        return "in the queue"
    return {"open": "with an agent", "snoozed": "snoozed", "resolved": "resolved"}[conversation.status]

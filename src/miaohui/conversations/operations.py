"""What is written: each function is one `Operation`, run in one transaction (see `kit/database.py`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from miaohui.conversations import statements as sql
from miaohui.conversations.changes import advance_values, change_owner, decide, insert
from miaohui.conversations.errors import Blocked, CmidConflict, NotYours
from miaohui.conversations.policy import preview
from miaohui.conversations.repository import read_conversation, read_message, read_turn
from miaohui.conversations.types import (
    Accepted,
    Change,
    Claim,
    Conversation,
    Deed,
    Draft,
    Ended,
    Ending,
    Message,
    Turn,
)
from miaohui.kit import crash
from miaohui.kit.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from miaohui.kit.database import Operation, Row

MESSAGE_WRITTEN = crash.point("accept.before_commit", "the message and its turn are written, not committed")
ANSWER_WRITTEN = crash.point("answer.before_commit", "the final answer is written, not committed")

_encode = msgspec.json.Encoder().encode


def start(conversation: Conversation) -> Operation[Conversation]:
    """A new, empty conversation."""
    yield (
        sql.START,
        {
            "id": conversation.id,
            "tenant_id": conversation.tenant_id,
            "inbox_id": conversation.inbox_id,
            "contact_id": conversation.contact_id,
            "contact_name": conversation.contact_name,
            "status": conversation.status,
            "created_at_ms": conversation.created_at_ms,
            "updated_at_ms": conversation.updated_at_ms,
        },
    )
    return conversation


def accept(draft: Draft, turn_id: str, claim: Claim) -> Operation[Accepted]:
    """Store a visitor's message and the turn owed for it; the same send again finds what it made the first time.

    When a human owns the thread, the turn ends as `handed_off` at once. Raises `CmidConflict`, `NotFound`.
    """
    received = yield sql.RECEIVE, {**advance_values(draft), **_sent_key(draft)}
    if not received:
        return (yield from _not_received(draft))
    conversation = read_conversation(received[0])
    message = yield from insert(draft, conversation.last_seq)
    with_assistant = conversation.status == "pending"
    turn = Turn(
        id=turn_id,
        tenant_id=draft.tenant_id,
        conversation_id=draft.conversation_id,
        message_id=draft.id,
        question=draft.text,
        state="running" if with_assistant else "handed_off",
        reason="" if with_assistant else "with_human",
        ownership_epoch=conversation.ownership_epoch,
        created_at_ms=draft.now_ms,
    )
    yield (
        sql.INSERT_TURN,
        {
            "id": turn.id,
            "tenant_id": turn.tenant_id,
            "conversation_id": turn.conversation_id,
            "message_id": turn.message_id,
            "state": turn.state,
            "reason": turn.reason,
            "lease_owner": claim.owner,
            "lease_ms": claim.lease_ms,
            "ownership_epoch": turn.ownership_epoch,
            "created_at_ms": turn.created_at_ms,
            "ended_at_ms": 0 if with_assistant else draft.now_ms,
        },
    )
    MESSAGE_WRITTEN()
    return Accepted(message=message, conversation=conversation, turn=turn)


def _not_received(draft: Draft) -> Operation[Accepted]:
    """It was received before, or cannot be."""
    if sent := (yield sql.SENT, _sent_key(draft)):
        return (yield from _again(sent[0], draft))
    if (yield sql.CONVERSATION, {"p_tenant": draft.tenant_id, "p_conversation": draft.conversation_id}):
        msg = "Messages from here are not taken any more."
        raise Blocked(msg)
    msg = "There is no conversation of that id."
    raise NotFound(msg)


def _again(row: Row, draft: Draft) -> Operation[Accepted]:
    if row["body_hash"] != draft.body_hash:
        msg = "This client message id already stands for another text. Use a new id for a new message."
        raise CmidConflict(msg)
    message = read_message(row)
    found = yield sql.TURN_OF, {"p_tenant": draft.tenant_id, "p_turn": message.turn_id}
    here = yield sql.CONVERSATION, {"p_tenant": draft.tenant_id, "p_conversation": draft.conversation_id}
    return Accepted(
        message=message,
        conversation=read_conversation(here[0]),
        turn=read_turn(found[0], message.text),
        dup=True,
    )


def conclude(ending: Ending) -> Operation[Ended]:
    """End a turn, once, and say its last words if the assistant still owns the thread.

    A turn that was adopted by another process is left alone (`superseded`, no message). One that this ending has
    ended already is told as it ended (`again`).
    """
    turn = ending.turn
    closed = yield sql.END_TURN, _end_values(ending)
    if not closed:
        return (yield from _as_it_ended(ending))
    if ending.reply is None:
        return Ended(state=ending.state, reason=ending.reason)
    owned = yield sql.ANSWER, {**advance_values(ending.reply), "p_epoch": turn.ownership_epoch}
    if not owned:
        yield sql.OUTDONE, {"p_tenant": turn.tenant_id, "p_turn": turn.id}
        return Ended(state="superseded", reason="taken_over")
    conversation = read_conversation(owned[0])
    message = yield from insert(ending.reply, conversation.last_seq)
    activity = None
    if ending.handoff is not None:
        reason = ending.handoff.reason
        change = decide(conversation, Deed(act="hand_off", reason=reason, activity=f"handed_off:{reason}"))
        conversation, activity = yield from change_owner(conversation, change, _activity_of(ending.reply, change))
    ANSWER_WRITTEN()
    return Ended(
        state=ending.state, reason=ending.reason, message=message, activity=activity, conversation=conversation
    )


def _as_it_ended(ending: Ending) -> Operation[Ended]:
    turn = ending.turn
    here = {"p_tenant": turn.tenant_id, "p_conversation": turn.conversation_id}
    rows = yield sql.TURN_OF, {"p_tenant": turn.tenant_id, "p_turn": turn.id}
    if not rows or rows[0]["fence"] != turn.fence or rows[0]["state"] == "running":
        return Ended(state="superseded", reason="fenced")
    ids = [ending.reply.id, f"{ending.reply.id}_h"] if ending.reply else [""]
    found = [read_message(row) for row in (yield sql.FINAL_AND_AFTER, {**here, "p_messages": ids})]
    if ending.reply and not found:
        return Ended(state="superseded", reason="fenced")
    owned = yield sql.CONVERSATION, here
    return Ended(
        state=rows[0]["state"],
        reason=rows[0]["reason"],
        message=found[0] if found else None,
        activity=found[1] if len(found) > 1 else None,
        conversation=read_conversation(owned[0]),
        again=True,
    )


def speak(draft: Draft, conversation: Conversation, *, waiting: bool) -> Operation[tuple[Message, Conversation, bool]]:
    """A human's words; True when the same send was already stored. Raises `CmidConflict`, `NotYours`."""
    if sent := (yield sql.SENT, _sent_key(draft)):
        if sent[0]["body_hash"] != draft.body_hash:
            msg = "This client message id already stands for another text. Use a new id for a new message."
            raise CmidConflict(msg)
        return read_message(sent[0]), conversation, True
    values = {
        **advance_values(draft),
        "p_preview": "" if draft.kind == "note" else preview(draft.text),
        "p_epoch": conversation.ownership_epoch,
        "p_waiting": conversation.waiting_since_ms if waiting else 0,
    }
    rows = yield sql.SPEAK, values
    if not rows:
        msg = "The conversation changed hands meanwhile. Look at it again, then send."
        raise NotYours(msg)
    after = read_conversation(rows[0])
    message = yield from insert(draft, after.last_seq)
    return message, after, False


def keep(claim: Claim, turn_ids: Sequence[str]) -> Operation[None]:
    """Another lease for these turns of this process."""
    yield sql.KEEP, {"p_owner": claim.owner, "p_lease": claim.lease_ms, "p_turns": turn_ids}


def renew(claim: Claim) -> Operation[None]:
    """The lease of every running turn of this process begins, or with a negative one ends, now."""
    yield sql.RENEW, {"p_owner": claim.owner, "p_lease": claim.lease_ms}


def adopt(claim: Claim, *, dead_at_once: bool, limit: int, running: Collection[str] = ()) -> Operation[list[Turn]]:
    """Take over turns whose process is gone: on one machine all of another boot, else those whose lease is over.

    That may be a turn of this very process, whose acceptance was committed but never heard of; those in `running` are
    known to be at work here.
    """
    query = sql.ORPHANS if dead_at_once else sql.EXPIRED
    orphans = yield query, {"p_owner": claim.owner, "p_limit": limit}
    adopted = []
    for row in orphans:
        if row["id"] in running:
            continue
        rows = yield (
            sql.ADOPT,
            {"p_turn": row["id"], "p_fence": row["fence"], "p_owner": claim.owner, "p_lease": claim.lease_ms},
        )
        if rows:
            adopted.append(read_turn(rows[0], row["text"]))
    return adopted


def rate(conversation: Conversation, message_id: str, rating: int) -> Operation[Message]:
    """Rate an answer. Raises `NotFound` when there is none of that id here."""
    values = {
        "p_tenant": conversation.tenant_id,
        "p_conversation": conversation.id,
        "p_message": message_id,
        "p_rating": rating,
    }
    rows = yield sql.RATE, values
    if not rows:
        msg = "There is no answer of that id in this conversation."
        raise NotFound(msg)
    return read_message(rows[0])


def mark_seen(conversation: Conversation, seq: int, *, by_contact: bool) -> Operation[None]:
    """Remember how far one side has read; only forward."""
    query = sql.SEEN_BY_CONTACT if by_contact else sql.SEEN_BY_AGENT
    yield query, {"p_tenant": conversation.tenant_id, "p_conversation": conversation.id, "p_seq": seq}


def _sent_key(draft: Draft) -> dict[str, str]:
    return {
        "p_tenant": draft.tenant_id,
        "p_conversation": draft.conversation_id,
        "p_principal": draft.principal,
        "p_cmid": draft.cmid,
    }


def _end_values(ending: Ending) -> dict[str, object]:
    return {
        "p_tenant": ending.turn.tenant_id,
        "p_turn": ending.turn.id,
        "p_fence": ending.turn.fence,
        "p_state": ending.state,
        "p_reason": ending.reason,
        "p_version": ending.knowledge_version,
        "p_now": ending.now_ms,
    }


def _activity_of(reply: Draft, change: Change) -> Draft:
    return Draft(
        id=f"{reply.id}_h",
        tenant_id=reply.tenant_id,
        conversation_id=reply.conversation_id,
        sender="system",
        sender_id="system",
        kind="activity",
        text=change.activity,
        now_ms=reply.now_ms,
    )

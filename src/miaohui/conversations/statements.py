"""The statements behind `operations.py`, compiled once.

Our parameters begin with `p_`, so that none has a column's name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlalchemy import String, Text, and_, bindparam, case, exists, func, insert, or_, select, update

from miaohui.conversations.ownership import STATUSES, Ownership, may_answer, step
from miaohui.conversations.tables import conversations, messages, turns
from miaohui.kit.sqltime import DatabaseNow

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from miaohui.conversations.types import Status

_c = conversations.c
HERE = (_c.tenant_id == bindparam("p_tenant")) & (_c.id == bindparam("p_conversation"))
NEXT = {
    _c.last_seq: _c.last_seq + 1,
    _c.preview: bindparam("p_preview"),
    _c.updated_at_ms: bindparam("p_now"),
}

CONVERSATION = select(conversations).where(HERE)
START = insert(conversations)
INSERT_MESSAGE = insert(messages)
INSERT_TURN = insert(turns).values(lease_until_ms=DatabaseNow() + bindparam("lease_ms"))
_SAME_SEND = and_(
    messages.c.tenant_id == bindparam("p_tenant"),
    messages.c.conversation_id == bindparam("p_conversation"),
    messages.c.principal == bindparam("p_principal"),
    messages.c.cmid == bindparam("p_cmid"),
)
SENT = select(messages).where(_SAME_SEND)


def _one_of(statuses: Iterable[Status]) -> ColumnElement[bool]:
    """Written out: a list would be bound anew at each call."""
    return or_(*(_c.status == status for status in statuses))


# What a visitor's word makes of each status, asked of the policy once, so that one UPDATE decides as it does.
_RECEIVED = {status: step(Ownership(status=status, assignee_id="x"), "receive") for status in STATUSES}
_TURNS_TO = {status: after.status for status, after in _RECEIVED.items() if after and after.status != status}
_CHANGED = _one_of(status for status, after in _RECEIVED.items() if after and after.epoch > 1)
_LEFT = _one_of(status for status, after in _RECEIVED.items() if after and not after.assignee_id)
_ANSWERABLE = _one_of(status for status in STATUSES if may_answer(Ownership(status=status), 1))
_waits_for_human = or_(_c.status == "open", _c.status == "snoozed")
RECEIVE = (
    update(conversations)
    .where(HERE, _c.blocked == 0, ~exists(select(messages.c.id).where(_SAME_SEND)))
    .values(
        {
            **NEXT,
            _c.ownership_epoch: case((_CHANGED, _c.ownership_epoch + 1), else_=_c.ownership_epoch),
            _c.assignee_id: case((_LEFT, ""), else_=_c.assignee_id),
            _c.status: case(*((_c.status == before, after) for before, after in _TURNS_TO.items()), else_=_c.status),
            _c.snoozed_until_ms: 0,
            _c.waiting_since_ms: case(
                (_waits_for_human & (_c.waiting_since_ms == 0), bindparam("p_now")), else_=_c.waiting_since_ms
            ),
        }
    )
    .returning(conversations)
)
ANSWER = (
    update(conversations)
    .where(HERE, _c.ownership_epoch == bindparam("p_epoch"), _ANSWERABLE)
    .values(NEXT)
    .returning(conversations)
)
SPEAK = (
    update(conversations)
    .where(HERE, _c.ownership_epoch == bindparam("p_epoch"))
    .values(
        {
            **NEXT,
            # A note is for agents' eyes: the preview, which visitors see too, stays.
            _c.preview: case((bindparam("p_preview") == "", _c.preview), else_=bindparam("p_preview")),
            _c.waiting_since_ms: bindparam("p_waiting"),
        }
    )
    .returning(conversations)
)
CHANGE = (
    update(conversations)
    .where(
        HERE,
        _c.ownership_epoch == bindparam("p_epoch"),
        or_(bindparam("p_seq") == 0, _c.last_seq == bindparam("p_seq")),
    )
    .values(
        {
            _c.status: bindparam("p_status"),
            _c.team_id: bindparam("p_team"),
            _c.queued_at_ms: bindparam("p_queued"),
            _c.snoozed_until_ms: bindparam("p_snoozed"),
            _c.assignee_id: bindparam("p_assignee"),
            _c.handoff_reason: bindparam("p_reason"),
            _c.waiting_since_ms: bindparam("p_waiting"),
            _c.ownership_epoch: _c.ownership_epoch + 1,
            _c.last_seq: _c.last_seq + 1,
            _c.updated_at_ms: bindparam("p_now"),
        }
    )
    .returning(conversations)
)
MARK = (
    update(conversations)
    .where(HERE)
    .values(
        {
            _c.labels: func.coalesce(bindparam("p_labels", type_=Text), _c.labels),
            _c.priority: func.coalesce(bindparam("p_priority", type_=String), _c.priority),
            _c.updated_at_ms: bindparam("p_now"),
        }
    )
    .returning(conversations)
)
BLOCK = (
    update(conversations)
    .where(_c.tenant_id == bindparam("p_tenant"), _c.contact_id.in_(bindparam("p_contacts", expanding=True)))
    .values({_c.blocked: bindparam("p_blocked")})
)
RENAME = (
    update(conversations)
    .where(_c.tenant_id == bindparam("p_tenant"), _c.contact_id == bindparam("p_contact"))
    .values({_c.contact_name: bindparam("p_name")})
    .returning(conversations)
)
_OF_CONTACTS = select(_c.id).where(
    _c.tenant_id == bindparam("p_tenant"), _c.contact_id.in_(bindparam("p_contacts", expanding=True))
)
ERASE_MESSAGES = (
    update(messages)
    .where(messages.c.tenant_id == bindparam("p_tenant"), messages.c.conversation_id.in_(_OF_CONTACTS))
    .values(
        {
            messages.c.text: bindparam("p_text"),
            messages.c.citations: "[]",
            messages.c.body_hash: "",
            messages.c.original: "",
            messages.c.sender_name: case((messages.c.sender == "visitor", ""), else_=messages.c.sender_name),
        }
    )
    .returning(messages.c.id)
)
ERASE = (
    update(conversations)
    .where(_c.tenant_id == bindparam("p_tenant"), _c.contact_id.in_(bindparam("p_contacts", expanding=True)))
    .values({_c.contact_name: "", _c.preview: ""})
    .returning(_c.id)
)
TELL = (
    update(conversations)
    .where(HERE)
    .values({**NEXT, _c.preview: case((bindparam("p_preview") == "", _c.preview), else_=bindparam("p_preview"))})
    .returning(conversations)
)
END_TURN = (
    update(turns)
    .where(
        turns.c.tenant_id == bindparam("p_tenant"),
        turns.c.id == bindparam("p_turn"),
        turns.c.fence == bindparam("p_fence"),
        turns.c.state == "running",
    )
    .values(
        state=bindparam("p_state"),
        reason=bindparam("p_reason"),
        knowledge_version=bindparam("p_version"),
        ended_at_ms=bindparam("p_now"),
    )
    .returning(turns.c.id)
)
OUTDONE = (
    update(turns)
    .where(turns.c.tenant_id == bindparam("p_tenant"), turns.c.id == bindparam("p_turn"))
    .values(state="superseded", reason="taken_over")
)
FINAL_AND_AFTER = (
    select(messages)
    .where(
        messages.c.tenant_id == bindparam("p_tenant"),
        messages.c.conversation_id == bindparam("p_conversation"),
        messages.c.id.in_(bindparam("p_messages", expanding=True)),
    )
    .order_by(messages.c.seq)
)
LAST_WORD = (
    select(messages)
    .where(
        messages.c.tenant_id == bindparam("p_tenant"),
        messages.c.conversation_id == bindparam("p_conversation"),
        messages.c.kind == "text",
        messages.c.sender != "system",
    )
    .order_by(messages.c.seq.desc())
    .limit(1)
)
TURN_OF = select(turns).where(turns.c.tenant_id == bindparam("p_tenant"), turns.c.id == bindparam("p_turn"))
RENEW = (
    update(turns)
    .where(turns.c.lease_owner == bindparam("p_owner"), turns.c.state == "running")
    .values(lease_until_ms=DatabaseNow() + bindparam("p_lease"))
)
KEEP = (
    update(turns)
    .where(
        turns.c.lease_owner == bindparam("p_owner"),
        turns.c.state == "running",
        turns.c.id.in_(bindparam("p_turns", expanding=True)),
    )
    .values(lease_until_ms=DatabaseNow() + bindparam("p_lease"))
)
_RUNNING = (
    select(turns, messages.c.text)
    .join(messages, (messages.c.tenant_id == turns.c.tenant_id) & (messages.c.id == turns.c.message_id))
    .where(turns.c.state == "running")
    .order_by(turns.c.created_at_ms, turns.c.id)
    .limit(bindparam("p_limit"))
)
EXPIRED = _RUNNING.where(turns.c.lease_until_ms < DatabaseNow())
ORPHANS = _RUNNING.where(or_(turns.c.lease_owner != bindparam("p_owner"), turns.c.lease_until_ms < DatabaseNow()))
ADOPT = (
    update(turns)
    .where(turns.c.id == bindparam("p_turn"), turns.c.fence == bindparam("p_fence"), turns.c.state == "running")
    .values(
        lease_owner=bindparam("p_owner"),
        lease_until_ms=DatabaseNow() + bindparam("p_lease"),
        fence=turns.c.fence + 1,
        attempt=turns.c.attempt + 1,
    )
    .returning(turns)
)
RATE = (
    update(messages)
    .where(
        messages.c.tenant_id == bindparam("p_tenant"),
        messages.c.conversation_id == bindparam("p_conversation"),
        messages.c.id == bindparam("p_message"),
        messages.c.sender != "visitor",
    )
    .values(rating=bindparam("p_rating"))
    .returning(messages)
)
SEEN_BY_CONTACT = (
    update(conversations)
    .where(HERE, _c.seen_by_contact < bindparam("p_seq"), _c.last_seq >= bindparam("p_seq"))
    .values(seen_by_contact=bindparam("p_seq"))
)
SEEN_BY_AGENT = (
    update(conversations)
    .where(HERE, _c.seen_by_agent < bindparam("p_seq"), _c.last_seq >= bindparam("p_seq"))
    .values(seen_by_agent=bindparam("p_seq"))
)

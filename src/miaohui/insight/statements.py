"""What figures are read with, narrowed to some of the conversations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, or_, select

from miaohui.conversations.tables import conversations, messages
from miaohui.engines.tables import engine_attempts
from miaohui.inboxes.tables import inboxes
from miaohui.journal.tables import journal_turns

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select

    from miaohui.insight.types import Among

_c, _m, _e, _j = conversations.c, messages.c, engine_attempts.c, journal_turns.c
_s = messages.alias("spoken").c
MOST_INBOXES = 1_000
INBOXES = (
    select(inboxes.c.id, inboxes.c.channel, inboxes.c.assistant)
    .where(inboxes.c.tenant_id == bindparam("tenant_id"))
    .order_by(inboxes.c.created_at_ms)
    .limit(MOST_INBOXES)
)
_STEP = (_e.started_at_ms + bindparam("offset_ms")) // bindparam("step_ms")
_MADE = (
    _e.tenant_id == bindparam("tenant_id"),
    _e.started_at_ms >= bindparam("from_ms"),
    _e.started_at_ms < bindparam("until_ms"),
)
_OF_IT = (_e.tenant_id == _c.tenant_id) & (_e.conversation_id == _c.id)


def among(these: Among) -> list[ColumnElement[bool]]:
    """Conditions on the conversations; none where all are wanted."""
    found: list[ColumnElement[bool]] = []
    if these.inbox_ids is not None:
        found.append(_c.inbox_id.in_(these.inbox_ids))
    if these.team_id:
        found.append(_c.team_id == these.team_id)
    if these.agent_id:
        by_agent = (_s.sender == "agent", _s.sender_id == these.agent_id)
        spoke = select(_s.id).where(_s.tenant_id == _c.tenant_id, _s.conversation_id == _c.id, *by_agent)
        found.append(or_(_c.assignee_id == these.agent_id, spoke.correlate(conversations).exists()))
    return found


def threads(these: Among, most: int) -> Select[tuple[object, ...]]:
    """Conversations that are in the period in any way, the last changed first."""
    query = select(_c.id, _c.created_at_ms, _c.status).where(*_in_period(), *among(these))
    return query.order_by(_c.updated_at_ms.desc()).limit(most)


def facts(these: Among, most: int) -> Select[tuple[object, ...]]:
    """What was said and done in them, the last first."""
    text = func.substr(_m.text, 1, 64).label("text")
    query = select(_m.conversation_id, _m.created_at_ms, _m.sender, _m.kind, _m.rating, text)
    query = query.join_from(conversations, messages, (_m.tenant_id == _c.tenant_id) & (_m.conversation_id == _c.id))
    query = query.where(*_in_period(), *_said(), _m.kind != "note", *among(these))
    return query.order_by(_m.created_at_ms.desc(), _m.seq.desc()).limit(most)


def costs(these: Among, *, by_step: bool) -> Select[tuple[object, ...]]:
    """What was spent, and on how many conversations; calls without a conversation only where all are wanted."""
    spent = func.coalesce(func.sum(_e.cost_micro), 0).label("cost")
    counted = func.count(_e.conversation_id.distinct()).label("threads")
    query = select(_STEP.label("step"), spent, counted) if by_step else select(spent, counted)
    return (_of(query, these)).group_by(_STEP) if by_step else _of(query, these)


def attempts(these: Among) -> Select[tuple[object, ...]]:
    """How calls to providers failed, and how often."""
    return _of(select(_e.failure, func.count().label("count")), these).group_by(_e.failure)


def cited(these: Among, most: int) -> Select[tuple[object, ...]]:
    """Of answers, what they stand on; the last first."""
    query = select(_m.citations).join_from(
        messages, conversations, (_m.tenant_id == _c.tenant_id) & (_m.conversation_id == _c.id)
    )
    ours = (_c.tenant_id == bindparam("tenant_id"), _c.updated_at_ms >= bindparam("from_ms"))
    query = query.where(*ours, _m.final == 1, _m.citations != "[]", *_said(), *among(these))
    return query.order_by(_m.created_at_ms.desc()).limit(most)


def pages(these: Among, most: int) -> Select[tuple[object, ...]]:
    """Of answered turns, their pages of the journal; the last first."""
    query = select(_j.entry).join_from(
        journal_turns, conversations, (_j.tenant_id == _c.tenant_id) & (_j.conversation_id == _c.id)
    )
    begun = (_j.started_at_ms >= bindparam("from_ms"), _j.started_at_ms < bindparam("until_ms"))
    ours = (_j.tenant_id == bindparam("tenant_id"), _j.outcome == "answered")
    return query.where(*ours, *begun, *among(these)).order_by(_j.started_at_ms.desc()).limit(most)


def _in_period() -> tuple[ColumnElement[bool], ...]:
    return (
        _c.tenant_id == bindparam("tenant_id"),
        _c.updated_at_ms >= bindparam("from_ms"),
        _c.created_at_ms < bindparam("until_ms"),
    )


def _said() -> tuple[ColumnElement[bool], ...]:
    return _m.created_at_ms >= bindparam("from_ms"), _m.created_at_ms < bindparam("until_ms")


def _of(query: Select[tuple[object, ...]], these: Among) -> Select[tuple[object, ...]]:
    conditions = among(these)
    if not conditions:
        return query.select_from(engine_attempts).where(*_MADE)
    return query.select_from(engine_attempts).join(conversations, _OF_IT).where(*_MADE, *conditions)

"""SQL of endpoints, of the outbox and of the delivery log."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    String,
    Text,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from miaohui.webhooks.tables import outbox, webhook_attempts, webhook_endpoints

_earlier = outbox.alias("earlier")
_e, _o, _a = webhook_endpoints.c, outbox.c, webhook_attempts.c


def _given(name: str, kind: Any = String) -> Any:
    return bindparam(f"in_{name}", type_=kind)


_NOW = _given("now", BigInteger)
_BEFORE = _given("before", BigInteger)
_THIS = and_(_e.tenant_id == _given("tenant"), _e.id == _given("endpoint"))
_OF_THIS = and_(_o.tenant_id == _given("tenant"), _o.endpoint_id == _given("endpoint"))

ENQUEUE = insert(outbox).from_select(
    ["event_id", "tenant_id", "endpoint_id", "conversation_id", "type", "payload", "due_at_ms", "created_at_ms"],
    select(
        _given("event"),
        _e.tenant_id,
        _e.id,
        _given("conversation"),
        _given("type"),
        _given("payload", Text),
        literal_column("0"),
        _NOW,
    ).where(
        _e.tenant_id == _given("tenant"),
        _e.enabled == 1,
        or_(_e.events == "", _e.events.like(_given("pattern"))),
    ),
)
LIST_DUE = (
    select(_o.endpoint_id, _o.tenant_id)
    .where(_o.state == "pending", _o.due_at_ms <= _NOW, _o.endpoint_id.in_(select(_e.id).where(_e.enabled == 1)))
    .distinct()
    .limit(1000)
)
_NEXT = (
    select(_o.id)
    .where(
        _o.state == "pending",
        _o.endpoint_id == _given("endpoint"),
        _o.due_at_ms <= _NOW,
        ~exists().where(
            _earlier.c.endpoint_id == _o.endpoint_id,
            _earlier.c.conversation_id == _o.conversation_id,
            _earlier.c.state.in_(("pending", "sending")),
            _earlier.c.id < _o.id,
        ),
    )
    .order_by(_o.id)
    .limit(_given("limit", BigInteger))
)
CLAIM = (
    update(outbox)
    .where(_o.state == "pending", _o.id.in_(_NEXT.scalar_subquery()))
    .values(state="sending", claimed_at_ms=_NOW)
    .returning(_o.id, _o.event_id, _o.endpoint_id, _o.type, _o.payload, _o.attempts, _o.created_at_ms)
)
SETTLE = (
    update(outbox)
    .where(_o.id == _given("id", BigInteger), _o.state == "sending")
    .values(
        state=_given("state"),
        attempts=_o.attempts + 1,
        due_at_ms=_given("due", BigInteger),
        last_error=_given("error"),
    )
    .returning(_o.id)
)
PULL_FORWARD = update(outbox).where(_o.endpoint_id == _given("endpoint"), _o.state == "pending").values(due_at_ms=0)
BEGIN_AGAIN = (
    update(outbox).where(_o.endpoint_id == _given("endpoint"), _o.state == "pending").values(due_at_ms=0, attempts=0)
)
"""For an endpoint that is switched on again: what waits has all its attempts before it."""
RECOVER = (
    update(outbox).where(_o.state == "sending", _o.claimed_at_ms <= _BEFORE).values(state="pending").returning(_o.id)
)
REPLAY = (
    update(outbox)
    .where(
        _OF_THIS,
        or_(_o.state == "dead", _o.state == _given("also")),
        _o.created_at_ms.between(_given("since", BigInteger), _given("until", BigInteger)),
    )
    .values(state="pending", attempts=0, due_at_ms=0)
    .returning(_o.id)
)
FORGET_EVENTS = delete(outbox).where(
    _o.id.in_(
        select(_o.id)
        .where(_o.state == _given("state"), _o.due_at_ms < _BEFORE)
        .order_by(_o.due_at_ms)
        .limit(5_000)
        .scalar_subquery()
    )
)
FORGET_TOLD = delete(outbox).where(
    _o.tenant_id == _given("tenant"), _o.conversation_id == _given("conversation"), _o.state != "pending"
)
FORGET_ATTEMPTS = delete(webhook_attempts).where(
    _a.id.in_(select(_a.id).where(_a.at_ms < _BEFORE).order_by(_a.at_ms).limit(5_000).scalar_subquery())
)
OVERFULL = (
    select(_o.endpoint_id)
    .where(_o.state == "pending")
    .group_by(_o.endpoint_id)
    .having(func.count() > _given("most", BigInteger))
)
COUNT = select(_o.state, func.count().label("count")).where(_OF_THIS, _o.state != "sent").group_by(_o.state)

INSERT_ENDPOINT = insert(webhook_endpoints)
LIST_ENDPOINTS = select(webhook_endpoints).where(_e.tenant_id == _given("tenant")).order_by(_e.id)
GET_ENDPOINT = select(webhook_endpoints).where(_e.id == _given("endpoint"))
FIND_ENDPOINT = select(webhook_endpoints).where(_THIS)
LIST_TENANTS = select(_e.tenant_id).where(_e.enabled == 1).distinct()
LIST_PLAIN = select(_e.id, _e.secret).where(_e.secret.like("whsec%")).limit(1000)
SEAL = update(webhook_endpoints).where(_e.id == _given("endpoint")).values(secret=_given("secret"))
SWITCH = (
    update(webhook_endpoints)
    .where(_THIS)
    .values(enabled=_given("enabled", BigInteger), disabled_reason=_given("reason"), failing_since_ms=0)
    .returning(_e.id)
)
DISABLE = (
    update(webhook_endpoints)
    .where(_e.id == _given("endpoint"), _e.enabled == 1, _e.failing_since_ms <= _BEFORE)
    .values(enabled=0, disabled_reason=_given("reason"))
    .returning(_e.id)
)
CHANGE = (
    update(webhook_endpoints)
    .where(_THIS)
    .values(url=_given("url"), events=_given("events", Text), description=_given("description"))
    .returning(_e.id)
)
ROTATE = (
    update(webhook_endpoints)
    .where(_THIS)
    .values(previous_secret=_e.secret, previous_until_ms=_given("until", BigInteger), secret=_given("secret"))
    .returning(_e.id)
)
DELETE = delete(webhook_endpoints).where(_THIS).returning(_e.id)
DELETE_EVENTS = delete(outbox).where(_OF_THIS)
DELETE_ATTEMPTS = delete(webhook_attempts).where(_a.tenant_id == _given("tenant"), _a.endpoint_id == _given("endpoint"))
FAILING = (
    update(webhook_endpoints).where(_e.id == _given("endpoint"), _e.failing_since_ms == 0).values(failing_since_ms=_NOW)
)
RECOVERED = (
    update(webhook_endpoints)
    .where(_e.id == _given("endpoint"), _e.failing_since_ms > 0, _e.failing_since_ms <= _BEFORE)
    .values(failing_since_ms=0)
    .returning(_e.id)
)

NOTE = insert(webhook_attempts)
_LOG = select(webhook_attempts).where(_a.tenant_id == _given("tenant"), _a.endpoint_id == _given("endpoint"))
_NEWEST_FIRST = (_a.at_ms.desc(), _a.id.desc())
LIST_ATTEMPTS = _LOG.order_by(*_NEWEST_FIRST).limit(_given("limit", BigInteger))
LIST_ATTEMPTS_BEFORE = (
    _LOG.where(
        or_(
            _a.at_ms < _given("at", BigInteger),
            and_(_a.at_ms == _given("at", BigInteger), _a.id < _given("id")),
        )
    )
    .order_by(*_NEWEST_FIRST)
    .limit(_given("limit", BigInteger))
)

"""Rows of threads: who is behind an address, how far they were told, what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, String, Text, and_, bindparam, case, delete, func, insert, or_, select, update

from miaohui.channels.tables import channel_heard, channel_sendings, channel_threads
from miaohui.channels.threads.types import Last, Place, Portion, Sent, Thread, Window
from miaohui.conversations.tables import conversations, messages
from miaohui.kit.database import Database, Operation, Row

_t, _h, _s = channel_threads.c, channel_heard.c, channel_sendings.c


def _given(name: str, kind: Any = String) -> Any:
    return bindparam(f"p_{name}", type_=kind)


_NOW = _given("now", BigInteger)
_HERE = and_(_t.inbox_id == _given("inbox"), _t.address == _given("address"))
_AS_TOLD = and_(_HERE, _t.told_seq == _given("seq", BigInteger), _t.told_part == _given("part", BigInteger))
_AFTER = {_t.told_seq: _given("next_seq", BigInteger), _t.told_part: _given("next_part", BigInteger)}
_FIND = select(channel_threads).where(_HERE)
_BY_CONVERSATION = select(channel_threads).where(
    _t.tenant_id == _given("tenant"), _t.conversation_id == _given("conversation")
)
_INSERT = insert(channel_threads)
_WIDER = or_(_t.window_until_ms <= _NOW, _given("left", BigInteger) >= _t.window_left)
_OPEN_WINDOW = (
    update(channel_threads)
    .where(_HERE, _WIDER)
    .values(window_until_ms=_given("until", BigInteger), window_left=_given("left", BigInteger))
)
_HOLD = (
    update(channel_threads)
    .where(_HERE)
    .values(
        busy_until_ms=case(
            (_t.busy_until_ms > _given("until", BigInteger), _t.busy_until_ms), else_=_given("until", BigInteger)
        )
    )
)
_RELEASE = update(channel_threads).where(_HERE).values(busy_until_ms=_given("until", BigInteger))
_MOVE = update(channel_threads).where(_AS_TOLD).values(_AFTER).returning(_t.inbox_id)
_SPEND = (
    update(channel_threads)
    .where(_AS_TOLD, _t.window_left > 0, _t.window_until_ms > _NOW, _t.busy_until_ms <= _NOW)
    .values({**_AFTER, _t.window_left: _t.window_left - 1})
    .returning(_t.inbox_id)
)
_GIVE_BACK = (
    update(channel_threads)
    .where(_AS_TOLD)
    .values(
        {
            **_AFTER,
            _t.window_left: _t.window_left + _given("spent", BigInteger),
            _t.busy_until_ms: _given("until", BigInteger),
        }
    )
)
_CLOSE_WINDOW = update(channel_threads).where(_HERE).values(window_left=0, busy_until_ms=_given("until", BigInteger))
_DUE = (
    select(channel_threads)
    .join(conversations, conversations.c.id == _t.conversation_id)
    .where(
        _t.inbox_id == _given("inbox"),
        conversations.c.last_seq > _t.told_seq,
        _t.busy_until_ms <= _NOW,
        _t.window_left > 0,
        _t.window_until_ms > _NOW,
    )
    .order_by(_t.busy_until_ms)
    .limit(200)
)
_ANSWER_TO = select(_h.answer).where(_h.inbox_id == _given("inbox"), _h.key == _given("key"))
_KEEP_ANSWER = insert(channel_heard).values(
    inbox_id=_given("inbox"), key=_given("key"), answer=_given("answer", Text), at_ms=_NOW
)
_FORGET_ANSWERS = delete(channel_heard).where(_h.at_ms < _given("before", BigInteger)).returning(_h.key)
_THIS_SENDING = and_(
    _s.conversation_id == _given("conversation"),
    _s.seq == _given("next_seq", BigInteger),
    _s.part == _given("next_part", BigInteger),
)
_FORGET_SENDING = delete(channel_sendings).where(_THIS_SENDING)
_KEEP_SENDING = insert(channel_sendings).values(
    conversation_id=_given("conversation"),
    seq=_given("next_seq", BigInteger),
    part=_given("next_part", BigInteger),
    inbox_id=_given("inbox"),
    tenant_id=_given("tenant"),
    state=_given("state"),
    detail=_given("detail"),
    at_ms=_NOW,
)
_ABANDONED = (
    update(channel_sendings)
    .where(_s.state == "sending", _s.at_ms < _given("before", BigInteger))
    .values(state="uncertain", detail="sender_died")
    .returning(_s.conversation_id)
)
_FAILED_LATER = (
    update(channel_sendings)
    .where(_THIS_SENDING, _s.state.in_(("sent", "uncertain")))
    .values(state="undeliverable", detail=_given("detail"))
)
_WAITS = and_(_s.state == "waiting", _s.detail != "")
_LIST_SENDINGS = (
    select(channel_sendings)
    .where(_s.tenant_id == _given("tenant"), _s.conversation_id == _given("conversation"))
    .order_by(_s.seq.desc(), _s.part.desc())
    .limit(200)
)
_NEWEST = (
    select(_t.conversation_id)
    .join(conversations, conversations.c.id == _t.conversation_id)
    .where(_t.inbox_id == _given("inbox"))
    .order_by(conversations.c.updated_at_ms.desc())
    .limit(20)
    .subquery()
)
_LAST_WORD = select(func.max(messages.c.created_at_ms)).where(
    messages.c.conversation_id.in_(select(_NEWEST.c.conversation_id)), messages.c.sender == "visitor"
)
_LAST_SENT = select(func.max(_s.at_ms)).where(_s.inbox_id == _given("inbox"), _s.state == "sent")
_LAST_FAILURE = (
    select(_s.at_ms, _s.state, _s.detail)
    .where(_s.inbox_id == _given("inbox"), or_(_s.state.in_(("undeliverable", "uncertain")), _WAITS))
    .order_by(_s.at_ms.desc())
    .limit(1)
)


def meet(thread: Thread) -> Operation[Thread]:
    """The thread of this address; `thread` when nobody has come from there yet."""
    found = yield _FIND, _here(thread)
    if found:
        return _thread(found[0])
    yield (
        _INSERT,
        {
            "inbox_id": thread.inbox_id,
            "address": thread.address,
            "tenant_id": thread.tenant_id,
            "contact_id": thread.contact_id,
            "conversation_id": thread.conversation_id,
        },
    )
    return thread


def heard_from(thread: Thread, window: Window | None, busy_ms: int, now_ms: int) -> Operation[Thread]:
    """They spoke: we may speak for a while, and nobody else does within `busy_ms`. The thread as it is now."""
    if window is not None:
        until = {"p_until": now_ms + window.lasts_ms, "p_left": window.sends, "p_now": now_ms}
        yield _OPEN_WINDOW, {**_here(thread), **until}
    yield _HOLD, {**_here(thread), "p_until": now_ms + busy_ms}
    return _thread((yield _FIND, _here(thread))[0])


def release(thread: Thread, now_ms: int) -> Operation[None]:
    """Whoever has something to say may say it."""
    yield _RELEASE, {**_here(thread), "p_until": now_ms}


def answer(thread: Thread, key: str, portion: Portion, now_ms: int) -> Operation[str | None]:
    """Tell a portion as the answer to what was heard under `key`; the answer that was given to it before, if one was.

    None when somebody else has told the portion: then there is nothing to answer.
    """
    ours = {"p_inbox": thread.inbox_id, "p_key": key}
    if earlier := (yield _ANSWER_TO, ours):
        return str(earlier[0][0])
    if not (yield _MOVE, {**_here(thread), **_step(portion.before, portion.after)}):
        return None
    yield _KEEP_ANSWER, {**ours, "p_answer": portion.text, "p_now": now_ms}
    yield from _note(thread, portion, Sent(state="sent", detail="passive"), now_ms)
    return portion.text


def answer_plainly(thread: Thread, key: str, text: str, now_ms: int) -> Operation[str]:
    """Words that are no message of the conversation, once for each `key`: the first answer stays the answer."""
    ours = {"p_inbox": thread.inbox_id, "p_key": key}
    if earlier := (yield _ANSWER_TO, ours):
        return str(earlier[0][0])
    yield _KEEP_ANSWER, {**ours, "p_answer": text, "p_now": now_ms}
    return text


def pass_over(thread: Thread, told: Place, here: Place) -> Operation[None]:
    """What lies between is not for the outside."""
    yield _MOVE, {**_here(thread), **_step(told, here)}


def reserve(thread: Thread, portion: Portion, now_ms: int) -> Operation[bool]:
    """Before sending: the portion is ours alone, and counted. False when it may not be sent now."""
    if not (yield _SPEND, {**_here(thread), **_step(portion.before, portion.after), "p_now": now_ms}):
        return False
    yield from _note(thread, portion, Sent(state="sending"), now_ms)
    return True


def settle(thread: Thread, portion: Portion, sent: Sent, now_ms: int) -> Operation[None]:
    """After sending. What was certainly not sent is owed again: later, or at their next word."""
    if sent.state == "waiting":
        spent = {"p_spent": 1 if sent.wait_ms else 0, "p_until": now_ms + sent.wait_ms}
        yield _GIVE_BACK, {**_here(thread), **_step(portion.after, portion.before), **spent}
        if not sent.wait_ms:
            yield _CLOSE_WINDOW, {**_here(thread), "p_until": now_ms}
    yield from _note(thread, portion, sent, now_ms)


def note_failure(thread: Thread, place: tuple[int, int], detail: str) -> Operation[None]:
    """The vendor took it, and then did not deliver it."""
    where = {"p_conversation": thread.conversation_id, "p_next_seq": place[0], "p_next_part": place[1]}
    yield _FAILED_LATER, {**where, "p_detail": detail[:64]}


def recover(before_ms: int) -> Operation[int]:
    """Nobody knows any more whether these were sent; they are shown, and not sent again."""
    return len((yield _ABANDONED, {"p_before": before_ms}))


def forget(before_ms: int) -> Operation[int]:
    """Drop answers that nobody will ask for again."""
    return len((yield _FORGET_ANSWERS, {"p_before": before_ms}))


def _note(thread: Thread, portion: Portion, sent: Sent, now_ms: int) -> Operation[None]:
    where = {"p_conversation": thread.conversation_id, "p_next_seq": portion.seq, "p_next_part": portion.part}
    yield _FORGET_SENDING, where
    facts = {"p_inbox": thread.inbox_id, "p_tenant": thread.tenant_id, "p_now": now_ms}
    yield _KEEP_SENDING, {**where, **facts, "p_state": sent.state, "p_detail": sent.detail[:64]}


class ThreadsRepository:
    """What is read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, inbox_id: str, address: str) -> Thread | None:
        """The thread of an address."""
        rows = await self._database.read(_FIND, {"p_inbox": inbox_id, "p_address": address})
        return _thread(rows[0]) if rows else None

    async def find_by_conversation(self, tenant_id: str, conversation_id: str) -> Thread | None:
        """The thread behind a conversation, or None when it has another door."""
        rows = await self._database.read(_BY_CONVERSATION, {"p_tenant": tenant_id, "p_conversation": conversation_id})
        return _thread(rows[0]) if rows else None

    async def find_answer(self, inbox_id: str, key: str) -> str | None:
        """What was answered to a delivery under this key."""
        rows = await self._database.read(_ANSWER_TO, {"p_inbox": inbox_id, "p_key": key})
        return str(rows[0][0]) if rows else None

    async def list_due(self, inbox_id: str, now_ms: int) -> list[Thread]:
        """Those who may be spoken to now and have not been told everything."""
        return [_thread(row) for row in await self._database.read(_DUE, {"p_inbox": inbox_id, "p_now": now_ms})]

    async def last(self, inbox_id: str) -> Last:
        """When an inbox last heard and told anybody, and what went wrong last."""
        here = {"p_inbox": inbox_id}
        heard = await self._database.read(_LAST_WORD, here)
        sent = await self._database.read(_LAST_SENT, here)
        failed = await self._database.read(_LAST_FAILURE, here)
        return Last(
            heard_at_ms=heard[0][0] or 0,
            sent_at_ms=sent[0][0] or 0,
            failed_at_ms=failed[0]["at_ms"] if failed else 0,
            failure=f"{failed[0]['state']} {failed[0]['detail']}".strip() if failed else "",
        )

    async def list_sendings(self, tenant_id: str, conversation_id: str) -> Sequence[Row]:
        """The newest two hundred portions, with how each was sent."""
        params = {"p_tenant": tenant_id, "p_conversation": conversation_id}
        return await self._database.read(_LIST_SENDINGS, params)


def _here(thread: Thread) -> dict[str, Any]:
    return {"p_inbox": thread.inbox_id, "p_address": thread.address}


def _step(before: Place, after: Place) -> dict[str, Any]:
    return {"p_seq": before.seq, "p_part": before.part, "p_next_seq": after.seq, "p_next_part": after.part}


def _thread(row: Row) -> Thread:
    return Thread(
        inbox_id=row["inbox_id"],
        address=row["address"],
        tenant_id=row["tenant_id"],
        contact_id=row["contact_id"],
        conversation_id=row["conversation_id"],
        told=Place(seq=row["told_seq"], part=row["told_part"]),
        window_until_ms=row["window_until_ms"],
        window_left=row["window_left"],
        busy_until_ms=row["busy_until_ms"],
    )

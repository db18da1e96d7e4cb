"""What WeCom tells, one item after the other: words, words of its own people, and who has a session."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING

from miaohui.channels.wecom import policy
from miaohui.conversations.errors import NotYours
from miaohui.identity.types import Principal
from miaohui.kit import metrics
from miaohui.kit.errors import Conflict, Invalid, Throttled
from miaohui.kit.telemetry import get_log

if TYPE_CHECKING:
    from miaohui.channels.threads.hearing import Hearing
    from miaohui.channels.threads.service import Threads
    from miaohui.channels.threads.types import Thread
    from miaohui.channels.wecom.sending import Sending
    from miaohui.channels.wecom.types import Account, Event, Item
    from miaohui.conversations.service import Conversations
    from miaohui.kit.clock import Clock

WELCOME_S = 20
"""So long WeCom takes a welcome after somebody came in."""

HEARD = metrics.counter("miaohui_wecom_heard_total", "What WeCom told us.", ("kind",))
_KINDS = frozenset({"text", "image", "voice", "video", "file", "location", "link", "event"})

_log = get_log(__name__)


class Listener:
    """Takes items; the same one again changes nothing."""

    def __init__(
        self, threads: Threads, hearing: Hearing, conversations: Conversations, sending: Sending, clock: Clock
    ) -> None:
        self._threads = threads
        self._hearing = hearing
        self._conversations = conversations
        self._sending = sending
        self._clock = clock

    async def take(self, account: Account, item: Item) -> None:
        """One item. Raises `Unavailable` when it is to be told again."""
        if (item.send_time + 1) * 1000 <= account.since_ms:  # whole seconds are told
            return
        HEARD.labels(item.msgtype if item.msgtype in _KINDS else "other").inc()
        if item.msgtype == "event":
            await self._note_event(account, item)
        elif item.origin == policy.FROM_VISITOR and item.external_userid:
            await self._hear(account, item)
        elif item.origin == policy.FROM_SERVICER and item.external_userid:
            await self._note_words(account, item)

    async def _hear(self, account: Account, item: Item) -> None:
        word = policy.word_of(account, item)
        if word is None:
            return
        try:
            await self._hearing.hear(word, policy.window_of(item, self._clock.now_ms()))
        except (Throttled, Invalid) as error:  # told again it would be no better, and others wait behind it
            _log.warning("wecom.word_refused", inbox=account.inbox_id, reason=error.code)

    async def _note_event(self, account: Account, item: Item) -> None:
        event = item.event
        match event.event_type:
            case "enter_session":
                if account.welcome and event.welcome_code and self._age_s(item) <= WELCOME_S:
                    await self._sending.welcome(account, event.welcome_code, policy.key_of(item))
            case "msg_send_fail":
                await self._note_failure(account, event)
            case "session_status_change":
                await self._note_owner(account, event)

    def _age_s(self, item: Item) -> float:
        return self._clock.now_ms() / 1000 - item.send_time

    async def _note_failure(self, account: Account, event: Event) -> None:
        """It was taken from us and then not delivered: refused by its reader, too late, too much."""
        thread = await self._find(account, event.external_userid)
        place = policy.place_of(event.fail_msgid)
        if thread is not None and place is not None:
            await self._threads.note_failure(thread, place, f"wecom_fail_{event.fail_type}")

    async def _note_owner(self, account: Account, event: Event) -> None:
        thread = await self._find(account, event.external_userid)
        if thread is None:
            return
        if event.change_type in policy.TAKEN:
            await self.give_to_wecom(thread, event.new_servicer_userid)
        elif event.change_type == policy.CLOSED:
            _, conversation = await self._threads.conversation_of(thread)
            with suppress(NotYours):  # somebody spoke in this moment: it goes on
                await self._conversations.resolve(conversation, person_of(account.tenant_id, ""))

    async def give_to_wecom(self, thread: Thread, servicer: str) -> None:
        """From here on one of WeCom's people has it: the assistant is silent."""
        _, conversation = await self._threads.conversation_of(thread)
        with suppress(NotYours):
            await self._conversations.take_over(conversation, person_of(thread.tenant_id, servicer))

    async def _note_words(self, account: Account, item: Item) -> None:
        """Who wrote from WeChat has read them there; here they stand as a note, so that nobody is told twice."""
        thread = await self._find(account, item.external_userid)
        word = policy.word_of(account, item)
        if thread is None or word is None:
            return
        _, conversation = await self._threads.conversation_of(thread)
        if conversation.status != "open":
            await self.give_to_wecom(thread, item.servicer_userid)
        by = person_of(account.tenant_id, item.servicer_userid)
        text = word.text or f"[{word.files[0].what}]"
        with suppress(Conflict, Invalid):
            await self._conversations.note(conversation, by, text, word.key)

    async def _find(self, account: Account, person: str) -> Thread | None:
        return await self._threads.repository.find(account.inbox_id, person)


def person_of(tenant_id: str, servicer: str) -> Principal:
    """One of WeCom's people, or WeCom's queue, as somebody who serves."""
    mark = hashlib.sha256(f"{tenant_id}\0{servicer}".encode()).hexdigest()[:24]
    name = f"{servicer[:64]} (企业微信)" if servicer else "企业微信"
    return Principal(tenant_id=tenant_id, kind="agent", id=f"wecom_{mark}", name=name)

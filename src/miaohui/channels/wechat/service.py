"""What happens when a follower speaks: the turn is the same as at every other door, the answer has five seconds."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from miaohui.channels.media.types import Sender
from miaohui.channels.threads.parts import Words, read_part
from miaohui.channels.wechat import policy
from miaohui.kit import metrics
from miaohui.kit.aio import launch
from miaohui.kit.errors import Conflict, Throttled
from miaohui.kit.telemetry import get_log
from miaohui.turns.types import Send

if TYPE_CHECKING:
    from miaohui.channels.threads.service import Threads
    from miaohui.channels.threads.types import Thread
    from miaohui.channels.wechat.policy import Timing
    from miaohui.channels.wechat.sending import Sending
    from miaohui.channels.wechat.types import Account, Heard
    from miaohui.kit.clock import Clock
    from miaohui.turns.service import Turns

CONTINUE = "正在为您查询, 请稍候回复任意字继续。"
"""From accounts that cannot speak first."""
TOO_FAST = "您发得太快了, 请稍等一会儿再说。"

HEARD = metrics.counter("miaohui_wechat_heard_total", "What WeChat told us.", ("kind",))
ANSWERED = metrics.counter("miaohui_wechat_answers_total", "How it was answered.", ("how",))
_KINDS = frozenset({"text", "image", "voice", "video", "shortvideo", "location", "link", "event"})

_log = get_log(__name__)


class Listener:
    """Hears followers and answers within `Timing.answer_s`."""

    def __init__(
        self, threads: Threads, turns: Turns, sending: Sending, clock: Clock, timing: Timing | None = None
    ) -> None:
        self._threads = threads
        self._turns = turns
        self._sending = sending
        self._clock = clock
        self._timing = timing or policy.Timing()

    async def hear(self, account: Account, heard: Heard) -> str:
        """Words to answer with now; empty: `success`, and perhaps more later. Raises `Unavailable` to be told again."""
        deadline = self._clock.monotonic() + self._timing.answer_s
        HEARD.labels(heard.kind if heard.kind in _KINDS else "other").inc()
        if heard.kind == "event" and heard.event == "subscribe":
            return await self._welcome(account, heard)
        words = policy.question_of(heard) if heard.kind == "event" else await self._words(account, heard)
        if not words:
            if heard.kind not in _KINDS:
                _log.warning("wechat.unknown_kind", inbox=account.inbox_id, kind=heard.kind)
            return ""
        text = await self._answer(account, heard, words, deadline)
        ANSWERED.labels("passive" if text else "success").inc()
        return text

    async def _words(self, account: Account, heard: Heard) -> str:
        source = policy.file_of(heard)
        if not source:
            return policy.words_of(heard)
        sender = Sender(tenant_id=account.tenant_id, inbox_id=account.inbox_id)
        media_id = await self._sending.store.expect("wechat", sender, source, policy.key_of(heard))
        return policy.words_of(heard, media_id)

    async def _welcome(self, account: Account, heard: Heard) -> str:
        thread = await self._threads.meet(account.tenant_id, account.inbox_id, heard.sender)
        await self._threads.heard_from(thread, policy.window_of(heard), busy_ms=0)
        if not account.welcome:
            return ""
        return await self._threads.answer_plainly(thread, policy.key_of(heard), account.welcome)

    async def _answer(self, account: Account, heard: Heard, words: str, deadline: float) -> str:
        key = policy.key_of(heard)
        earlier = await self._threads.repository.find_answer(account.inbox_id, key)
        if earlier is not None:
            return earlier
        thread = await self._threads.meet(account.tenant_id, account.inbox_id, heard.sender)
        window = policy.window_of(heard) if account.can_send else None
        thread = await self._threads.heard_from(thread, window, busy_ms=self._timing.busy_ms)
        try:
            waiting = await self._fetch_waiting(account, heard, thread, key)
            if waiting:
                return waiting
            return await self._ask(account, thread, Send(cmid=key, text=words), deadline)
        finally:
            await self._threads.release(thread)

    async def _fetch_waiting(self, account: Account, heard: Heard, thread: Thread, key: str) -> str:
        """From an account that cannot speak first, a short word fetches what waits instead of asking anew."""
        if account.can_send or not policy.only_fetches(heard):
            return ""
        return await self._tell(account, thread, key)

    async def _ask(self, account: Account, thread: Thread, send: Send, deadline: float) -> str:
        visitor, conversation = await self._threads.conversation_of(thread)
        try:
            accepted = await self._turns.accept(visitor, conversation, send)
        except Throttled:
            return await self._threads.answer_plainly(thread, send.cmid, TOO_FAST)
        except Conflict:  # the same id with other words: not WeChat's doing
            return ""
        if account.can_send and accepted.turn.state == "running" and not accepted.dup:
            launch(self._sending.typing(account, thread.address), name="wechat:typing")
        ended = accepted.turn.state != "running" or await self._wait(thread.tenant_id, accepted.turn.id, deadline)
        text = await self._tell(account, thread, send.cmid)
        if text or ended or account.can_send:
            return text
        return await self._threads.answer_plainly(thread, send.cmid, CONTINUE)

    async def _wait(self, tenant_id: str, turn_id: str, deadline: float) -> bool:
        """Whether the turn ended in time."""
        try:
            async with asyncio.timeout(max(deadline - self._clock.monotonic(), 0)):
                await self._turns.follow(tenant_id, turn_id)
        except TimeoutError:
            return False
        return True

    async def _tell(self, account: Account, thread: Thread, key: str) -> str:
        """The first words that the thread was not told, as the answer to `key`."""
        portion = await self._threads.next_portion(thread, self._sending.split)
        if portion is None or (account.can_send and not isinstance(read_part(portion.text), Words)):
            return ""  # pictures and cards go by the API
        words = await self._sending.words(thread, portion.text)
        return await self._threads.answer(thread, key, msgspec.structs.replace(portion, text=words)) or ""

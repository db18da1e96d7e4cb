"""Sending what stands in the outbox: at least once, in order for each endpoint and conversation."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from miaohui.kit import aio, crash, metrics
from miaohui.kit.clock import Clock
from miaohui.kit.database import Database
from miaohui.kit.errors import Unavailable
from miaohui.kit.ids import new_id
from miaohui.kit.telemetry import get_log
from miaohui.kit.tracing import TRACES
from miaohui.webhooks import policy, repository
from miaohui.webhooks.traces import span_of_delivery
from miaohui.webhooks.types import Answer, Attempt, Delivery, Settling

if TYPE_CHECKING:
    from collections.abc import Callable

    from miaohui.webhooks.ports import Alarm, Post
    from miaohui.webhooks.service import Webhooks

_before_send = crash.point("outbox.before_send", "an event was claimed, nothing was sent")
_sent = crash.point("outbox.sent", "the endpoint has the event, the outbox does not know it yet")
_DAY_MS = 86_400_000
_log = get_log(__name__)

DELIVERIES = metrics.counter("miaohui_webhook_deliveries_total", "Attempts to deliver an event.", ("outcome",))
DISABLED = metrics.counter("miaohui_webhook_endpoints_disabled_total", "Endpoints switched off by us.", ("reason",))


class SenderOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of the sender."""

    poll_s: float = 0.5
    """How often the outbox is looked at."""
    refresh_s: float = 10.0
    """How often endpoints made by other nodes are noticed, and what a dead node had claimed is taken back."""
    tidy_s: float = 60.0
    """How often what is old is dropped."""
    per_endpoint: int = 4
    """Deliveries under way to one endpoint, so that a slow one does not hold up the others."""
    per_second: int = 50
    """Deliveries begun to one endpoint in a second: one that comes back is not run over by its backlog."""
    lease_s: float = 60.0
    """A claim older than this has lost its sender; over the timeout of an attempt."""
    keep_sent_days: float = 3
    keep_dead_days: float = 30
    """How long what was given up can be replayed."""
    keep_log_days: float = 7
    most_waiting: int = 100_000
    """Events that may wait for one endpoint before it is switched off."""
    alone: bool = True
    """No other process sends from these records: at the start every claim is a dead one's."""


class Sender:
    """Runs for as long as the server does. What waits are rows, not tasks.

    `clock` is one that all nodes agree on: what one of them puts off, another sends.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        webhooks: Webhooks,
        post: Post,
        options: SenderOptions | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._webhooks = webhooks
        self._post = post
        self._options = options or SenderOptions()
        self._repository = repository.WebhooksRepository(database)
        self._alarm: Alarm | None = None
        self.serves: Callable[[str], bool] = lambda _tenant_id: True
        """What is due to others waits, and loses nothing by it."""
        self._under_way: Counter[str] = Counter()
        self._begun: Counter[str] = Counter()
        """Deliveries begun in `_second`, by endpoint."""
        self._second = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._freed = asyncio.Event()
        self._refreshed_at = 0.0
        self._tidied_at = 0.0

    def ring_at(self, alarm: Alarm) -> None:
        """Who is told when an endpoint is switched off."""
        self._alarm = alarm

    async def run(self) -> None:
        """Send until cancelled; what is under way then is sent again by the next start."""
        if self._options.alone:
            await self._database.write(lambda: repository.recover(repository.FOREVER_MS))
        self._refreshed_at = self._tidied_at = self._clock.monotonic()
        await self._webhooks.seal_plain_secrets()
        await self._webhooks.refresh()
        try:
            while True:
                self._freed.clear()
                try:
                    await self._look_around()
                    await self.send_due()
                except Unavailable:
                    _log.warning("webhooks.records_unavailable")
                with suppress(TimeoutError):
                    await aio.within(self._options.poll_s, self._freed.wait())
        finally:
            await self.close()

    async def _look_around(self) -> None:
        now = self._clock.monotonic()
        if now - self._refreshed_at >= self._options.refresh_s:
            self._refreshed_at = now
            await self._webhooks.refresh()
            await self.take_back()
        if now - self._tidied_at >= self._options.tidy_s:
            self._tidied_at = now
            await self.tidy()

    async def take_back(self) -> int:
        """What senders that died had claimed is for others to send; how many events."""
        before_ms = self._clock.now_ms() - round(self._options.lease_s * 1000)
        return await self._database.write(lambda: repository.recover(before_ms))

    async def tidy(self) -> None:
        """Drop what is old, and switch off endpoints for which too much waits."""
        now_ms, options = self._clock.now_ms(), self._options
        days = (options.keep_sent_days, options.keep_dead_days, options.keep_log_days)
        sent, dead, log = (now_ms - round(one * _DAY_MS) for one in days)
        await self._database.write(lambda: repository.forget(sent, dead, log))
        for endpoint_id in await self._repository.list_overfull(options.most_waiting):
            if await self._database.write(lambda one=endpoint_id: repository.disable(one, "backlog")):  # type: ignore[misc]
                await self._tell_disabled(endpoint_id, "backlog")

    async def send_due(self) -> int:
        """Begin what is due; how many deliveries."""
        begun = 0
        now_ms = self._clock.now_ms()
        for endpoint_id, tenant_id in await self._repository.list_due(now_ms):
            if self.serves(tenant_id) and (free := self._free(endpoint_id)) > 0:
                begun += await self._send_some(endpoint_id, now_ms, free)
        return begun

    def _free(self, endpoint_id: str) -> int:
        second = int(self._clock.monotonic())
        if second != self._second:
            self._second, self._begun = second, Counter()
        at_once = self._options.per_endpoint - self._under_way[endpoint_id]
        return min(at_once, self._options.per_second - self._begun[endpoint_id])

    async def _send_some(self, endpoint_id: str, now_ms: int, limit: int) -> int:
        deliveries = await self._database.write(lambda: repository.claim(endpoint_id, now_ms, limit))
        self._begun[endpoint_id] += len(deliveries)
        for delivery in deliveries:
            self._under_way[endpoint_id] += 1
            task = aio.spawn(self._deliver(delivery), name=f"webhook:{delivery.id}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return len(deliveries)

    async def _deliver(self, delivery: Delivery) -> None:
        began = self._clock.monotonic()
        try:
            _before_send()
            answer = await self._ask(delivery)
            _sent()
            await self._settle(delivery, answer, round((self._clock.monotonic() - began) * 1000))
        finally:
            self._under_way[delivery.endpoint_id] -= 1
            if not self._under_way[delivery.endpoint_id]:
                del self._under_way[delivery.endpoint_id]
            self._freed.set()

    async def _ask(self, delivery: Delivery) -> Answer:
        try:
            secrets = self._webhooks.open_secrets(delivery.endpoint_id, delivery.secrets)
        except Unavailable as error:
            return Answer(error=error.code)
        return await self._post.post(msgspec.structs.replace(delivery, secrets=secrets), self._clock.now_ms())

    async def _settle(self, delivery: Delivery, answer: Answer, took_ms: int) -> None:
        settling = policy.settle(answer, delivery, now_ms=self._clock.now_ms(), took_ms=took_ms)
        DELIVERIES.labels(settling.outcome).inc()
        attempt = _attempt(delivery, settling)
        if TRACES.on:
            TRACES.note((span_of_delivery(delivery, settling),))
        reason = await self._database.write(lambda: repository.settle(delivery, settling, attempt))
        if settling.outcome == "dead":
            _log.error("webhooks.given_up", endpoint=delivery.endpoint_id, event_id=delivery.event_id)
        if reason:
            await self._tell_disabled(delivery.endpoint_id, reason)

    async def _tell_disabled(self, endpoint_id: str, reason: str) -> None:
        DISABLED.labels(reason).inc()
        _log.error("webhooks.endpoint_disabled", endpoint=endpoint_id, reason=reason)
        await self._webhooks.refresh()
        endpoint = await self._repository.find_endpoint(endpoint_id)
        if endpoint is not None and self._alarm is not None:
            facts = {"endpoint": endpoint_id, "url": endpoint.url, "reason": reason}
            await self._alarm.ring(endpoint.tenant_id, "webhook_disabled", facts)

    async def close(self) -> None:
        """Stop what is under way."""
        await aio.stop(*self._tasks)


def _attempt(delivery: Delivery, settling: Settling) -> Attempt:
    return Attempt(
        id=new_id("att"),
        event_id=delivery.event_id,
        type=delivery.type,
        attempt=delivery.attempts + 1,
        outcome=settling.outcome,
        status=settling.answer.status,
        error=settling.answer.error,
        took_ms=settling.took_ms,
        at_ms=settling.now_ms,
    )

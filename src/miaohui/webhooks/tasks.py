"""Sending what stands in the outbox: at least once, in order for each endpoint and conversation."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Protocol

import msgspec

from miaohui.kit import aio, crash, metrics
from miaohui.kit.clock import Clock
from miaohui.kit.database import Database
from miaohui.kit.errors import Unavailable
from miaohui.kit.telemetry import get_log
from miaohui.webhooks import policy, repository
from miaohui.webhooks.types import Answer, Delivery

if TYPE_CHECKING:
    from miaohui.webhooks.service import Webhooks

_before_send = crash.point("outbox.before_send", "an event was claimed, nothing was sent")
_sent = crash.point("outbox.sent", "the endpoint has the event, the outbox does not know it yet")
_log = get_log(__name__)

DELIVERIES = metrics.counter("miaohui_webhook_deliveries_total", "Attempts to deliver an event.", ("outcome",))


class Post(Protocol):
    """Who carries a delivery out of the house; `posting.Poster` does."""

    async def post(self, delivery: Delivery, now_ms: int) -> Answer:
        """One attempt; every failure is an answer."""
        ...

    async def close(self) -> None:
        """Close idle connections."""
        ...


class SenderOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of the sender."""

    poll_s: float = 0.5
    """How often the outbox is looked at while some tenant has an endpoint."""
    refresh_s: float = 10.0
    """How often endpoints made by other nodes are noticed, and what a dead node had claimed is taken back."""
    per_endpoint: int = 4
    """Deliveries under way to one endpoint, so that a slow one does not hold up the others."""
    lease_s: float = 60.0
    """A claim older than this has lost its sender; over the timeout of an attempt."""
    alone: bool = True
    """No other process sends from these records: at the start every claim is a dead one's."""
    allow_private: bool = False
    """Deliver to addresses inside this network too."""


class Sender:
    """Runs for as long as the server does."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        webhooks: Webhooks,
        options: SenderOptions | None = None,
        post: Post | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._webhooks = webhooks
        self._options = options or SenderOptions()
        self._repository = repository.WebhooksRepository(database)
        self._post = post
        self._under_way: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._refreshed_at = 0.0

    async def run(self) -> None:
        """Send until cancelled; what is under way then is sent again by the next start."""
        if self._options.alone:
            await self._database.write(lambda: repository.recover(self._clock.now_ms()))
        self._refreshed_at = self._clock.monotonic()
        await self._webhooks.refresh()
        try:
            while True:
                try:
                    await self._look_around()
                    await self.send_due()
                except Unavailable:
                    _log.warning("webhooks.records_unavailable")
                await asyncio.sleep(self._options.poll_s)
        finally:
            await self.close()

    async def _look_around(self) -> None:
        now = self._clock.monotonic()
        if now - self._refreshed_at < self._options.refresh_s:
            return
        self._refreshed_at = now
        await self._webhooks.refresh()
        before_ms = self._clock.now_ms() - round(self._options.lease_s * 1000)
        await self._database.write(lambda: repository.recover(before_ms))

    async def send_due(self) -> int:
        """Begin what is due; how many deliveries."""
        begun = 0
        now_ms = self._clock.now_ms()
        for endpoint_id in await self._repository.list_due(now_ms):
            free = self._options.per_endpoint - self._under_way[endpoint_id]
            if free > 0:
                begun += await self._send_some(endpoint_id, now_ms, free)
        return begun

    async def _send_some(self, endpoint_id: str, now_ms: int, limit: int) -> int:
        deliveries = await self._database.write(lambda: repository.claim(endpoint_id, now_ms, limit))
        for delivery in deliveries:
            self._under_way[endpoint_id] += 1
            task = aio.spawn(self._deliver(delivery), name=f"webhook:{delivery.id}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return len(deliveries)

    async def _deliver(self, delivery: Delivery) -> None:
        try:
            _before_send()
            answer = await self._poster().post(delivery, self._clock.now_ms())
            _sent()
            await self._settle(delivery, answer)
        finally:
            self._under_way[delivery.endpoint_id] -= 1
            if not self._under_way[delivery.endpoint_id]:
                del self._under_way[delivery.endpoint_id]

    def _poster(self) -> Post:
        if self._post is None:
            from miaohui.webhooks.posting import Poster  # noqa: PLC0415  (aiohttp loads when somebody is to be told)

            self._post = Poster(allow_private=self._options.allow_private)
        return self._post

    async def _settle(self, delivery: Delivery, answer: Answer) -> None:
        verdict = policy.judge(answer, delivery.attempts)
        DELIVERIES.labels(verdict).inc()
        now_ms = self._clock.now_ms()
        if verdict == "again":
            due_ms = now_ms + policy.next_wait_ms(answer, delivery.attempts)
            await self._database.write(lambda: repository.settle(delivery, "pending", due_ms, answer.error))
            return
        state = "sent" if verdict == "sent" else "dead"
        await self._database.write(lambda: repository.settle(delivery, state, now_ms, answer.error))
        if verdict == "dead":
            _log.error("webhooks.given_up", endpoint=delivery.endpoint_id, event_id=delivery.event_id)
        elif verdict == "gone":
            await self._disable(delivery)

    async def _disable(self, delivery: Delivery) -> None:
        endpoint = await self._repository.find_endpoint(delivery.endpoint_id)
        if endpoint is not None:
            _log.warning("webhooks.endpoint_gone", endpoint=endpoint.id)
            await self._database.write(
                lambda: repository.switch(endpoint.tenant_id, endpoint.id, enabled=False, reason="gone")
            )
            await self._webhooks.refresh()

    async def close(self) -> None:
        """Stop what is under way and close connections."""
        await aio.stop(*self._tasks)
        if self._post is not None:
            await self._post.close()
            self._post = None

"""Carries a delivery to its endpoint, signed."""

from __future__ import annotations

from miaohui.kit.errors import MiaohuiError
from miaohui.kit.fetch import Ask, Fetcher, Limits
from miaohui.kit.tracing import TRACES
from miaohui.webhooks.policy import signatures
from miaohui.webhooks.traces import subject_of
from miaohui.webhooks.types import Answer, Delivery

TIMEOUT_S = 20.0
_ANSWER_BYTES = 65_536
"""Nobody reads what a receiver says; a long answer is a failure all the same."""


class Poster:
    """Sends deliveries to public addresses only, unless told otherwise."""

    def __init__(self, *, allow_private: bool = False, timeout_s: float = TIMEOUT_S) -> None:
        limits = Limits(total_s=timeout_s, answer_bytes=_ANSWER_BYTES)
        self._fetcher = Fetcher(allow_private=allow_private, limits=limits)

    async def post(self, delivery: Delivery, now_ms: int) -> Answer:
        """One attempt; every failure is an answer. A redirect is not followed."""
        body = delivery.payload.encode()
        seconds = now_ms // 1000
        headers = {
            "content-type": "application/json",
            "user-agent": "Miaohui-Webhooks",
            "webhook-id": delivery.event_id,
            "webhook-timestamp": str(seconds),
            "webhook-signature": signatures(delivery.secrets, delivery.event_id, seconds, body),
        }
        if trace := TRACES.header(subject_of(delivery), delivery.event_id, str(delivery.attempts)):
            headers["traceparent"] = trace
        try:
            fetched = await self._fetcher.fetch(Ask(method="POST", url=delivery.url, headers=headers, body=body))
        except MiaohuiError as error:
            return Answer(error=error.code)
        return Answer(
            status=fetched.status,
            error="" if fetched.status < 300 else f"HTTP {fetched.status}",
            retry_after_s=_seconds(fetched.headers.get("retry-after", "")),
        )

    async def close(self) -> None:
        """Close idle connections."""
        await self._fetcher.close()


def _seconds(value: str) -> float:
    try:
        return max(float(value), 0.0)
    except ValueError:
        return 0.0

"""Signing and timing: decisions without I/O.

Signatures and schedule are those of Standard Webhooks (https://www.standardwebhooks.com): the receiver checks
`webhook-signature` over `id.timestamp.body` with the secret that it was given.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from typing import Literal

from miaohui.webhooks.types import Answer, Delivery, Settling

_MINUTE, _HOUR = 60, 3600
SCHEDULE_S = (
    0,
    5,
    5 * _MINUTE,
    30 * _MINUTE,
    2 * _HOUR,
    5 * _HOUR,
    10 * _HOUR,
    14 * _HOUR,
    20 * _HOUR,
    24 * _HOUR,
)
"""Wait before each attempt, from the failure before it."""
LIFE_MS = sum(SCHEDULE_S) * 1000
OUTAGE_MS = 300_000
"""An endpoint that failed for so long was away: when it is back, what waits is due at once."""
HOPELESS_MS = 24 * _HOUR * 1000
"""An endpoint that only failed for so long when an event is given up is switched off."""
_GONE = 410

Verdict = Literal["sent", "gone", "again", "dead"]


def sign(secret: str, event_id: str, timestamp_s: int, body: bytes) -> str:
    """Value of `webhook-signature`; the secret is `whsec_` and base 64."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{event_id}.{timestamp_s}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def signatures(secrets: Sequence[str], event_id: str, timestamp_s: int, body: bytes) -> str:
    """Signatures by all secrets that hold, as the header has them: with blanks between."""
    return " ".join(sign(secret, event_id, timestamp_s, body) for secret in secrets)


def judge(answer: Answer, attempts: int, age_ms: int) -> Verdict:
    """What an answer means after `attempts` earlier ones. A redirect is a failure: it is not followed.

    An event is given up when the schedule is over, counted in attempts and in time: attempts that were pulled forward
    do not shorten its life, nor does time spent behind another one.
    """
    if 200 <= answer.status < 300:
        return "sent"
    if answer.status == _GONE:
        return "gone"
    return "dead" if attempts + 1 >= len(SCHEDULE_S) and age_ms >= LIFE_MS else "again"


def next_wait_ms(answer: Answer, attempts: int) -> int:
    """Milliseconds until the next attempt after `attempts` earlier ones and this one."""
    wait_s = SCHEDULE_S[min(attempts + 1, len(SCHEDULE_S) - 1)]
    return round(max(wait_s, min(answer.retry_after_s, 24 * _HOUR)) * 1000)


def settle(answer: Answer, delivery: Delivery, *, now_ms: int, took_ms: int) -> Settling:
    """What is to be written down after an attempt."""
    verdict = judge(answer, delivery.attempts, now_ms - delivery.created_at_ms)
    again = verdict == "again"
    return Settling(
        state="pending" if again else "sent" if verdict == "sent" else "dead",
        outcome=verdict,
        answer=answer,
        due_at_ms=now_ms + next_wait_ms(answer, delivery.attempts) if again else now_ms,
        took_ms=took_ms,
        now_ms=now_ms,
    )

"""Signing and timing: decisions without I/O.

Signatures and schedule are those of Standard Webhooks (https://www.standardwebhooks.com): the receiver checks
`webhook-signature` over `id.timestamp.body` with the secret that it was given.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Literal

from miaohui.webhooks.types import Answer

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
_GONE = 410

Verdict = Literal["sent", "gone", "again", "dead"]


def sign(secret: str, event_id: str, timestamp_s: int, body: bytes) -> str:
    """Value of `webhook-signature`; the secret is `whsec_` and base 64."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{event_id}.{timestamp_s}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def judge(answer: Answer, attempts: int) -> Verdict:
    """What an answer means after `attempts` earlier ones. A redirect is a failure: it is not followed."""
    if 200 <= answer.status < 300:
        return "sent"
    if answer.status == _GONE:
        return "gone"
    return "again" if attempts + 1 < len(SCHEDULE_S) else "dead"


def next_wait_ms(answer: Answer, attempts: int) -> int:
    """Milliseconds until the next attempt after `attempts` earlier ones and this one."""
    wait_s = SCHEDULE_S[min(attempts + 1, len(SCHEDULE_S) - 1)]
    return round(max(wait_s, min(answer.retry_after_s, 24 * _HOUR)) * 1000)

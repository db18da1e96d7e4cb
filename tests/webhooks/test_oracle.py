"""Our signatures, checked by the library that receivers use."""

from __future__ import annotations

import json
import time

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from miaohui.webhooks.policy import sign

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.mark.parametrize("data", [{}, {"text": "您好😀"}, {"id": "a.b.c", "text": "x" * 10_000}])
def test_the_receivers_library_takes_what_we_sign(data: dict[str, str]) -> None:
    body = json.dumps(data, ensure_ascii=False)
    now = int(time.time())
    headers = {"webhook-id": "evt_1.x", "webhook-timestamp": str(now)}
    signature = sign(SECRET, "evt_1.x", now, body.encode())
    assert Webhook(SECRET).verify(body, {**headers, "webhook-signature": signature}) == data
    for wrong in ({**headers, "webhook-signature": sign(SECRET, "evt_1", now, body.encode())}, headers):
        with pytest.raises(WebhookVerificationError):
            Webhook(SECRET).verify(body, wrong)

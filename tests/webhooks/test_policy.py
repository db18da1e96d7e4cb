from __future__ import annotations

import json
import time

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from miaohui.webhooks.policy import LIFE_MS, SCHEDULE_S, judge, next_wait_ms, sign
from miaohui.webhooks.types import Answer, Delivery

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_a_signature_is_that_of_the_standards_own_example() -> None:
    body = b'{"test": 2432232314}'
    signed = sign(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


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


def test_another_body_has_another_signature() -> None:
    assert sign("whsec_AAAA", "a", 1, b"x") != sign("whsec_AAAA", "a", 1, b"y")
    assert sign("whsec_AAAA", "a", 1, b"x") != sign("whsec_AAAB", "a", 1, b"x")


@pytest.mark.parametrize(
    ("status", "attempts", "verdict"),
    [
        (200, 0, "sent"),
        (204, 9, "sent"),
        (302, 0, "again"),
        (410, 0, "gone"),
        (429, 3, "again"),
        (500, 8, "again"),
        (500, 9, "dead"),
        (0, 0, "again"),
    ],
)
def test_an_answer_is_judged(status: int, attempts: int, verdict: str) -> None:
    assert judge(Answer(status=status), attempts, LIFE_MS) == verdict


def test_an_event_whose_attempts_were_pulled_forward_lives_on() -> None:
    assert judge(Answer(status=500), 40, LIFE_MS - 1) == "again"
    assert judge(Answer(status=500), 8, LIFE_MS * 2) == "again"


def test_waits_grow_to_a_day_and_an_event_lives_for_three() -> None:
    assert [next_wait_ms(Answer(), n) for n in range(3)] == [5_000, 300_000, 1_800_000]
    assert sum(SCHEDULE_S) / 3600 == pytest.approx(75.58, abs=0.01)


def test_the_receivers_wish_to_wait_is_kept_within_a_day() -> None:
    assert next_wait_ms(Answer(retry_after_s=60), 0) == 60_000
    assert next_wait_ms(Answer(retry_after_s=1), 1) == 300_000
    assert next_wait_ms(Answer(retry_after_s=1e9), 0) == 86_400_000


def test_a_delivery_does_not_show_its_secret() -> None:
    delivery = Delivery(
        id=1, event_id="e", endpoint_id="w", url="http://x", secrets=("whsec_x",), payload="words", attempts=0
    )
    assert "whsec_x" not in repr(delivery)
    assert "words" not in repr(delivery)

from __future__ import annotations

import pytest

from miaohui.kit.errors import Invalid
from miaohui.webhooks.policy import SCHEDULE_S, check_url, is_public, judge, next_wait_ms, sign
from miaohui.webhooks.types import Answer, Delivery


def test_a_signature_is_that_of_the_standards_own_example() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    signed = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


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
    assert judge(Answer(status=status), attempts) == verdict


def test_waits_grow_to_a_day_and_an_event_lives_for_three() -> None:
    assert [next_wait_ms(Answer(), n) for n in range(3)] == [5_000, 300_000, 1_800_000]
    assert sum(SCHEDULE_S) / 3600 == pytest.approx(75.58, abs=0.01)


def test_the_receivers_wish_to_wait_is_kept_within_a_day() -> None:
    assert next_wait_ms(Answer(retry_after_s=60), 0) == 60_000
    assert next_wait_ms(Answer(retry_after_s=1), 1) == 300_000
    assert next_wait_ms(Answer(retry_after_s=1e9), 0) == 86_400_000


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "http://localhost/",
        "http://a.localhost/",
        "http://10.1.2.3/",
        "http://192.168.1.1:8080/x",
        "http://169.254.169.254/latest/meta-data",
        "http://100.64.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[fd00::1]/",
        "http://[fe80::1%25eth0]/",
        "http://[64:ff9b::7f00:1]/",
        "http://0.0.0.0/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f.0.0.1/",
        "http://224.0.0.1/",
    ],
)
def test_an_address_inside_is_refused_unless_allowed(url: str) -> None:
    with pytest.raises(Invalid):
        check_url(url, allow_private=False)
    check_url(url, allow_private=True)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://example.com/",
        "file:///etc/passwd",
        "http://",
        "https://u:p@example.com/",
        "https://u@example.com/",
        "https://example.com/\r\nX: y",
        "https://example.com\\@10.0.0.1/",
        "https://例子.com/",
        "https://example.com:99999/",
        "https://" + "a" * 3000 + ".com/",
    ],
)
def test_what_is_no_proper_address_is_refused_always(url: str) -> None:
    with pytest.raises(Invalid):
        check_url(url, allow_private=True)


@pytest.mark.parametrize("url", ["https://example.com/hook?x=1", "http://8.8.8.8:9000/", "https://[2606:4700::1111]/"])
def test_an_address_outside_is_accepted(url: str) -> None:
    check_url(url, allow_private=False)


def test_what_a_name_resolves_to_is_judged_by_the_same_rule() -> None:
    assert is_public("93.184.216.34")
    assert not is_public("10.0.0.1")
    assert not is_public("fe80::1%eth0")


def test_a_delivery_does_not_show_its_secret() -> None:
    delivery = Delivery(
        id=1, event_id="e", endpoint_id="w", url="http://x", secret="whsec_x", payload="words", attempts=0
    )
    assert "whsec_x" not in repr(delivery)
    assert "words" not in repr(delivery)

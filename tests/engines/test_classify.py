from __future__ import annotations

import pytest

from miaohui.engines.classify import FailureClass, classify_finish, classify_response, find_error, parse_retry_after
from miaohui.engines.errors import EngineDeclined, EngineThrottled, failed

NOW = 1_750_000_000.0


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (500, b"", FailureClass.TRANSIENT),
        (503, b"<html>", FailureClass.TRANSIENT),
        (529, b"", FailureClass.TRANSIENT),
        (408, b"", FailureClass.TIMEOUT),
        (429, b"", FailureClass.RATE_LIMIT),
        (429, b'{"error":{"code":"insufficient_quota"}}', FailureClass.QUOTA),
        (429, b'{"error":{"code":"1113","message":"x"}}', FailureClass.QUOTA),
        (429, '{"error":{"message":"账户余额不足，请求过于频繁"}}'.encode(), FailureClass.QUOTA),
        (429, b'{"error":{"type":"engine_overloaded_error"}}', FailureClass.TRANSIENT),
        (429, b'{"error":{"type":"exceeded_current_quota_error"}}', FailureClass.QUOTA),
        (402, b"", FailureClass.QUOTA),
        (400, b'{"code":"Arrearage","message":"overdue"}', FailureClass.QUOTA),
        (403, b'{"error":{"code":"AccountOverdueError"}}', FailureClass.QUOTA),
        (401, b"", FailureClass.CREDENTIAL),
        (403, b"", FailureClass.CREDENTIAL),
        (404, b'{"error":{"code":"ModelNotOpen"}}', FailureClass.ROUTE_GONE),
        (410, b"", FailureClass.ROUTE_GONE),
        (400, b'{"error":{"code":"InvalidEndpoint.ClosedEndpoint"}}', FailureClass.ROUTE_GONE),
        (400, b'{"error":{"code":"context_length_exceeded"}}', FailureClass.CONTEXT),
        (400, b'{"error":{"message":"This model\'s maximum context length is 8192"}}', FailureClass.CONTEXT),
        (400, b'{"error":{"code":"1261"}}', FailureClass.CONTEXT),
        (400, b'{"error":{"code":"1301"}}', FailureClass.CONTENT),
        (400, b'{"code":"DataInspectionFailed"}', FailureClass.CONTENT),
        (400, b'{"error":{"code":"content_filter"}}', FailureClass.CONTENT),
        (400, b"", FailureClass.CALLER),
        (422, b"not json", FailureClass.CALLER),
        (307, b"", FailureClass.TRANSIENT),
        (200, b'{"error_code":336501,"error_msg":"rpm"}', FailureClass.RATE_LIMIT),
        (200, b'{"error_code":110,"error_msg":"token"}', FailureClass.CREDENTIAL),
        (200, b'{"code":"rpm_rate_limit_exceeded"}', FailureClass.RATE_LIMIT),
        (200, b'{"error":"overloaded"}', FailureClass.TRANSIENT),
        (200, b"<html>", FailureClass.TRANSIENT),
        (
            429,
            b'{"code":"Throttling.RateQuota","message":"Request rate increased too quickly"}',
            FailureClass.RATE_LIMIT,
        ),
    ],
)
def test_the_body_speaks_before_the_status(status: int, body: bytes, expected: FailureClass) -> None:
    assert classify_response(status, {}, body, NOW).failure_class is expected


@pytest.mark.parametrize(
    "payload", [{"choices": [{}], "code": 0}, {"choices": [], "usage": {}}, {"code": "0"}, [], None]
)
def test_what_is_no_error_is_not_taken_for_one(payload: object) -> None:
    assert find_error(payload) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "99999"}, 300.0),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "nan"}, 0.0),
        ({"retry-after": "inf"}, 300.0),
        ({"retry-after": "soon"}, None),
        ({}, None),
        ({"retry-after": "Sun, 15 Jun 2025 15:06:50 GMT"}, 10.0),
        ({"retry-after": "Sun, 15 Jun 2025 15:00:00 GMT"}, 0.0),
        ({"date": "Fri, 20 Jun 2025 10:00:00 GMT", "retry-after": "Fri, 20 Jun 2025 10:00:30 GMT"}, 30.0),
    ],
)
def test_the_time_to_stay_away_is_read_in_every_form(headers: dict[str, str], seconds: float | None) -> None:
    assert parse_retry_after(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("sensitive", FailureClass.CONTENT),
        ("content_filter", FailureClass.CONTENT),
        ("network_error", FailureClass.TRANSIENT),
        ("insufficient_system_resource", FailureClass.TRANSIENT),
    ],
)
def test_some_finish_reasons_are_failures(reason: str, expected: FailureClass) -> None:
    failure = classify_finish(reason)
    assert failure is not None
    assert failure.failure_class is expected


@pytest.mark.parametrize("reason", ["stop", "length", "eos", "tool_calls"])
def test_the_other_finish_reasons_are_not(reason: str) -> None:
    assert classify_finish(reason) is None


def test_a_failure_becomes_the_error_that_says_what_to_do() -> None:
    limited = failed(classify_response(429, {"retry-after": "7"}, b"", NOW))
    assert isinstance(limited, EngineThrottled)
    assert (limited.retry_after_s, limited.retryable, limited.tries_next) == (7.0, True, True)
    declined = failed(classify_response(400, {}, b'{"error":{"code":"content_filter"}}', NOW))
    assert isinstance(declined, EngineDeclined)
    assert not declined.tries_next

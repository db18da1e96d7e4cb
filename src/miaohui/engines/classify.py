"""What kind of failure an upstream's words amount to. Pure.

The code in the body decides first, then telling words in its message (balance before rate, because vendors answer 429
for both), then the HTTP status.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any, TypeAlias

import msgspec

MAX_COOLDOWN_S = 300.0
"""No upstream may send us away for longer."""


class FailureClass(StrEnum):
    """Failures that call for the same act."""

    TRANSIENT = "transient"
    TIMEOUT = "timeout"
    RATE_LIMIT = "rate_limit"
    QUOTA = "quota"
    CREDENTIAL = "credential"
    ROUTE_GONE = "route_gone"
    CONTEXT = "context"
    CONTENT = "content"
    CALLER = "caller"
    CANCEL = "cancel"


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """One failed attempt."""

    failure_class: FailureClass
    code: str
    """The upstream's own code where it gave one, else ours."""
    detail: str
    status: int = 0
    """HTTP status; 0 when none came."""
    retry_after_s: float | None = None


Codes: TypeAlias = Mapping[str, FailureClass]

_CODES: dict[FailureClass, tuple[str, ...]] = {
    FailureClass.QUOTA: (
        "insufficient_quota",
        "billing_hard_limit_reached",
        "billing_not_active",
        "billing_insufficient_balance",
        "insufficient_balance",
        "exceeded_current_quota_error",
        "arrearage",
        "accountoverdueerror",
        "quotaexceeded",
        "allocationquota.freetieronly",
        "1113",
    ),
    FailureClass.RATE_LIMIT: (
        "rate_limit_exceeded",
        "rate_limit_error",
        "rate_limit_reached_error",
        "rpm_rate_limit_exceeded",
        "tpm_rate_limit_exceeded",
        "limit_burst_rate",
        "limit_requests",
        "throttling",
        "throttling.ratequota",
        "throttling.burstrate",
        "throttling.allocationquota",
        "endpointrpmexceeded",
        "endpointtpmexceeded",
        "modelaccountrpmratelimitexceeded",
        "modelaccounttpmratelimitexceeded",
        "requestbursttoofast",
        "336501",
        "336502",
        "18",
        "1302",
        "1303",
        "1305",
        "429",
    ),
    FailureClass.CREDENTIAL: (
        "invalid_api_key",
        "invalid_iam_token",
        "invalidapikey",
        "invalid_authentication_error",
        "authentication_error",
        "permission_denied",
        "110",
        "1000",
        "1001",
        "1002",
        "1003",
        "1004",
        "401",
        "403",
    ),
    FailureClass.ROUTE_GONE: (
        "model_not_found",
        "modelnotfound",
        "modelnotopen",
        "deploymentnotfound",
        "invalidendpoint.closedendpoint",
        "invalidendpointormodel.notfound",
        "1211",
        "404",
    ),
    FailureClass.CONTEXT: (
        "context_length_exceeded",
        "tokens_too_long",
        "string_above_max_length",
        "request_too_large",
        "1261",
    ),
    FailureClass.CONTENT: (
        "content_filter",
        "content_policy_violation",
        "responsibleaipolicyviolation",
        "datainspectionfailed",
        "data_inspection_failed",
        "sensitivecontentdetected",
        "inputtextsensitivecontentdetected",
        "outputtextsensitivecontentdetected",
        "1301",
    ),
    FailureClass.TRANSIENT: (
        "server_error",
        "internal_error",
        "internal_server_error",
        "overloaded_error",
        "engine_overloaded_error",
        "engine_overloaded",
        "serveroverloaded",
        "insufficient_system_resource",
        "network_error",
        "service_unavailable",
        "500",
        "502",
        "503",
        "504",
        "529",
    ),
    FailureClass.CALLER: ("invalid_parameter_error", "invalidparameter"),
}
_BY_CODE = {code: kind for kind, codes in _CODES.items() for code in codes}

_WORDS: tuple[tuple[FailureClass, tuple[str, ...]], ...] = (
    (
        FailureClass.QUOTA,
        ("insufficient balance", "insufficient_quota", "exceeded your current quota", "余额不足", "欠费", "overdue"),
    ),
    (
        FailureClass.CONTEXT,
        (
            "maximum context length",
            "context length",
            "context window",
            "context size",
            "prompt is too long",
            "too many tokens",
            "model token limit",
            "input length",
            "超长",
        ),
    ),
    (
        FailureClass.CONTENT,
        ("content_filter", "content management policy", "content policy", "inappropriate content", "敏感内容"),
    ),
    (FailureClass.RATE_LIMIT, ("rate limit", "too many requests", "increased too quickly", "速率限制", "请求过于频繁")),
    (FailureClass.CREDENTIAL, ("invalid api key", "incorrect api key", "unauthorized", "invalid token")),
    (FailureClass.ROUTE_GONE, ("model not found", "model does not exist", "no such model")),
    (FailureClass.TRANSIENT, ("overloaded", "try again later", "temporarily unavailable", "internal error")),
)

_BY_STATUS = {
    400: FailureClass.CALLER,
    401: FailureClass.CREDENTIAL,
    402: FailureClass.QUOTA,
    403: FailureClass.CREDENTIAL,
    404: FailureClass.ROUTE_GONE,
    408: FailureClass.TIMEOUT,
    409: FailureClass.CALLER,
    410: FailureClass.ROUTE_GONE,
    413: FailureClass.CALLER,
    415: FailureClass.CALLER,
    422: FailureClass.CALLER,
    425: FailureClass.TRANSIENT,
    429: FailureClass.RATE_LIMIT,
}
_NO_ERROR = frozenset(("", "0", "200", "ok", "success", "none"))


def classify_response(
    status: int, headers: Mapping[str, str], body: bytes, now_s: float, codes: Codes | None = None
) -> Failure:
    """The failure that a whole response amounts to; header names in lower case, `now_s` wall time for dates.

    `codes`: what the provider's own codes mean, in lower case; they speak before those that all share.
    """
    error = find_error(_decode(body))
    failure = classify_error(error, status, codes) if error is not None else _by_status(status)
    wait = parse_retry_after(headers, now_s)
    return failure if wait is None else msgspec.structs.replace(failure, retry_after_s=wait)


def find_error(payload: Any) -> Mapping[str, Any] | None:
    """The error inside a decoded body or event, in the shapes that vendors use; None when it holds none."""
    if not isinstance(payload, dict):
        return None
    error = payload.get("error")
    if isinstance(error, dict):
        return error
    if isinstance(error, str) and error:
        return {"message": error, "code": payload.get("code")}
    code = payload.get("error_code", payload.get("code"))
    if payload.get("object") == "error" or (not payload.get("choices") and _text(code) not in _NO_ERROR):
        return {"code": code, "message": payload.get("error_msg", payload.get("message")), "type": payload.get("type")}
    return None


def classify_error(error: Mapping[str, Any], status: int = 0, codes: Codes | None = None) -> Failure:
    """The failure that an error object amounts to; `status` speaks only when the object does not."""
    code, kind = _text(error.get("code")), _text(error.get("type"))
    message = _text(error.get("message"))
    own = codes or {}
    found = own.get(code) or own.get(kind) or _BY_CODE.get(code) or _BY_CODE.get(kind) or _by_words(message)
    fallback = _by_status(status)
    return Failure(
        failure_class=found or fallback.failure_class,
        code=(code if code not in _NO_ERROR else kind)[:64] or fallback.code,
        detail=f"the engine reported {(found or fallback.failure_class).value}",
        status=status,
    )


def _by_words(message: str) -> FailureClass | None:
    for kind, words in _WORDS:
        if any(word in message for word in words):
            return kind
    return None


def _by_status(status: int) -> Failure:
    kind = _BY_STATUS.get(status, FailureClass.CALLER if 404 < status < 500 else FailureClass.TRANSIENT)
    code = f"http_{status}" if status else "upstream_error"
    return Failure(failure_class=kind, code=code, detail=f"the engine answered HTTP {status}", status=status)


def classify_finish(reason: str) -> Failure | None:
    """The failure behind a `finish_reason`; None when the answer is whole or merely cut at its length."""
    if reason in {"content_filter", "sensitive"}:
        return Failure(failure_class=FailureClass.CONTENT, code=reason, detail="the provider withheld the answer")
    if reason in {"insufficient_system_resource", "network_error", "error", "abort"}:
        return Failure(failure_class=FailureClass.TRANSIENT, code=reason, detail="the engine broke off the answer")
    return None


def parse_retry_after(headers: Mapping[str, str], now_s: float) -> float | None:
    """Seconds to stay away, 0 to 300; None when the upstream does not say or says nonsense.

    Reads `retry-after-ms`, then `retry-after` as a number or an HTTP date, the latter against the server's own `date`.
    """
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return _bounded(milliseconds / 1000)
    value = headers.get("retry-after", "").strip()
    seconds = _number(value)
    if seconds is not None:
        return _bounded(seconds)
    until = _date(value)
    if until is None:
        return None
    return _bounded(until - (_date(headers.get("date", "")) or now_s))


def _number(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None


def _bounded(seconds: float) -> float:
    return 0.0 if math.isnan(seconds) else min(max(seconds, 0.0), MAX_COOLDOWN_S)


def _date(value: str) -> float | None:
    try:
        return parsedate_to_datetime(value).timestamp() if value else None
    except (ValueError, TypeError, OverflowError):
        return None


def _decode(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body.strip())
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip().lower()

"""What single providers are known to say, in their own shapes; written for these tests, none of it recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from miaohui.testing.wire import DONE, END, SSE, Act, Wait, choices, chunk, event, framed, http, stream


def _said(status: str, payload: dict[str, Any], *headers: str) -> Callable[[], list[Act]]:
    return lambda: http(status, payload, *headers)


def _error(status: str, code: Any, message: str = "", kind: str = "error", *headers: str) -> Callable[[], list[Act]]:
    return _said(status, {"error": {"code": code, "message": message or str(code), "type": kind}}, *headers)


def _usage(**usage: Any) -> bytes:
    return event({"id": "c1", "choices": [], "usage": {"prompt_tokens": 120, "completion_tokens": 8, **usage}})


def _answer(*more: bytes) -> list[Act]:
    return stream(chunk("您好"), chunk("", "stop"), *more, DONE)


def _waiting(words: bytes) -> Callable[[], list[Act]]:
    """Comments while the request waits in the provider's line, then the answer."""
    comment = framed(b": " + words + b"\n\n")
    end = framed(chunk("您好") + chunk("", "stop") + DONE) + END
    return lambda: [SSE, comment, Wait(0.02), comment, Wait(0.02), comment + end]


def _thinking() -> list[Act]:
    thought = choices({"index": 0, "delta": {"role": "assistant", "content": None, "reasoning_content": "想一想"}})
    details = {"completion_tokens_details": {"reasoning_tokens": 5}, "prompt_cache_hit_tokens": 64}
    return stream(thought, thought, chunk("您好"), chunk("", "stop"), _usage(**details), DONE)


def _timings() -> list[Act]:
    last = event(
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "timings": {"cache_n": 96, "prompt_n": 24}}
    )
    return stream(chunk("您好"), last, _usage(), DONE)


def _null_names() -> list[Act]:
    first = event({"id": None, "object": None, "model": None, "choices": [{"delta": {"content": "您好"}}]})
    return stream(first, chunk("", "stop"), DONE)


def _in_choice() -> list[Act]:
    usage = {"prompt_tokens": 120, "completion_tokens": 8, "cached_tokens": 32}
    return stream(chunk("您好"), choices({"index": 0, "delta": {}, "finish_reason": "stop", "usage": usage}), DONE)


def _broken_off() -> list[Act]:
    error = {"code": 502, "message": "Provider returned error"}
    last = choices({"index": 0, "delta": {"content": ""}, "finish_reason": "error"}, error=error)
    return stream(chunk("半句"), last, DONE)


_BUSY = "429 Too Many Requests"
_BAD = "400 Bad Request"

VENDORS: dict[str, Callable[[], list[Act]]] = {
    "azure:filter-results": lambda: stream(
        event({"choices": [], "prompt_filter_results": [{"prompt_index": 0}], "model": "", "id": ""}),
        choices({"index": 0, "finish_reason": None, "content_filter_results": {}}),
        chunk("您好"),
        chunk("", "stop"),
        DONE,
    ),
    "azure:busy": _error(_BUSY, "429", "Requests have exceeded call rate limit", "error", "retry-after-ms: 1500"),
    "azure:content": _error(_BAD, "content_filter", "The response was filtered"),
    "azure:gone": _error("404 Not Found", "DeploymentNotFound"),
    "deepseek:waiting": _waiting(b"keep-alive"),
    "deepseek:thinking": _thinking,
    "deepseek:no-capacity": lambda: stream(chunk("半句"), chunk("", "insufficient_system_resource"), DONE),
    "deepseek:balance": _error("402 Payment Required", "invalid_request_error", "Insufficient Balance"),
    "dashscope:burst": _error(_BUSY, "limit_burst_rate", "Request rate increased too quickly"),
    "dashscope:rate": _error(_BUSY, "Throttling.RateQuota", "Requests rate limit exceeded"),
    "dashscope:arrears": _error(_BAD, "Arrearage", "Access denied, account is not in good standing"),
    "dashscope:inspection": _error(_BAD, "data_inspection_failed", "Input data may contain inappropriate content"),
    "dashscope:usage-last": lambda: _answer(_usage(prompt_tokens_details={"cached_tokens": 64})),
    "qianfan:rate-in-200": _said("200 OK", {"code": "rpm_rate_limit_exceeded", "message": "Rate limit reached"}),
    "qianfan:old-rate": _said("200 OK", {"error_code": 336501, "error_msg": "rpm limit"}),
    "qianfan:old-credential": _said("200 OK", {"error_code": 110, "error_msg": "Access token invalid"}),
    "qianfan:too-long": _error(_BAD, "tokens_too_long", "the max input characters is 20000"),
    "qianfan:credential": _error("401 Unauthorized", "invalid_iam_token"),
    "qianfan:balance": _error(_BUSY, "BILLING_INSUFFICIENT_BALANCE"),
    "zhipu:balance": _error(_BUSY, "1113", "您的账户已欠费，请充值后重试"),
    "zhipu:locked": _error(_BUSY, "1112", "您的账户已被锁定，请联系客服解锁"),
    "zhipu:rate": _error(_BUSY, "1302", "您当前使用该API的并发数过高"),
    "zhipu:sensitive": _error(_BAD, "1301", "系统检测到输入或生成内容可能包含不安全或敏感内容"),
    "zhipu:credential": _error("401 Unauthorized", "1002", "Authorization Token非法"),
    "zhipu:too-long": _error(_BAD, "1261", "Prompt 超长"),
    "zhipu:withheld": lambda: stream(chunk("半句"), chunk("", "sensitive"), DONE),
    "zhipu:network": lambda: [
        SSE + framed(chunk("半句")),
        Wait(0.03),
        framed(chunk("", "network_error") + DONE) + END,
    ],
    "moonshot:usage-in-choice": _in_choice,
    "moonshot:overloaded": _error(_BUSY, None, "The engine is currently overloaded", "engine_overloaded_error"),
    "moonshot:quota": _error(_BUSY, None, "Your account is suspended", "exceeded_current_quota_error"),
    "moonshot:rate": _error(_BUSY, None, "max RPM: 3", "rate_limit_reached_error"),
    "moonshot:too-long": _error(_BAD, None, "Your request exceeded model token limit: 8192", "invalid_request_error"),
    "ark:closed": _error(_BAD, "InvalidEndpoint.ClosedEndpoint", "The endpoint is closed"),
    "ark:not-open": _error("404 Not Found", "ModelNotOpen"),
    "ark:overdue": _error("403 Forbidden", "AccountOverdueError"),
    "ark:rate": _error(_BUSY, "EndpointRPMExceeded"),
    "ark:overloaded": _error(_BUSY, "ServerOverloaded"),
    "ark:quota": _error(_BUSY, "QuotaExceeded"),
    "ark:sensitive": _error(_BAD, "SensitiveContentDetected"),
    "openrouter:waiting": _waiting(b"OPENROUTER PROCESSING"),
    "openrouter:broken-off": _broken_off,
    "openrouter:credit": _error("402 Payment Required", 402, "Insufficient credits"),
    "vllm:overlong": lambda: stream(
        event({"object": "error", "message": "This model's maximum context length is 4096 tokens", "code": 400}), DONE
    ),
    "vllm:gone": _said("404 Not Found", {"object": "error", "message": "The model `x` does not exist.", "code": 404}),
    "sglang:overlong": lambda: stream(
        event({"error": {"message": "The input is longer than the model's context length", "code": 400}}), DONE
    ),
    "sglang:null-names": _null_names,
    "ollama:gone": _said("404 Not Found", {"error": 'model "x" not found, try pulling it first'}),
    "llamacpp:cached": _timings,
    "llamacpp:overlong": _error(
        _BAD, 400, "the request exceeds the available context size", "exceed_context_size_error"
    ),
    "llamacpp:loading": _error("503 Service Unavailable", 503, "Loading model", "unavailable_error"),
    "lmstudio:done-only": lambda: stream(chunk("您好"), DONE),
    "openai:quota": _error(_BUSY, "insufficient_quota", "You exceeded your current quota", "insufficient_quota"),
    "openai:rate": _error(_BUSY, "rate_limit_exceeded", "Rate limit reached", "requests", "Retry-After: 7"),
    "openai:cached": lambda: _answer(_usage(prompt_tokens_details={"cached_tokens": 96})),
}
"""Each by `provider:what it says`."""

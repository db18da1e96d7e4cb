"""Errors in OpenAI's form, with the statuses and types by which its clients choose what to raise and what to retry."""

from __future__ import annotations

from http import HTTPStatus
from math import ceil

import msgspec
from starlette.responses import Response

from miaohui.engines.classify import FailureClass
from miaohui.engines.errors import BudgetReached, EngineFailed
from miaohui.kit.errors import MiaohuiError

_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    429: "rate_limit_error",
}
_CODES = {401: "invalid_api_key", 429: "rate_limit_exceeded"}
_OF_CALLER = {
    FailureClass.CONTEXT: "context_length_exceeded",
    FailureClass.CONTENT: "content_filter",
    FailureClass.CALLER: "rejected_by_provider",
}


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong."""

    message: str
    type: str
    param: str | None
    code: str | None


class BrokenStream(Fault, frozen=True, kw_only=True):
    """What went wrong after the answer had begun."""

    partial: bool = True
    """What came before is not the whole answer."""
    retryable: bool = True


def respond(error: MiaohuiError, headers: dict[str, str] | None = None) -> Response:
    """The answer to a request that met `error`."""
    status, fault = fault_of(error)
    body = msgspec.json.encode({"error": fault})
    return Response(body, status, {**(headers or {}), **_headers(error, status)}, media_type="application/json")


def fault_of(error: MiaohuiError) -> tuple[int, Fault]:
    """HTTP status and error object."""
    if isinstance(error, BudgetReached):
        return error.status, _EXHAUSTED
    status = _status(error)
    return status, Fault(
        message=_message(error, status),
        type=_TYPES.get(status, "api_error" if status >= 500 else "invalid_request_error"),
        param=(error.errors[0].field if error.errors else "").removeprefix("$") or None,
        code=_code(error, status),
    )


def broken(error: MiaohuiError) -> BrokenStream:
    """The error object for a stream that cannot go on."""
    status, fault = fault_of(error)
    retryable = status >= 500
    return BrokenStream(message=fault.message, type=fault.type, param=fault.param, code=fault.code, retryable=retryable)


def _status(error: MiaohuiError) -> int:
    """A form that is wrong is a bad request there; which of our providers failed how is no business of the client's."""
    if isinstance(error, EngineFailed):
        return 400 if error.failure_class in _OF_CALLER else 503
    return 400 if error.status == HTTPStatus.UNPROCESSABLE_ENTITY else error.status


def _message(error: MiaohuiError, status: int) -> str:
    if not isinstance(error, EngineFailed):
        return error.detail
    if status < 500:
        return f"No answer: {error.detail}."
    return "No provider could answer this request now. Try again."


def _code(error: MiaohuiError, status: int) -> str | None:
    if isinstance(error, EngineFailed):
        return _OF_CALLER.get(error.failure_class, "engines_unavailable")
    return _CODES.get(status, error.code)


def _headers(error: MiaohuiError, status: int) -> dict[str, str]:
    if isinstance(error, BudgetReached):
        return {"x-should-retry": "false"}
    if status == HTTPStatus.UNAUTHORIZED:
        return {"www-authenticate": "Bearer"}
    if error.retry_after_s is not None:
        return {"retry-after": str(max(1, ceil(error.retry_after_s)))}
    return {"retry-after": "1"} if status in {429, 503} else {}


_EXHAUSTED = Fault(
    message="You exceeded your current quota: the company's budget for model providers is used up, and no route that "
    "costs nothing can answer. It begins anew with the day or the month (UTC); an administrator can raise it.",
    type="insufficient_quota",
    param=None,
    code="insufficient_quota",
)
"""As OpenAI says it when nothing is left to spend; its clients are told not to try again."""

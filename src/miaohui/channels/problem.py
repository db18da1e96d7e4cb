"""Errors as `application/problem+json` (RFC 9457), in one form at every door."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec
from starlette.responses import Response

from miaohui.kit.errors import MiaohuiError
from miaohui.kit.telemetry import mask

MEDIA_TYPE = "application/problem+json"


class WrongField(msgspec.Struct, frozen=True):
    """One wrong field, as a path such as `$.question`, and what it should be."""

    field: str
    detail: str


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong, and what to do."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    errors: list[WrongField]
    request_id: str


def problem_of(error: MiaohuiError, scope: Any) -> Problem:
    """The problem that tells of `error` in answer to the request of `scope`."""
    return _problem(scope, error.status, error.code, (error.title, error.detail, error.errors))


def respond(error: MiaohuiError, scope: Any) -> Response:
    """The answer to a request that met `error`."""
    return _response(problem_of(error, scope), _headers(error))


def respond_status(scope: Any, status: int, detail: str = "", headers: dict[str, str] | None = None) -> Response:
    """The answer for a status that no error of ours stands for: 404 route, 405."""
    title = HTTPStatus(status).phrase
    code = title.lower().replace(" ", "_")
    return _response(_problem(scope, status, code, (title, detail or title, ())), headers or {})


async def refuse_socket(scope: Any, send: Any, response: Response) -> bool:
    """Answer the handshake of a WebSocket with a problem. False where the server cannot; then accept and close."""
    if "websocket.http.response" not in scope.get("extensions", {}):
        return False
    headers = response.raw_headers
    await send({"type": "websocket.http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": response.body})
    return True


def encode_problem(problem: Problem) -> bytes:
    """Its JSON."""
    return msgspec.json.encode(problem)


def _problem(scope: Any, status: int, code: str, words: tuple[str, str, Any]) -> Problem:
    title, detail, errors = words
    return Problem(
        type=f"urn:miaohui:problem:{code}",
        title=title,
        status=status,
        detail=detail,
        instance=mask(scope.get("path", "")),
        code=code,
        errors=[WrongField(mask(error.field), mask(error.detail)) for error in errors],
        request_id=scope.get("state", {}).get("request_id", ""),
    )


def _headers(error: MiaohuiError) -> dict[str, str]:
    headers = {}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = "Bearer"
    if error.retry_after_s is not None:
        headers["retry-after"] = str(max(1, -int(-error.retry_after_s // 1)))
    elif error.retryable:
        headers["retry-after"] = "1"
    return headers


def _response(problem: Problem, headers: dict[str, str]) -> Response:
    return Response(encode_problem(problem), problem.status, headers, media_type=MEDIA_TYPE)

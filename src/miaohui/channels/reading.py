"""A JSON body, read once and strictly: one object or list, in UTF-8, no key twice, no NaN, no bottomless nesting."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NoReturn

from miaohui.kit.errors import FieldError, Unreadable, Unsupported

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Scope

_DEEPEST = 64
_STRUCTURE = re.compile(rb'"(?:[^"\\\\]|\\\\.)*"?|[\[\]{}]', re.DOTALL)
"""Strings whole, so that a bracket inside one counts for nothing, and the brackets outside."""


def header_of(scope: Scope, name: bytes) -> str:
    """The first header of this name, in lower case; empty without one."""
    for key, value in scope["headers"]:
        if key == name:
            text: str = value.decode("latin-1")
            return text
    return ""


async def read_body(request: Request) -> bytes:
    """The body of a request that says it is JSON, read for the first time. Raises `Unsupported`, `TooLarge`."""
    check_kind(request)
    take = getattr(request.receive, "take", None)
    body: bytes | None = take() if take is not None else None
    return await request.body() if body is None else body


def check_kind(request: Request) -> None:
    """Raises `Unsupported` for a request that does not say it is JSON."""
    kind = header_of(request.scope, b"content-type").partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise Unsupported("Send JSON, with `Content-Type: application/json`.")


def parse_json(body: bytes) -> Any:
    """What the bytes say. Raises `Unreadable` with what is wrong with them."""
    _check_depth(body)
    try:
        return json.loads(
            body.decode(), object_pairs_hook=_no_key_twice, parse_constant=_no_constant, parse_float=_finite
        )
    except UnicodeDecodeError:
        raise Unreadable("The body is not UTF-8.") from None
    except (ValueError, RecursionError) as error:
        detail = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        raise Unreadable("The body is not one JSON value.", errors=[FieldError("$", detail[:200])]) from None


def _check_depth(body: bytes) -> None:
    """Refuse before parsing: looking at brackets costs little, deep recursion a lot."""
    if body.count(b"[") + body.count(b"{") <= _DEEPEST:
        return
    depth = 0
    for bracket in _STRUCTURE.findall(body):
        if bracket in b"[{":
            depth += 1
        elif bracket in b"]}":
            depth -= 1
        if depth > _DEEPEST:
            raise Unreadable(f"The body is nested more than {_DEEPEST} deep.")


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float | int:
    """JSON knows one kind of number: `7.0` is the integer 7."""
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError("a number is too large")
    return int(value) if value.is_integer() and abs(value) <= 2**53 else value

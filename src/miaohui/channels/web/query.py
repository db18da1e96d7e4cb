"""Query parameters of the plain endpoints, read strictly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from miaohui.kit.errors import FieldError, Invalid

if TYPE_CHECKING:
    from starlette.requests import Request


def read_text(request: Request, name: str) -> str:
    """The parameter, or empty text. Raises `Invalid` when it is given twice."""
    values = request.query_params.getlist(name)
    if len(values) > 1:
        raise Invalid(f"`{name}` was given more than once.", errors=[FieldError(name, "at most one value")])
    return values[0] if values else ""


def read_count(request: Request, name: str, *, default: int, most: int) -> int:
    """A whole number from 0 to `most`. Raises `Invalid`."""
    text = read_text(request, name)
    if not text and name not in request.query_params:
        return default
    if text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= most:
        return int(text)
    raise Invalid(f"`{name}` must be a whole number.", errors=[FieldError(name, f"0 to {most}")])

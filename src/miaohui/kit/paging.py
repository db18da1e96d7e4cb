"""Pages: some rows, and an opaque cursor to the next."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from miaohui.kit.errors import FieldError, Invalid

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """Part of a list. `next_cursor` is empty on the last page."""

    data: list[T]
    next_cursor: str = ""


class Cursor(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The last row of a page: its place in the order, and its id to settle ties."""

    at: int
    id: str


def format_cursor(cursor: Cursor) -> str:
    """Text that only `parse_cursor` understands."""
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).rstrip(b"=").decode()


def parse_cursor(text: str) -> Cursor | None:
    """None for the first page (empty text). Raises `Invalid` on anything not made by `format_cursor`."""
    if not text:
        return None
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        return msgspec.json.decode(base64.b64decode(padded, altchars=b"-_", validate=True), type=Cursor)
    except (ValueError, msgspec.MsgspecError):
        raise Invalid(
            "The cursor is not one that this service gave out; begin without one.",
            errors=[FieldError("cursor", "a `next_cursor` of an earlier page, or nothing")],
        ) from None


def page(rows: list[T], limit: int, cursor_of: Callable[[T], Cursor]) -> Page[T]:
    """A page from up to `limit + 1` rows: the one too many only says that there is more."""
    if len(rows) <= limit:
        return Page(data=rows)
    kept = rows[:limit]
    return Page(data=kept, next_cursor=format_cursor(cursor_of(kept[-1])))

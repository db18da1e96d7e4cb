"""Bytes of a client into what they ask for, and the words for what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from miaohui.kit.errors import FieldError, Invalid, Unreadable

T = TypeVar("T")


def decode_body(decode: Callable[[bytes], T], body: bytes) -> T:
    """By a decoder of JSON. Raises `Unreadable`, `Invalid` naming the field."""
    try:
        body.decode()
        return decode(body)
    except msgspec.ValidationError as error:
        detail, _, path = str(error).partition(" - at `")
        raise wrong(path.rstrip("`").removeprefix("$."), detail) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable("The body is not JSON in UTF-8.", errors=[FieldError("$", str(error)[:200])]) from None


def wrong(field: str, detail: str) -> Invalid:
    """What to raise for a field; `detail` says what would be right."""
    return Invalid(f"{field or 'The body'}: {detail[:300]}.", errors=[FieldError(field, detail[:300])])

"""When a code may be sent, and when one is right. Pure."""

from __future__ import annotations

import hashlib
import hmac
import re

import msgspec

from miaohui.tools.verifying.types import Check

CODE_MS = 10 * 60_000
VERIFIED_MS = 30 * 60_000
MOST_TRIES = 5
MOST_SENT = 3
"""Codes of one conversation in an hour."""
MOST_FOR_OWNER = 6
"""Codes to one person in an hour, from whatever conversations."""
HOUR_MS = 3_600_000
DIGITS = 6
_DIGITS = re.compile(r"\d")


def hash_code(secret: bytes, conversation_id: str, code: str) -> str:
    """What is kept of a code; of this conversation's alone."""
    return hmac.new(secret, f"{conversation_id} {code}".encode(), hashlib.sha256).hexdigest()


def may_send(check: Check | None, to_owner: int, now_ms: int) -> bool:
    """Whether another code may go out."""
    if to_owner >= MOST_FOR_OWNER:
        return False
    return check is None or now_ms - check.first_sent_at_ms >= HOUR_MS or check.sent < MOST_SENT


def begin(known: Check | None, check: Check, now_ms: int) -> Check:
    """The check after a code went out; what was verified before is verified no more."""
    recent = known is not None and now_ms - known.first_sent_at_ms < HOUR_MS
    return msgspec.structs.replace(
        check,
        sent=(known.sent if known and recent else 0) + 1,
        first_sent_at_ms=known.first_sent_at_ms if known and recent else now_ms,
        expires_at_ms=now_ms + CODE_MS,
    )


def is_awaited(check: Check | None, now_ms: int) -> bool:
    """Whether there is a code to be told."""
    return check is not None and bool(check.code_hash) and now_ms < check.expires_at_ms and check.tries < MOST_TRIES


def read_code(text: str) -> str:
    """The digits that were typed."""
    return "".join(_DIGITS.findall(text))


def hint(address: str) -> str:
    """Where it was sent, without saying so to somebody who does not know: `m***@…`, `***0188`."""
    name, at, host = address.partition("@")
    return f"{name[:1]}***@{host}" if at else f"***{address[-4:]}"

"""Who may do what at a door; and which ids a first message gives. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from miaohui.identity.types import Principal
from miaohui.inboxes.types import Inbox
from miaohui.kit.errors import Forbidden

Right = Literal[
    "chat", "completions", "conversations:read", "conversations:write", "knowledge:read", "knowledge:write", "admin"
]

_OF_AGENTS = frozenset({"chat", "conversations:read", "conversations:write", "knowledge:read"})
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


Check: TypeAlias = Callable[[Principal], None]
"""Returns for who may, raises `Forbidden` for who may not."""


def check_nothing(principal: Principal) -> None:
    """Every credential will do; what it may see is decided inside."""


def needs(right: Right) -> Check:
    """`check_right`, for a list of routes."""
    return partial(check_right, right=right)


def check_right(principal: Principal, right: Right) -> None:
    """Agents hold what their role gives, keys what their scopes say, visitors nothing. Raises `Forbidden`."""
    if principal.kind == "agent" and (right in _OF_AGENTS or principal.role in ("owner", "admin")):
        return
    if principal.kind == "key" and (right in principal.scopes or "admin" in principal.scopes):
        return
    if principal.kind == "key":
        detail = f"This API key lacks the scope `{right}`. Make a key that has it."
        raise Forbidden(detail, code="missing_scope")
    raise Forbidden("This needs another role. Ask an owner or admin of your company.")


def check_reads_conversation(principal: Principal) -> None:
    """Visitors read their own; whether it is theirs is for `Conversations.access` to say. Raises `Forbidden`."""
    if principal.kind != "visitor":
        check_right(principal, "conversations:read")


def check_writes_conversation(principal: Principal) -> None:
    """As for reading. Raises `Forbidden`."""
    if principal.kind != "visitor":
        check_right(principal, "conversations:write")


def check_reads_passage(principal: Principal) -> None:
    """Who may ask may also see what an answer stands on. Raises `Forbidden`."""
    if principal.kind == "key" and not principal.scopes & {"chat", "knowledge:read", "admin"}:
        raise Forbidden("This API key lacks the scope `knowledge:read`.", code="missing_scope")


def check_proposes(principal: Principal) -> None:
    """Any agent may propose what the knowledge base should say; to publish takes another right. Raises `Forbidden`."""
    if principal.kind != "agent":
        check_right(principal, "knowledge:write")


def check_person(principal: Principal) -> None:
    """What only a human agent can do, such as taking over. Raises `Forbidden`."""
    if principal.kind != "agent":
        raise Forbidden("Only an agent who is logged in can do this.", code="agents_only")


def check_visitor(principal: Principal) -> None:
    """What only a visitor's own page can say. Raises `Forbidden`."""
    if principal.kind != "visitor":
        raise Forbidden("Only visitors are on pages.", code="visitors_only")


def origin_allowed(origin: str, inbox: Inbox) -> bool:
    """Whether a page of `origin` may speak for visitors of the inbox. No origin: not a browser."""
    return not origin or not inbox.allowed_origins or origin in inbox.allowed_origins


def same_host(origin: str, host: str) -> bool:
    """Whether a page of `origin` was served by `host`. No origin: not a browser."""
    return not origin or urlsplit(origin).netloc.lower() == host.lower()


def first_conversation_id(principal: Principal, cmid: str) -> str:
    """The conversation that a first message begins: the same for every retry, so that a retry begins no second one."""
    digest = hashlib.sha256(f"{principal.tenant_id}\0{principal.key}\0{cmid}".encode()).digest()
    value = int.from_bytes(digest[:17], "big") >> 6
    return "conv_" + "".join(_ALPHABET[value >> shift & 31] for shift in range(125, -1, -5))

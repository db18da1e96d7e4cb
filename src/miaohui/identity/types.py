"""Who acts: one principal for every door."""

from __future__ import annotations

from typing import Literal

import msgspec

Role = Literal["owner", "admin", "agent"]


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """The verified one behind a request or a socket; never built from anything a client merely claims."""

    tenant_id: str
    kind: Literal["visitor", "agent", "key"]
    id: str
    """Contact id for a visitor, person id for an agent, key id for an API key."""
    name: str = ""
    inbox_id: str = ""
    """Visitors only: the inbox that the token was issued for."""
    role: Role | None = None
    """Agents only."""
    scopes: frozenset[str] = frozenset()
    """API keys only, e.g. `chat`, `conversations:read`, `conversations:write`, `knowledge:read`, `admin`."""
    expires_at_ms: int = 0
    """0: does not expire by itself."""

    @property
    def key(self) -> str:
        """`visitor:cont_…`: the scope of a client message id; outlives the token."""
        return f"{self.kind}:{self.id}"


Scope = Literal[
    "chat",
    "completions",
    "conversations:read",
    "conversations:write",
    "knowledge:read",
    "knowledge:write",
    "admin",
]


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who works for a tenant and signs in."""

    id: str
    tenant_id: str
    email: str
    name: str
    role: Role
    active: bool = True
    created_at_ms: int = 0


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """What a login gives."""

    access: str
    refresh: str
    """Works once; the next one comes with its use."""
    expires_in_s: int
    """Of the access token."""
    person: Person


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key as it is listed; the key itself is shown once, when it is made."""

    id: str
    tenant_id: str
    name: str
    scopes: frozenset[str]
    hint: str
    """Its first and last characters."""
    created_at_ms: int = 0
    last_used_at_ms: int = 0
    """To the minute; 0 when never."""
    revoked_at_ms: int = 0

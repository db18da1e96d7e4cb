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

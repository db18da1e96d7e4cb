"""One line of the list of routes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from miaohui.channels import policy
from miaohui.channels.policy import Check, needs
from miaohui.channels.rest.edge import ApiRoute, OpenRoute

OPEN = None
ANYBODY, PERSON, VISITOR = policy.check_nothing, policy.check_person, policy.check_visitor
READER, WRITER = policy.check_reads_conversation, policy.check_writes_conversation
INSIDE, SERVING = needs("conversations:read"), needs("conversations:write")
"""Agents, and keys of those scopes; no visitors."""
ADMIN = needs("admin")


class Line(NamedTuple):
    """One route."""

    method: str
    path: str
    who: Check | None
    """Who may; None: whoever comes. It has no default, so that no route is added without a thought of it."""
    endpoint: Callable[..., Any]
    view: type | None
    """What a success answers with; None: nothing (204)."""
    tag: str
    status: int = 200
    errors: tuple[int, ...] = ()
    media: str = "application/json"
    """What a success is written in."""
    reads: str = ""
    """What the body is, where it is not JSON."""

    @property
    def route(self) -> type[OpenRoute]:
        """What stands before the endpoint."""
        return OpenRoute if self.who is OPEN else ApiRoute

"""Who is at the door of an HTTP request, and may a page of this origin speak for them?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from miaohui.channels import policy
from miaohui.channels.reading import header_of
from miaohui.kit.errors import Forbidden, Unauthenticated

if TYPE_CHECKING:
    from starlette.requests import Request

    from miaohui.channels.services import Services
    from miaohui.identity.types import Principal


class Entrance:
    """Verifies the bearer of each request, once."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def principal(self, request: Request) -> Principal:
        """The verified principal. Raises `Unauthenticated`, `Forbidden` for a foreign origin."""
        state = request.scope["state"]
        known: Principal | None = state.get("principal")
        if known is not None:
            return known
        principal = await self._services.identity.verify(_bearer(request))
        if principal.kind == "visitor" and (origin := request.headers.get("origin", "")):
            await self._check_origin(request, principal, origin)
        state["principal"] = principal
        return principal

    async def _check_origin(self, request: Request, principal: Principal, origin: str) -> None:
        inbox = await self._services.inboxes.get(principal.tenant_id, principal.inbox_id)
        if policy.same_host(origin, request.headers.get("host", "")) or policy.origin_allowed(origin, inbox):
            return
        request.scope["state"]["cors"] = None
        raise Forbidden(f"Pages of {origin[:200]} may not use this inbox.", code="origin_not_allowed")


def _bearer(request: Request) -> str:
    scheme, _, token = header_of(request.scope, b"authorization").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > 4096:
        raise Unauthenticated("Send `Authorization: Bearer <API key or token>`.")
    return token

"""`GET /v1/models`: the names under which the house's engines are asked for.

Which provider answers is decided for each request; a client chooses none, so it finds the operator's names here and not
those of the providers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from miaohui.channels import policy
from miaohui.channels.openai import faults
from miaohui.channels.openai.embeddings import list_embedding_models
from miaohui.kit.errors import FieldError, MiaohuiError, NotFound

if TYPE_CHECKING:
    from miaohui.channels.entrance import Entrance
    from miaohui.channels.services import Services


class Models:
    """The endpoints, and the check of a name."""

    def __init__(self, services: Services, entrance: Entrance) -> None:
        self._entrance = entrance
        self._services = services
        self._names = tuple(name.strip() for name in services.settings.completion_models.split(",") if name.strip())

    async def list_(self, request: Request) -> Response:
        """All of them."""
        try:
            tenant_id = await self._admit(request)
        except MiaohuiError as error:
            return faults.respond(error)
        names = (*self._names, *list_embedding_models(self._services, tenant_id))
        return _respond({"object": "list", "data": [_model(name) for name in names]})

    async def get(self, request: Request) -> Response:
        """One of them."""
        try:
            tenant_id = await self._admit(request)
            name = request.path_params["model"]
            if name not in list_embedding_models(self._services, tenant_id):
                self.check(name)
        except MiaohuiError as error:
            return faults.respond(error)
        return _respond(_model(name))

    async def _admit(self, request: Request) -> str:
        principal = await self._entrance.principal(request)
        policy.check_right(principal, "completions")
        return principal.tenant_id

    def check(self, name: str) -> None:
        """Raises `NotFound` for a name that none of ours has."""
        if name not in self._names:
            known = ", ".join(self._names)
            detail = f"The model `{name[:100]}` does not exist here; ask for {known}."
            raise NotFound(detail, code="model_not_found", errors=[FieldError("model", known)])


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "miaohui"}


def _respond(payload: Any) -> Response:
    return Response(msgspec.json.encode(payload), media_type="application/json")

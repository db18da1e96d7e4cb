"""No route without a word on who may: the application does not start with one that nobody declared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from fastapi.routing import APIRoute

from miaohui.channels.rest.routes import ROUTES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.routing import BaseRoute

    from miaohui.channels.rest.line import Line

Proof = Literal["credential", "signature", "public"]

DOORS: Mapping[str, Proof] = {
    "/v1/chat": "credential",
    "/v1/chat/completions": "credential",
    "/v1/embeddings": "credential",
    "/v1/models": "credential",
    "/v1/models/{model:path}": "credential",
    "/v1/conversations/{conversation_id}/stream": "credential",
    "/v1/conversations/{conversation_id}/events": "credential",
    "/v1/channels/wechat/{inbox_id}": "signature",
    "/v1/channels/wecom/{inbox_id}": "signature",
    "/v1/channels/telegram/{inbox_id}": "signature",
    "/v1/media/{media_id}": "signature",
    "/c/{site_key}": "public",
    "/c/{site_key}/qr.svg": "public",
    "/healthz": "public",
    "/readyz": "public",
    "/metrics": "public",
    "/openapi.json": "public",
    "/widget.js": "public",
    "/widget": "public",
    "/docs": "public",
    "/console": "public",
    "/demo": "public",
}
"""What stands beside the list of REST routes, and how who comes there proves themselves."""


class Undeclared(RuntimeError):
    """A route was added without saying who may use it."""


def check_declared(routes: Sequence[BaseRoute], lines: Sequence[Line] = ROUTES) -> None:
    """Raises `Undeclared` on a route that stands in no list, or that lets in others than its line says."""
    declared = {(line.method, line.path): line for line in lines}
    for route in routes:
        path = getattr(route, "path", "")
        if isinstance(route, APIRoute):
            for method in route.methods or ():
                _check_line(route, declared.get((method, path)), f"{method} {path}")
        elif path not in DOORS:
            raise Undeclared(f"{path} stands in no list: say in `declared.DOORS` how who comes there is known.")


def _check_line(route: APIRoute, line: Line | None, name: str) -> None:
    if line is None or route.endpoint is not line.endpoint:
        raise Undeclared(f"{name} stands in no list: add a line to `routes.ROUTES` that says who may.")
    if type(route) is not line.route:
        raise Undeclared(f"{name} asks for no credential, though its line names who may.")
    if bool(route.dependencies) != (line.who is not None):
        raise Undeclared(f"{name} does not check who may, though its line says so.")

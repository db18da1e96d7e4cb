"""The application: every door in one visible place."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Match, Mount, Route
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from miaohui.channels.bounds import Bounds
from miaohui.channels.entrance import Entrance
from miaohui.channels.front import Front
from miaohui.channels.newcomers import Newcomers
from miaohui.channels.openai.completions import Completions
from miaohui.channels.openai.embeddings import Embeddings
from miaohui.channels.pages import PAGE_CSP, VIEWER, VIEWER_CSP, Pages
from miaohui.channels.problem import respond, respond_status
from miaohui.channels.rest.declared import check_declared
from miaohui.channels.rest.documents import describe
from miaohui.channels.rest.edge import gate
from miaohui.channels.rest.probes import Probes
from miaohui.channels.rest.routes import ROUTES
from miaohui.channels.web.chat import Chat
from miaohui.channels.web.protobuf import Dialects
from miaohui.channels.web.sockets import Sockets
from miaohui.channels.web.sse import Streams
from miaohui.channels.web.websocket import WebSocketDoor
from miaohui.kit.errors import FieldError, Invalid, MiaohuiError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from miaohui.channels.services import Services


class Api(FastAPI):
    """FastAPI whose hot doors are reached without passing through its layers, which are for what has a route.

    Nothing behind a hot door asks where a request came from, so what proxies say of that is read for the others alone.
    """

    front: Front | None = None
    proxied: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or socket."""
        if self.front is not None and self.front.is_hot(scope):
            scope["app"] = self
            await self.front(scope, receive, send)
        elif self.proxied is not None:
            await self.proxied(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def build_api(services: Services) -> Api:
    """The ASGI application over `services`. `app.state.drain` is what `server` calls on SIGTERM."""
    limits = Bounds.of(services.settings)
    sockets = Sockets(services, limits)
    entrance = Entrance(services)
    streams = Streams(services, limits, entrance, sockets.newcomers)
    for told in (sockets.begin_anew, streams.begin_anew):
        services.database.when_rewritten(told)
    app = Api(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.services = services
    app.state.entrance = entrance
    app.state.sockets = sockets
    app.state.sessions = Newcomers("session", limits, services.clock)
    app.state.streams = streams
    app.state.uploads = asyncio.Semaphore(limits.uploads_at_once)
    app.state.completions = completions = Completions(services, limits, entrance)
    for door in (sockets, streams, completions):
        services.tenants.standings.on_shut(door.show_out)
    _add_rest(app)
    _add_completions(app, completions, Embeddings(services, limits, entrance))
    _add_plain(app, Chat(services, limits, entrance), streams, Probes(services, sockets))
    _add_outside(app, services)
    _add_pages(app, services)
    check_declared(app.routes)
    _add_errors(app)
    front = partial(
        Front,
        sockets={"/v1/ws": Dialects(WebSocketDoor(services, limits, sockets))},
        posts={"/v1/chat/completions": completions.create},
        limits=limits,
        clock=services.clock,
    )
    app.front = front(app)
    behind = ProxyHeadersMiddleware(partial(FastAPI.__call__, app), trusted_hosts=services.settings.trusted_proxies)
    app.proxied = cast("ASGIApp", behind)
    app.add_middleware(front)
    return app


def _add_rest(app: FastAPI) -> None:
    for line in ROUTES:
        app.router.add_api_route(
            line.path,
            line.endpoint,
            methods=[line.method],
            status_code=line.status,
            tags=[line.tag],
            response_model=None,
            dependencies=[gate(line.who)] if line.who is not None else [],
            route_class_override=line.route,
        )


def _add_plain(app: FastAPI, chat: Chat, streams: Streams, probes: Probes) -> None:
    document: list[dict[str, Any]] = []

    async def openapi(_: Request) -> Response:
        if not document:
            document.append(describe(app))
        return JSONResponse(document[0])

    app.router.routes.extend(
        (
            Route("/v1/chat", chat.answer, methods=["POST"]),
            Route("/v1/conversations/{conversation_id}/stream", streams.stream, methods=["GET"]),
            Route("/v1/conversations/{conversation_id}/events", streams.poll, methods=["GET"]),
            Route("/healthz", probes.health, methods=["GET"]),
            Route("/readyz", probes.readiness, methods=["GET"]),
            Route("/metrics", probes.numbers, methods=["GET"]),
            Route("/openapi.json", openapi, methods=["GET"]),
        )
    )


def _add_completions(app: FastAPI, completions: Completions, embeddings: Embeddings) -> None:
    models = completions.models
    app.router.routes.extend(
        (
            Route("/v1/chat/completions", completions.create, methods=["POST"]),
            Route("/v1/embeddings", embeddings.create, methods=["POST"]),
            Route("/v1/models", models.list_, methods=["GET"]),
            Route("/v1/models/{model:path}", models.get, methods=["GET"]),
        )
    )


def _add_outside(app: FastAPI, services: Services) -> None:
    """Callbacks of others: each proves itself by its own signature."""
    if services.wechat is not None:
        path = "/v1/channels/wechat/{inbox_id}"
        app.router.routes.append(Route(path, services.wechat.verify, methods=["GET"]))
        app.router.routes.append(Route(path, services.wechat.hear, methods=["POST"]))
    if services.wecom is not None:
        path = "/v1/channels/wecom/{inbox_id}"
        app.router.routes.append(Route(path, services.wecom.verify, methods=["GET"]))
        app.router.routes.append(Route(path, services.wecom.hear, methods=["POST"]))
    if services.telegram is not None:
        path = "/v1/channels/telegram/{inbox_id}"
        app.router.routes.append(Route(path, services.telegram.hear, methods=["POST"]))
    if services.media is not None:
        app.router.routes.append(Route("/v1/media/{media_id}", services.media.show, methods=["GET"]))
    if services.link is not None:
        app.router.routes.append(Route("/c/{site_key}", services.link.show, methods=["GET"]))
        app.router.routes.append(Route("/c/{site_key}/qr.svg", services.link.code, methods=["GET"]))


def _add_pages(app: FastAPI, services: Services) -> None:
    folders = services.static
    widget = Pages(folders.widget, PAGE_CSP, embeddable=True)

    async def loader(request: Request) -> Response:
        return await widget.get_response("widget.js", request.scope)

    async def to_folder(request: Request) -> Response:
        return RedirectResponse(request.url.path + "/", 308)

    app.router.routes.extend(
        (
            Route("/widget.js", loader, methods=["GET"]),
            *(Route(path, to_folder, methods=["GET"]) for path in ("/docs", "/console", "/demo")),
            Mount("/docs", Pages(VIEWER, VIEWER_CSP)),
            Mount("/widget", widget),
            Mount("/console", Pages(folders.console, single=True)),
            Mount("/demo", Pages(folders.demo)),
        )
    )


def _add_errors(app: FastAPI) -> None:
    async def ours(request: Request, error: Exception) -> Response:
        if not isinstance(error, MiaohuiError):
            raise error
        response = respond(error, request.scope)
        response.headers.update(request.scope["state"].get("rates", {}))
        return response

    async def malformed(request: Request, error: Exception) -> Response:
        if not isinstance(error, RequestValidationError):
            raise error
        errors = [FieldError(_field(one["loc"]), str(one["msg"])[:200]) for one in error.errors()]
        return respond(Invalid("The request is not in the documented form.", errors=errors), request.scope)

    async def by_status(request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            raise error
        headers = dict(error.headers or {})
        if error.status_code == 405:
            headers["allow"] = ", ".join(sorted(_methods(app, request)))
        return respond_status(request.scope, error.status_code, error.detail, headers)

    app.add_exception_handler(MiaohuiError, ours)
    app.add_exception_handler(RequestValidationError, malformed)
    app.add_exception_handler(HTTPException, by_status)


def _field(location: tuple[int | str, ...]) -> str:
    """`$.text` in a body, the bare name elsewhere."""
    where, *path = location
    if where == "body":
        return "$" + "".join(f".{part}" for part in path)
    return ".".join(str(part) for part in path) or str(where)


def _methods(app: FastAPI, request: Request) -> set[str]:
    """All methods that the path takes; a path that is written out stands before one with a variable in its place."""
    here = [
        route for route in app.routes if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE
    ]
    literal = [route for route in here if route.path == request.url.path]
    return {method for route in literal or here for method in route.methods or ()}

"""What every REST route stands behind: who asks, a strict body, and one effect per idempotency key."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from starlette import routing

from miaohui.channels.policy import Check
from miaohui.channels.problem import MEDIA_TYPE
from miaohui.channels.reading import check_kind, parse_json
from miaohui.channels.repository import IdempotencyRepository, Ticket
from miaohui.channels.services import Services
from miaohui.identity.types import Principal
from miaohui.kit.errors import Conflict, FieldError, Invalid, Throttled

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

Route = Callable[[Request], Coroutine[Any, Any, Response]]

_LONG = 1_048_576
"""A body of so many bytes is hashed beside the event loop."""
_PAUSE_S = 0.005
"""Between two routes that are completed ahead of their first requests."""
_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")


class StrictRequest(Request):
    """A request whose JSON was read strictly, before the route."""

    parsed: Any = None

    async def json(self) -> Any:
        """What was read."""
        return self.parsed


class OpenRoute(APIRoute):
    """A route that asks for no credential: on the allow-list of the route sweep.

    FastAPI takes each endpoint and its form apart in a millisecond or two; for all of them that is a tenth of a start.
    So at first a route only knows what requests are matched by, and is completed when all stands or it is asked for.
    """

    credential = False

    def __init__(self, path: str, endpoint: Callable[..., Any], **given: Any) -> None:
        routing.Route.__init__(self, path, endpoint, methods=given["methods"])
        self.methods = set(given["methods"])  # Starlette adds HEAD to GET, FastAPI does not
        self.dependencies = given["dependencies"]
        self.app = self._complete_first
        self._given: dict[str, Any] | None = given

    def complete(self) -> None:
        """Take the endpoint apart, once. FastAPI raises what it raises on one that cannot be a route."""
        if self._given is not None:
            given, self._given = self._given, None
            super().__init__(self.path, self.endpoint, **given)

    async def _complete_first(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stands where `complete` puts the application."""
        self.complete()
        await self.app(scope, receive, send)

    def get_route_handler(self) -> Route:
        """Read the body strictly, then serve."""
        serve = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            if self.body_field is None:
                return await serve(request)
            strict = _strict(request)
            if body := await strict.body():
                check_kind(strict)
                strict.parsed = parse_json(body)
            return await serve(strict)

        return strictly


class ApiRoute(OpenRoute):
    """A route for who holds a credential. POST is idempotent by `Idempotency-Key`."""

    credential = True

    def get_route_handler(self) -> Route:
        """Who asks, then the body, then the key, then the route."""
        serve = super().get_route_handler()
        keyed = "POST" in (self.methods or ()) and not getattr(self.endpoint, "keeps_its_own_key", False)
        told_once = bool(getattr(self.endpoint, "told_once", False))
        large = bool(getattr(self.endpoint, "roomy", False))

        async def for_principal(request: Request) -> Response:
            principal = await request.app.state.entrance.principal(request)
            if not large:
                return await for_known(request, principal)
            room: asyncio.Semaphore = request.app.state.uploads
            if room.locked():
                raise Throttled("Too many files are coming in just now. Try again.", retry_after_s=2)
            async with room:
                return await for_known(request, principal)

        async def for_known(request: Request, principal: Principal) -> Response:
            key = request.headers.get("idempotency-key") if keyed else None
            if key is None:
                return await serve(request)
            return await _once(serve, _strict(request), Ask(principal, check_key(key), told_once=told_once))

        return for_principal


async def complete_all(routes: Iterable[routing.BaseRoute]) -> None:
    """Take every endpoint apart, one at a time between requests, so that nobody's first request waits for it."""
    for route in routes:
        if isinstance(route, OpenRoute):
            route.complete()
            await asyncio.sleep(_PAUSE_S)


def keeps_its_own_key(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """Marks a route that treats `Idempotency-Key` itself."""
    endpoint.keeps_its_own_key = True  # type: ignore[attr-defined]
    return endpoint


def told_once(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """Marks a route whose answer holds a secret: it is not kept, and the same request again is a conflict."""
    endpoint.told_once = True  # type: ignore[attr-defined]
    return endpoint


def roomy(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """Marks a route with large bodies: few are read at once, for those whose credential holds."""
    endpoint.roomy = True  # type: ignore[attr-defined]
    return endpoint


class Ask(msgspec.Struct, frozen=True):
    """Who makes a request under which key."""

    principal: Principal
    key: str
    told_once: bool = False


def services_of(request: Request) -> Services:
    """What this app stands on."""
    services: Services = request.app.state.services
    return services


def principal_of(request: Request) -> Principal:
    """Who asks; known since `ApiRoute`."""
    principal: Principal = request.scope["state"]["principal"]
    return principal


def gate(check: Check) -> Any:
    """Lets in whom `check` does not refuse, before the body is looked at."""

    async def let_in(request: Request) -> None:
        check(principal_of(request))

    return Depends(let_in)


# Coroutines, though they wait for nothing: FastAPI would send a plain function to a thread, with every request.


async def _services_of(request: Request) -> Services:
    return services_of(request)


async def _principal_of(request: Request) -> Principal:
    return principal_of(request)


Doors = Annotated[Services, Depends(_services_of)]
Who = Annotated[Principal, Depends(_principal_of)]


def answer(view: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A view as JSON."""
    return Response(msgspec.json.encode(view), status, headers, media_type="application/json")


def check_key(key: str) -> str:
    """An idempotency key. Raises `Invalid`."""
    if not _KEY.match(key):
        raise Invalid(
            "An idempotency key is 1 to 64 letters, digits, `_` or `-`.",
            errors=[FieldError("Idempotency-Key", "1 to 64 of A-Z a-z 0-9 _ -")],
        )
    return key


def _strict(request: Request) -> StrictRequest:
    return request if isinstance(request, StrictRequest) else StrictRequest(request.scope, request.receive)


async def _once(serve: Route, request: Request, ask: Ask) -> Response:
    """Serve the first request under the key; give its answer to the same request again."""
    services = services_of(request)
    body = await request.body()
    ticket = Ticket(
        tenant_id=ask.principal.tenant_id,
        principal=ask.principal.key,
        key=ask.key,
        request_hash=await _hash_of(f"{request.method} {request.url.path}\n".encode(), body),
    )
    ledger = IdempotencyRepository(services.database)
    earlier = await ledger.reserve(ticket, services.clock.now_ms())
    if earlier is not None:
        if earlier.request_hash != ticket.request_hash:
            raise Invalid("This idempotency key was used for another request.", code="idempotency_key_reused")
        if not earlier.status:
            raise Conflict("The same request is being served right now.", code="idempotency_in_progress")
        if ask.told_once:
            raise Conflict("This was done before, and its answer is told only once.", code="told_once")
        kind = "application/json" if earlier.status < 400 else MEDIA_TYPE
        return Response(earlier.answer, earlier.status, {"idempotent-replayed": "true"}, media_type=kind)
    try:
        response = await serve(request)
    except BaseException:
        await ledger.release(ticket)
        raise
    await ledger.answer(ticket, response.status_code, b"" if ask.told_once else bytes(response.body))
    return response


async def _hash_of(line: bytes, body: bytes) -> str:
    def work() -> str:
        digest = hashlib.sha256(line)
        digest.update(body)
        return digest.hexdigest()

    return await asyncio.to_thread(work) if len(body) > _LONG else work()

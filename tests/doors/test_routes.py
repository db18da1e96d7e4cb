"""Every route, from the route list: who may come in, and what is said to who may not."""

from __future__ import annotations

import inspect
import re
from collections.abc import MutableMapping
from typing import Any

import pytest
from fastapi import FastAPI, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from tests.doors.building import Answer, Building

from miaohui.channels.rest.edge import OpenRoute, complete_all
from miaohui.channels.rest.plain import PLAIN
from miaohui.channels.rest.routes import ROUTES, Line
from miaohui.identity.types import Principal
from miaohui.kit.errors import Forbidden

session_loop = pytest.mark.asyncio(loop_scope="session")

OPEN = {
    ("POST", "/v1/auth/login"),
    ("POST", "/v1/auth/refresh"),
    ("POST", "/v1/auth/logout"),
    ("POST", "/v1/widget/session"),
    ("GET", "/v1/media/{media_id}"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
}
"""The allow-list: what answers without a credential."""

EVERY = [(line.method, line.path) for line in ROUTES] + [(plain.method, plain.path) for plain in PLAIN]
CLOSED = [route for route in EVERY if route not in OPEN]
_NAME = re.compile(r"\{\w+\}")


def at(path: str, value: str) -> str:
    return _NAME.sub(value, path)


def check_problem(answer: Answer, status: int) -> None:
    """The documented form."""
    assert answer.status == status, answer.body
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail", "instance", "code", "errors", "request_id"}
    assert problem["status"] == status
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert problem["title"]
    assert problem["detail"]


@session_loop
@pytest.mark.parametrize(("method", "path"), CLOSED)
async def test_a_route_without_a_credential_is_unauthenticated(building: Building, method: str, path: str) -> None:
    answer = await building.ask(method, at(path, "x"), json={} if method == "POST" else None)
    check_problem(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"


def test_who_may_come_in_without_a_credential_is_on_the_list() -> None:
    nobody_asked = {(line.method, line.path) for line in ROUTES if line.who is None}
    assert nobody_asked | {(plain.method, plain.path) for plain in PLAIN if not plain.credential} == OPEN


def test_a_route_without_a_word_on_who_may_does_not_start() -> None:
    line = ROUTES[0]
    with pytest.raises(TypeError):
        Line(method=line.method, path=line.path, endpoint=line.endpoint, view=None, tag="")  # type: ignore[call-arg]


@session_loop
async def test_every_route_of_the_application_stands_in_a_list(building: Building) -> None:
    listed = {path for _, path in EVERY} | PUBLIC
    found = {getattr(route, "path", "") for route in building.app.routes}
    assert found - listed == set()


PUBLIC = {"/metrics", "/openapi.json", "/widget.js", "/docs", "/widget", "/console", "/demo"} | {
    "/v1/chat/completions",
    "/v1/embeddings",
    "/v1/models",
    "/v1/models/{model:path}",
    "/v1/channels/wechat/{inbox_id}",
    "/v1/channels/wecom/{inbox_id}",
    "/v1/channels/telegram/{inbox_id}",
    "/c/{site_key}",
    "/c/{site_key}/qr.svg",
}
"""Pages and numbers, and the doors with a list of their own."""


@session_loop
@pytest.mark.parametrize("who", ["visitor", "agent", "owner", "reader", "writer", "librarian", "asker", "all"])
async def test_each_route_lets_in_whom_its_policy_names_and_nobody_else(building: Building, who: str) -> None:
    token = await token_of(building, who)
    principal = await building.house.identity.verify(token)
    for line in ROUTES:
        if line.who is None:
            continue
        body: dict[str, str] | None = {} if line.method == "POST" else None
        answer = await building.ask(line.method, at(line.path, "nothing"), token=token, json=body)
        if refusal := refused(line, principal):
            check_problem(answer, 403)
            assert (line.path, answer.json()["code"]) == (line.path, refusal)
        else:
            assert answer.status not in {401, 403}, (line.method, line.path, answer.body)


def refused(line: Line, principal: Principal) -> str:
    """The code of the refusal, or empty."""
    try:
        if line.who is not None:
            line.who(principal)
    except Forbidden as refusal:
        return refusal.code
    return ""


KEYS = {
    "reader": ["conversations:read"],
    "writer": ["conversations:write"],
    "librarian": ["knowledge:read"],
    "asker": ["chat"],
}


async def token_of(building: Building, who: str) -> str:
    company = building.ours
    if who in KEYS:
        return (await building.house.identity.create_key(company.tenant.id, who, KEYS[who]))[1]
    if who != "agent":
        return {"visitor": company.visitor, "owner": company.agent, "all": company.key}[who]
    email, password = "one-agent@example.com", "correct horse battery"
    await building.house.identity.create_person(email, "agent", password, company.tenant.id, "agent")
    return (await building.house.identity.login(email, password, "127.0.0.1")).access


@session_loop
async def test_no_request_needs_a_thread_to_learn_who_asks(building: Building) -> None:
    def plain(dependant: Dependant) -> list[str]:
        own = [one for one in dependant.dependencies if not inspect.iscoroutinefunction(one.call)]
        return [repr(one.call) for one in own] + [name for one in dependant.dependencies for name in plain(one)]

    routes = [route for route in building.app.routes if isinstance(route, APIRoute)]
    assert len(routes) > 50
    await complete_all(routes)
    assert [name for route in routes for name in plain(route.dependant)] == []


async def test_an_endpoint_is_taken_apart_when_it_is_asked_for_or_ahead_of_that() -> None:
    async def told(count: int) -> Response:
        return Response(str(count))

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    for path in ("/asked", "/ahead"):
        app.router.add_api_route(path, told, methods=["GET"], response_model=None, route_class_override=OpenRoute)
    asked, ahead = (route for route in app.routes if isinstance(route, APIRoute))
    assert not hasattr(asked, "dependant"), "FastAPI took it apart at the start"
    request = {"type": "http", "method": "GET", "path": "/asked", "query_string": b"count=7", "headers": []}
    said: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        said.append(message)

    for _ in range(2):
        await app(request | {"path_params": {}}, nothing_more, send)
    assert [message["body"] for message in said if message["type"] == "http.response.body"] == [b"7", b"7"]
    assert not hasattr(ahead, "dependant")
    await complete_all(app.routes)
    assert [field.name for field in ahead.dependant.query_params] == ["count"]


async def nothing_more() -> MutableMapping[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}

"""Every route, from the route list: who may come in, and what is said to who may not."""

from __future__ import annotations

import pytest
from tests.doors.building import Answer, Building

from miaohui.channels.rest.plain import PLAIN
from miaohui.channels.rest.routes import ROUTES

pytestmark = pytest.mark.asyncio(loop_scope="session")

OPEN = {
    ("POST", "/v1/auth/login"),
    ("POST", "/v1/auth/refresh"),
    ("POST", "/v1/auth/logout"),
    ("POST", "/v1/widget/session"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
}
"""The allow-list: what answers without a credential."""

EVERY = [(line.method, line.path) for line in ROUTES] + [(plain.method, plain.path) for plain in PLAIN]
CLOSED = [route for route in EVERY if route not in OPEN]
NAMES = ("conversation_id", "message_id", "turn_id", "chunk_id", "article_id", "key_id", "endpoint_id")


def at(path: str, value: str) -> str:
    for name in NAMES:
        path = path.replace("{" + name + "}", value)
    return path


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


@pytest.mark.parametrize(("method", "path"), CLOSED)
async def test_a_route_without_a_credential_is_unauthenticated(building: Building, method: str, path: str) -> None:
    answer = await building.ask(method, at(path, "x"), json={} if method == "POST" else None)
    check_problem(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"

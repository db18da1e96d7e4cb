"""Bad input at every door that reads a body, from the route list: refused in the documented form, nothing stored."""

from __future__ import annotations

from typing import Any

import pytest
from tests.desk.bodies import least_body
from tests.doors.building import Building, Company
from tests.doors.test_routes import at, check_problem

from miaohui.channels.rest.plain import PLAIN
from miaohui.channels.rest.routes import ROUTES

pytestmark = pytest.mark.asyncio(loop_scope="session")

WRITING = [(line.method, line.path) for line in ROUTES if line.method == "POST" and not line.reads] + [
    (plain.method, plain.path) for plain in PLAIN if plain.method == "POST"
]
"""Where a file's bytes come as they are, any may come; see `test_files` and `test_office`."""
VISITORS_ONLY = {"/v1/widget/page"}
BROKEN = {
    "not JSON": (b"{'a': 1}", 400),
    "half": (b'{"question":', 400),
    "two values": (b"{} {}", 400),
    "not UTF-8": (b'{"question":"\xff\xfe"}', 400),
    "deep": (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400),
    "NaN": (b'{"seq": NaN}', 400),
    "infinite": (b'{"seq": 1e9999}', 400),
    "huge integer": (b'{"seq": ' + b"9" * 5000 + b"}", 400),
    "key twice": (b'{"rating": 1, "rating": -1}', 400),
    "a list": (b"[]", 422),
    "a string": (b'"hello"', 422),
    "unknown field": (b'{"no_such_field": true}', 422),
    "mass assignment": (b'{"tenant_id": "x", "role": "owner", "seq": 7, "sender": "agent"}', 422),
    "byte order mark": (b"\xef\xbb\xbf{}", 400),
}


async def stored(building: Building) -> list[int]:
    """How much both companies have."""
    counts = []
    for company in (building.ours, building.theirs):
        found = await building.house.conversations.messages(company.conversation)
        keys = await building.house.identity.list_keys(company.tenant.id)
        counts += [len(found), len(keys)]
    return counts


async def test_a_broken_body_is_refused_at_every_door_and_stores_nothing(building: Building) -> None:
    before = await stored(building)
    for method, path in WRITING:
        for name, (body, status) in BROKEN.items():
            answer = await building.ask(
                method,
                at(path, building.ours.conversation.id),
                token=building.ours.agent,
                body=body,
                headers={"content-type": "application/json"},
            )
            # Who may not come in at all is told so before what they say is looked at.
            assert answer.status in {status, 404, 403 if path in VISITORS_ONLY else status}, (
                method,
                path,
                name,
                answer.status,
                answer.body[:300],
            )
            check_problem(answer, answer.status)
    assert await stored(building) == before


async def test_a_body_of_another_type_is_refused(building: Building) -> None:
    for method, path in WRITING:
        answer = await building.ask(
            method,
            at(path, building.ours.conversation.id),
            token=building.ours.agent,
            body=b"question=hello",
            headers={"content-type": "application/x-www-form-urlencoded"},
        )
        check_problem(answer, 415)


async def test_a_body_that_is_too_large_is_refused(building: Building) -> None:
    body = b'{"question":"' + b"x" * 1_100_000 + b'"}'
    for method, path in WRITING:
        answer = await building.ask(
            method,
            at(path, building.ours.conversation.id),
            token=building.ours.agent,
            body=body,
            headers={"content-type": "application/json"},
        )
        check_problem(answer, 413)


@pytest.mark.parametrize("token", ["nonsense", "mh_live_" + "x" * 32, "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."])
async def test_a_token_that_does_not_hold_is_unauthenticated(building: Building, token: str) -> None:
    check_problem(await building.ask("GET", "/v1/me", token=token), 401)


async def test_a_method_that_a_path_does_not_take_is_said_with_those_it_takes(building: Building) -> None:
    answer = await building.ask("PUT", "/v1/conversations", token=building.ours.agent, json={})
    check_problem(answer, 405)
    assert answer.headers["allow"] == "GET, POST"


async def test_a_path_that_is_not_there_is_a_problem_too(building: Building) -> None:
    check_problem(await building.ask("GET", "/v1/nothing", token=building.ours.agent), 404)


def foreign(theirs: Company) -> dict[str, str]:
    return {"conversation_id": theirs.conversation.id}


def least_query(document: dict[str, Any], method: str, path: str) -> str:
    """What must stand behind the path, as a language may."""
    asked = document["paths"][path][method.lower()].get("parameters", ())
    return "".join(f"?{one['name']}=en" for one in asked if one["in"] == "query" and one.get("required"))


async def test_what_belongs_to_another_tenant_does_not_exist(building: Building) -> None:
    document = (await building.ask("GET", "/openapi.json")).json()
    for line in ROUTES:
        if "{" not in line.path or "{name}" in line.path or "{version}" in line.path:
            # A name or a version is the company's own: the same one means another thing elsewhere.
            continue
        for kind, token in building.ours.credentials.items():
            body = least_body(document, line.method, line.path)
            body = {} if body is None and line.method == "POST" else body
            theirs = building.theirs.conversation
            path = at(line.path, theirs.inbox_id if "{inbox_id}" in line.path else theirs.id)
            path += least_query(document, line.method, line.path)
            answer = await building.ask(line.method, path, token=token, json=body)
            assert answer.status in {404, 403}, (kind, line.method, line.path, answer.status, answer.body[:200])
            check_problem(answer, answer.status)
    assert await building.house.conversations.messages(building.theirs.conversation) == []

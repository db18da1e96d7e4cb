"""Every route by every role and from another company: swept from the list of routes, so that a new one is in it."""

from __future__ import annotations

import functools
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from fastapi import FastAPI
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from tests.desk.bodies import least_body
from tests.doors.building import PASSWORD, Answer, Building, open_building
from tests.doors.conftest import GENEROUS
from tests.doors.test_routes import check_problem

from miaohui.channels import policy
from miaohui.channels.rest.declared import Undeclared, check_declared
from miaohui.channels.rest.edge import ApiRoute, OpenRoute
from miaohui.channels.rest.line import Line
from miaohui.channels.rest.routes import ROUTES
from miaohui.identity.types import Role
from miaohui.kit.ids import new_id

pytestmark = pytest.mark.asyncio(loop_scope="session")

PEOPLE = {"owner", "admin", "agent"}
MAY: dict[object, set[str]] = {
    policy.check_nothing: {"visitor", *PEOPLE, "key:chat", "key:read", "key:write", "key:knowledge", "key:admin"},
    policy.check_person: PEOPLE,
    policy.check_visitor: {"visitor"},
    policy.check_reads_conversation: {"visitor", *PEOPLE, "key:read", "key:admin"},
    policy.check_writes_conversation: {"visitor", *PEOPLE, "key:write", "key:admin"},
    policy.check_proposes: {*PEOPLE, "key:admin"},
    policy.check_reads_passage: {"visitor", *PEOPLE, "key:chat", "key:knowledge", "key:admin"},
    "admin": {"owner", "admin", "key:admin"},
    "conversations:read": {*PEOPLE, "key:read", "key:admin"},
    "conversations:write": {*PEOPLE, "key:write", "key:admin"},
    "knowledge:read": {*PEOPLE, "key:knowledge", "key:admin"},
    "knowledge:write": {"owner", "admin", "key:admin"},
}
"""Who may, by what a route declares; written down here a second time, and not computed by the checks themselves."""
KEYS = {
    "key:chat": "chat",
    "key:read": "conversations:read",
    "key:write": "conversations:write",
    "key:knowledge": "knowledge:read",
    "key:admin": "admin",
}
ROLES = ["anonymous", "visitor", "agent", "admin", "owner", *KEYS]
CLOSED = [line for line in ROUTES if line.who is not None]


def right_of(line: Line) -> object:
    """What a line declares: a check of its own, or the right that `needs` was given."""
    return line.who.keywords["right"] if isinstance(line.who, functools.partial) else line.who


def at(path: str, ids: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda name: ids.get(name[1], "nothing"), path)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def building(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Building]:
    """Doors of its own: what owners may do without a name in the path changes them for everybody."""
    async with open_building(migrated, tmp_path_factory.mktemp("swept"), **GENEROUS) as opened:
        yield opened


@pytest.fixture(scope="module")
def tokens() -> dict[str, str]:
    return {}


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def _let_in(building: Building, tokens: dict[str, str]) -> None:
    identity, company = building.house.identity, building.ours
    tokens.update({"visitor": company.visitor, "owner": company.agent})
    roles: tuple[Role, ...] = ("agent", "admin")
    for role in roles:
        email = f"{new_id('x').lower()}@example.com"
        await identity.create_person(email, role, PASSWORD, company.tenant.id, role)
        tokens[role] = (await identity.login(email, PASSWORD, "127.0.0.1")).access
    for name, scope in KEYS.items():
        tokens[name] = (await identity.create_key(company.tenant.id, name, [scope]))[1]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def document(building: Building) -> dict[str, Any]:
    answer = await building.ask("GET", "/openapi.json")
    return dict(answer.json())


async def sent(building: Building, line: Line, document: dict[str, Any], ids: dict[str, str], token: str) -> Answer:
    body = least_body(document, line.method, line.path)
    if body is None and line.method == "POST":
        body = {}
    return await building.ask(line.method, at(line.path, ids), token=token, json=body)


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_is_let_in_where_it_may_and_nowhere_else(
    building: Building, tokens: dict[str, str], document: dict[str, Any], role: str
) -> None:
    unclear = [line.path for line in CLOSED if right_of(line) not in MAY]
    assert unclear == [], "say in MAY who has this right"
    for line in CLOSED:
        if line.path == "/v1/desk/presence" and line.method == "POST":
            continue  # changes who is there, which other tests rely on; the same check as its GET
        answer = await sent(building, line, document, {}, tokens.get(role, ""))
        name = (line.method, line.path, answer.status, answer.body[:200])
        if role == "anonymous":
            assert answer.status == 401, name
        elif role not in MAY[right_of(line)]:
            check_problem(answer, 403)
        else:
            assert answer.status not in {401, 403}, name


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def ours(building: Building, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An object of ours for every name in a path."""
    token, company = building.ours.agent, building.ours
    folder: Path = tmp_path_factory.mktemp("articles")
    (folder / "returns.md").write_text("# 退货\n\n七天内可以退货。\n", encoding="utf-8")
    await building.house.knowledge.import_folder(company.tenant.id, folder)

    async def made(path: str, body: dict[str, Any]) -> str:
        answer = await building.ask("POST", path, token=token, json=body)
        assert answer.status == 201, answer.body
        return str(answer.json()["id"])

    messages = f"/v1/conversations/{company.conversation.id}/messages"
    said = await building.ask("POST", messages, token=company.visitor, json={"text": "退货要几天"})
    turn = await building.house.turns.follow(company.tenant.id, said.json()["turn"])
    assert turn.message is not None
    article = (await building.ask("GET", "/v1/articles", token=token)).json()["data"][0]["id"]
    hits = await building.ask("POST", "/v1/articles/search", token=token, json={"question": "退货"})
    return {
        "conversation_id": company.conversation.id,
        "message_id": turn.message.id,
        "turn_id": turn.turn_id,
        "article_id": article,
        "chunk_id": hits.json()["data"][0]["chunk_id"],
        "inbox_id": company.inbox.id,
        "person_id": company.person.id,
        "contact_id": company.contact.id,
        "key_id": await made("/v1/keys", {"name": "k", "scopes": ["chat"]}),
        "endpoint_id": await made("/v1/webhooks", {"url": "https://example.com/hook"}),
        "team_id": await made("/v1/desk/teams", {"name": new_id("t")}),
        "reply_id": await made("/v1/desk/replies", {"short_code": new_id("r"), "text": "x"}),
        "ticket_id": await made("/v1/tickets", {"subject": "x"}),
        "rule_id": await made("/v1/ticket-rules", {"name": "x", "label": new_id("l"), "subject": "x"}),
    }


async def test_what_is_another_companys_is_as_absent_as_what_never_was(
    building: Building, document: dict[str, Any], ours: dict[str, str]
) -> None:
    """The owner of the other company, with every right, and our ids."""
    swept = 0
    for line in CLOSED:
        names = set(re.findall(r"\{(\w+)\}", line.path))
        if not names or not names <= ours.keys():
            continue
        theirs = await sent(building, line, document, ours, building.theirs.agent)
        never = await sent(building, line, document, {}, building.theirs.agent)
        name = (line.method, line.path, theirs.status, theirs.body[:200], never.status, never.body[:200])
        if theirs.status == 422 and never.status == 422:
            continue  # the least body is refused for its own sake, before anything is looked up
        assert theirs.status == never.status == 404, name
        assert {**theirs.json(), "instance": "", "request_id": ""} == {
            **never.json(),
            "instance": "",
            "request_id": "",
        }, name
        swept += 1
    assert swept >= 40
    still = await building.ask("GET", f"/v1/tickets/{ours['ticket_id']}", token=building.ours.agent)
    assert still.status == 200, "and nothing of ours was harmed"


async def test_a_visitor_does_not_reach_what_is_another_visitors(building: Building, ours: dict[str, str]) -> None:
    stranger, _ = await building.visitor()
    for line in CLOSED:
        if "visitor" not in MAY[right_of(line)] or not re.search(r"\{(conversation|message|turn)_id\}", line.path):
            continue
        body: dict[str, Any] | None = None
        if line.method == "POST":
            body = {"text": "x"} if line.path.endswith("/messages") else {}
            body = {"rating": 1} if line.path.endswith("/rating") else body
            body = {"seq": 1} if line.path.endswith("/seen") else body
            body = {"score": 1} if line.path.endswith("/satisfaction") else body
        check_problem(await building.ask(line.method, at(line.path, ours), token=stranger, json=body), 404)


async def nothing() -> PlainTextResponse:
    return PlainTextResponse("")


def an_app() -> FastAPI:
    return FastAPI(openapi_url=None, docs_url=None, redoc_url=None)


async def test_a_route_that_nobody_declared_does_not_start(building: Building) -> None:
    check_declared(building.app.routes)
    app = an_app()
    app.router.add_api_route("/v1/new", nothing, methods=["GET"], route_class_override=ApiRoute)
    with pytest.raises(Undeclared, match="GET /v1/new"):
        check_declared(app.routes)
    app = an_app()
    app.router.routes.append(Route("/v1/hidden", nothing))
    with pytest.raises(Undeclared, match="/v1/hidden"):
        check_declared(app.routes)


async def test_a_route_that_is_laxer_than_its_line_does_not_start() -> None:
    line = Line("GET", "/v1/new", policy.check_person, nothing, None, "x", 204)
    app = an_app()
    app.router.add_api_route("/v1/new", nothing, methods=["GET"], route_class_override=OpenRoute)
    with pytest.raises(Undeclared, match="asks for no credential"):
        check_declared(app.routes, [line])
    app = an_app()
    app.router.add_api_route("/v1/new", nothing, methods=["GET"], route_class_override=ApiRoute)
    with pytest.raises(Undeclared, match="does not check who may"):
        check_declared(app.routes, [line])


async def test_an_application_with_an_undeclared_route_is_not_built(
    building: Building, monkeypatch: pytest.MonkeyPatch
) -> None:
    from miaohui.channels.rest import app_parts

    monkeypatch.setattr(
        app_parts, "_add_pages", lambda app, _: app.router.routes.append(Route("/v1/backdoor", nothing))
    )
    with pytest.raises(Undeclared, match="/v1/backdoor"):
        building.again()

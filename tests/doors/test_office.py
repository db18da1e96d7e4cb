"""A company sets itself up over REST: assistants, people, what is let in, tools, files to learn from."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from tests.doors.building import Building

session_loop = pytest.mark.asyncio(loop_scope="session")

GIVEN = {
    "name": "小杉",
    "persona": "你服务云杉商城的客人。",
    "tone": "warm",
    "emoji": "some",
    "pace": "steady",
    "greeting": {"zh-CN": "您好, 我是小杉。", "en": " "},
    "quick_questions": {"zh-CN": ["怎么退货"], "en": []},
}


@session_loop
async def test_an_assistant_is_given_a_name_a_manner_and_first_words(building: Building) -> None:
    path, token = f"/v1/inboxes/{building.ours.inbox.id}", building.ours.agent
    origins = ["https://shop.example.com", "https://shop.example.com"]
    changed = await building.ask("PATCH", path, token=token, json={"assistant": GIVEN, "allowed_origins": origins})
    assert changed.status == 200, changed.body
    told = (await building.ask("GET", path, token=token)).json()
    assert told["assistant"] == GIVEN | {
        "greeting": {"zh-CN": "您好, 我是小杉。"},
        "quick_questions": {"zh-CN": ["怎么退货"]},
    }
    assert (told["allowed_origins"], told["assistant_name"]) == (["https://shop.example.com"], "小杉")
    renamed = await building.ask("PATCH", path, token=token, json={"name": "官网", "allowed_origins": []})
    assert (renamed.json()["name"], renamed.json()["assistant"]["name"]) == ("官网", "小杉")


@session_loop
@pytest.mark.parametrize(
    "body",
    [
        {"name": ""},
        {"locale": "fr"},
        {"allowed_origins": ["https://shop.example.com/path"]},
        {"allowed_origins": ["javascript:alert(1)"]},
        {"assistant": {"name": " "}},
        {"assistant": {"name": "x", "tone": "rude"}},
        {"assistant": {"name": "x", "greeting": {"fr": "bonjour"}}},
        {"assistant": {"name": "x", "quick_questions": {"en": [str(n) for n in range(7)]}}},
    ],
)
async def test_an_assistant_in_no_form_is_refused(building: Building, body: dict[str, object]) -> None:
    path = f"/v1/inboxes/{building.ours.inbox.id}"
    assert (await building.ask("PATCH", path, token=building.ours.agent, json=body)).status == 422


@session_loop
async def test_the_inbox_of_another_company_is_not_there(building: Building) -> None:
    path = f"/v1/inboxes/{building.theirs.inbox.id}"
    for method in ("GET", "PATCH"):
        answer = await building.ask(method, path, token=building.ours.agent, json={} if method == "PATCH" else None)
        assert answer.status == 404


@session_loop
async def test_somebody_new_signs_in_changes_role_and_is_locked_out(building: Building) -> None:
    owner, email, password = building.ours.agent, "new.person@example.com", "correct horse battery"
    body = {"email": email, "name": "新同事", "password": password}
    made = await building.ask("POST", "/v1/people", token=owner, json=body)
    assert (made.status, made.json()["role"], made.json()["active"]) == (201, "agent", True)
    assert b"correct horse" not in made.body
    again = await building.ask("POST", "/v1/people", token=owner, json=body)
    assert again.status == 409
    path = f"/v1/people/{made.json()['id']}"
    token = (await building.house.identity.login(email, password, "127.0.0.1")).access
    assert (await building.ask("GET", "/v1/people", token=token)).status == 403
    await building.ask("PATCH", path, token=owner, json={"role": "admin"})
    listed = await building.ask("GET", "/v1/people", token=token)
    assert email in {one["email"] for one in listed.json()["data"]}
    locked = await building.ask("PATCH", path, token=owner, json={"active": False})
    assert locked.json()["active"] is False
    assert (await building.ask("GET", "/v1/people", token=token)).status == 401


@session_loop
async def test_an_admin_does_nothing_to_owners_and_nobody_to_themselves(building: Building) -> None:
    house, ours = building.house, building.ours
    email, password = "an.admin@example.com", "correct horse battery"
    admin = await house.identity.create_person(email, "admin", password, ours.tenant.id, "admin")
    token = (await house.identity.login(email, password, "127.0.0.1")).access
    owner_path = f"/v1/people/{ours.person.id}"
    for method, path, body in (
        ("PATCH", owner_path, {"active": False}),
        ("PATCH", owner_path, {"role": "agent"}),
        ("POST", f"{owner_path}/password", {"password": "another horse battery"}),
        ("POST", "/v1/people", {"email": "o@example.com", "name": "o", "password": password, "role": "owner"}),
    ):
        refused = await building.ask(method, path, token=token, json=body)
        assert (refused.status, refused.json()["code"]) == (403, "owners_only"), path
    myself = await building.ask("PATCH", f"/v1/people/{admin.id}", token=token, json={"role": "agent"})
    assert (myself.status, myself.json()["code"]) == (409, "yourself")


@session_loop
async def test_a_new_password_ends_the_login_that_knew_the_old_one(building: Building) -> None:
    house, ours = building.house, building.ours
    email = "forgetful@example.com"
    person = await house.identity.create_person(email, "x", "correct horse battery", ours.tenant.id, "agent")
    token = (await house.identity.login(email, "correct horse battery", "127.0.0.1")).access
    path = f"/v1/people/{person.id}/password"
    weak = await building.ask("POST", path, token=ours.agent, json={"password": "short"})
    assert weak.status == 422
    done = await building.ask("POST", path, token=ours.agent, json={"password": "another horse battery"})
    assert done.status == 204
    assert (await building.ask("GET", "/v1/me", token=token)).status == 401


@session_loop
async def test_ones_own_password_changes_only_for_who_knows_it(building: Building) -> None:
    house, ours = building.house, building.ours
    email, old, new = "careful@example.com", "correct horse battery", "another horse battery"
    person = await house.identity.create_person(email, "x", old, ours.tenant.id, "admin")
    token = (await house.identity.login(email, old, "127.0.0.1")).access
    path = f"/v1/people/{person.id}/password"
    refused = await building.ask("POST", path, token=token, json={"password": new, "current": "a guess at it"})
    assert (refused.status, refused.json()["code"]) == (409, "wrong_password")
    done = await building.ask("POST", path, token=token, json={"password": new, "current": old})
    assert done.status == 204
    assert (await house.identity.login(email, new, "127.0.0.1")).person.id == person.id


@session_loop
async def test_the_guard_tells_what_it_lists_and_judges_a_text_without_keeping_it(building: Building) -> None:
    token = building.ours.agent
    told = (await building.ask("GET", "/v1/admin/guard", token=token)).json()
    assert sum(told["words"].values()) > 0
    assert told["visitor_messages_per_minute"] > 0
    harmless = await building.ask("POST", "/v1/admin/guard/try", token=token, json={"text": "怎么退货"})
    assert harmless.json() == {"allowed": True, "reason": "", "category": "", "suspicion": 0.0, "said": "怎么退货"}
    long = await building.ask("POST", "/v1/admin/guard/try", token=token, json={"text": "长" * 9_000})
    assert (long.json()["allowed"], long.json()["reason"]) == (False, "too_long")


@session_loop
async def test_a_tool_that_reads_is_tried_and_one_that_writes_is_not(building: Building) -> None:
    token = building.ours.agent
    tools = {one["name"]: one for one in (await building.ask("GET", "/v1/admin/tools", token=token)).json()["data"]}
    assert tools["calculate"]["parameters"]["type"] == "object"
    body = {"arguments": {"expression": "199 * 3"}}
    tried = await building.ask("POST", "/v1/admin/tools/calculate/try", token=token, json=body)
    assert (tried.json()["outcome"], "597" in tried.json()["result"]) == ("done", True)
    misread = await building.ask("POST", "/v1/admin/tools/calculate/try", token=token, json={"arguments": {"x": 1}})
    assert misread.json()["outcome"] == "invalid"
    writing = next(name for name, tool in tools.items() if tool["risk"] != "read")
    refused = await building.ask("POST", f"/v1/admin/tools/{writing}/try", token=token, json={})
    assert (refused.status, refused.json()["code"]) == (409, "tool_writes")
    assert (await building.ask("POST", "/v1/admin/tools/nothing/try", token=token, json={})).status == 404
    foreign = {"conversation_id": building.theirs.conversation.id}
    answer = await building.ask("POST", "/v1/admin/tools/calculate/try", token=token, json=foreign)
    assert answer.status == 404


def upload(name: str, text: str) -> dict[str, str]:
    return {"name": name, "data": base64.b64encode(text.encode()).decode()}


@session_loop
async def test_a_file_is_learned_from_and_a_newer_one_of_its_name_takes_its_place(building: Building) -> None:
    token, path = building.ours.agent, "/v1/knowledge/imports"
    files = [
        upload("保修.md", "# 保修\n\n净水器保修七年。"),
        upload("坏.pdf", "not a pdf at all"),
        upload("x.exe", "MZ.."),
    ]
    first = await building.ask("POST", path, token=token, json={"files": files})
    assert first.status == 200, first.body
    assert first.json()["added"] == 1
    assert {one["source"] for one in first.json()["problems"]} == {"坏.pdf", "x.exe"}
    second = await building.ask(
        "POST", path, token=token, json={"files": [upload("保修.md", "# 保修\n\n净水器保修九年。")]}
    )
    assert (second.json()["updated"], second.json()["version"]) == (1, first.json()["version"] + 1)
    found = await building.ask("POST", "/v1/articles/search", token=token, json={"question": "净水器保修几年"})
    assert "九年" in found.json()["data"][0]["text"]


@session_loop
async def test_a_large_document_is_learned_from_by_its_bytes(building: Building) -> None:
    token, path = building.ours.agent, "/v1/knowledge/imports/file?name=" + quote("滤芯手册.md")
    text = "# 滤芯手册\n\n滤芯保质期是十一年。\n\n" + "滤芯每半年换一次。" * 50_000
    assert len(text.encode()) > 1_048_576
    learned = await building.ask("POST", path, token=token, body=text.encode())
    assert (learned.status, learned.json()["added"]) == (200, 1), learned.body
    found = await building.ask("POST", "/v1/articles/search", token=token, json={"question": "滤芯保质期是几年"})
    assert "十一年" in found.json()["data"][0]["text"]
    broken = await building.ask("POST", "/v1/knowledge/imports/file?name=x.pdf", token=token, body=b"no pdf")
    assert (broken.status, [one["source"] for one in broken.json()["problems"]]) == (200, ["x.pdf"])


@session_loop
async def test_a_document_beyond_the_bound_or_of_a_stranger_is_refused(building: Building) -> None:
    path = "/v1/knowledge/imports/file?name=x.md"
    large = await building.ask("POST", path, token=building.ours.agent, body=b"x" * 10_485_761)
    assert large.status == 413
    assert (await building.ask("POST", path, body=b"x")).status == 401
    visitor, _ = await building.visitor()
    assert (await building.ask("POST", path, token=visitor, body=b"x")).status == 403
    assert (await building.ask("POST", path, token=building.ours.agent, body=b"")).status == 422
    unnamed = await building.ask("POST", "/v1/knowledge/imports/file", token=building.ours.agent, body=b"x")
    assert unnamed.status == 422


@session_loop
@pytest.mark.parametrize(
    "file", [{"name": "../x.md", "data": "eHh4"}, {"name": "x.md", "data": "不是base64"}, {"name": ""}]
)
async def test_a_file_in_no_form_is_refused(building: Building, file: dict[str, str]) -> None:
    answer = await building.ask("POST", "/v1/knowledge/imports", token=building.ours.agent, json={"files": [file]})
    assert answer.status == 422


@session_loop
async def test_a_company_knows_its_own_name(building: Building) -> None:
    told = (await building.ask("GET", "/v1/company", token=building.ours.agent)).json()
    assert (told["id"], told["slug"]) == (building.ours.tenant.id, "ours")

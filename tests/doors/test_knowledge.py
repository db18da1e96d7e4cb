"""The writing side of the knowledge base over REST: drafts, publication, the way back, and what to write next."""

from __future__ import annotations

import pytest
from tests.doors.building import Building

session_loop = pytest.mark.asyncio(loop_scope="session")

GIFT = {"title": "礼品卡的期限", "text": "礼品卡自购买之日起三年有效。", "questions": ["礼品卡能用多久"]}


@session_loop
async def test_an_article_is_written_published_found_changed_and_rolled_back(building: Building) -> None:
    token = building.ours.agent
    made = await building.ask("POST", "/v1/knowledge/drafts", token=token, json=GIFT)
    assert made.status == 201
    article_id = made.json()["article_id"]
    search = {"question": "礼品卡能用多久"}
    before = await building.ask("POST", "/v1/articles/search", token=token, json=search)
    assert article_id not in {hit["article_id"] for hit in before.json()["data"]}
    published = await building.ask("POST", "/v1/knowledge/publish", token=token, json={"article_ids": [article_id]})
    version = published.json()["version"]
    found = await building.ask("POST", "/v1/articles/search", token=token, json=search)
    assert found.json()["data"][0]["article_id"] == article_id
    changed = GIFT | {"text": "礼品卡五年有效。"}
    await building.ask("PUT", f"/v1/knowledge/drafts/{article_id}", token=token, json=changed)
    await building.ask("POST", "/v1/knowledge/publish", token=token, json={})
    diff = await building.ask("GET", f"/v1/knowledge/versions/{version + 1}/diff?from={version}", token=token)
    (difference,) = diff.json()["data"]
    assert (difference["change"], "+礼品卡五年有效。" in difference["lines"]) == ("changed", True)
    back = await building.ask("POST", f"/v1/knowledge/versions/{version}/rollback", token=token, json={})
    assert (back.json()["act"], back.json()["version"]) == ("rollback", version + 2)
    article = await building.ask("GET", f"/v1/articles/{article_id}", token=token)
    assert article.json()["text"] == GIFT["text"]
    versions = (await building.ask("GET", "/v1/knowledge/versions", token=token)).json()["data"]
    assert [one["served"] for one in versions[:2]] == [True, False]


@session_loop
async def test_a_draft_may_be_proposed_by_any_agent_and_published_by_few(building: Building) -> None:
    house, ours = building.house, building.ours
    email, password = "proposes@example.com", "correct horse battery"
    await house.identity.create_person(email, "agent", password, ours.tenant.id, "agent")
    token = (await house.identity.login(email, password, "127.0.0.1")).access
    made = await building.ask("POST", "/v1/knowledge/drafts", token=token, json=GIFT)
    assert made.status == 201
    article_id = made.json()["article_id"]
    for method, path in (
        ("POST", "/v1/knowledge/publish"),
        ("DELETE", f"/v1/knowledge/drafts/{article_id}"),
        ("POST", "/v1/knowledge/versions/1/rollback"),
    ):
        refused = await building.ask(method, path, token=token, json={} if method == "POST" else None)
        assert refused.status == 403, path
    discarded = await building.ask("DELETE", f"/v1/knowledge/drafts/{article_id}", token=ours.agent)
    assert discarded.status == 204


@session_loop
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"title": "", "text": "x"},
        {"title": "x", "text": "x", "extra": 1},
        {"title": "x", "text": "x", "questions": [""]},
        {"title": " ", "text": "x"},
        {"title": "x", "text": "x", "valid_from": "2026-01-02T00:00:00Z", "valid_until": "2026-01-01T00:00:00Z"},
    ],
)
async def test_a_draft_in_no_form_is_refused(building: Building, body: dict[str, object]) -> None:
    assert (await building.ask("POST", "/v1/knowledge/drafts", token=building.ours.agent, json=body)).status == 422


@session_loop
async def test_what_is_not_there_is_not_found(building: Building) -> None:
    token = building.ours.agent
    for method, path in (
        ("PUT", "/v1/knowledge/drafts/nothing"),
        ("DELETE", "/v1/knowledge/drafts/nothing"),
        ("DELETE", "/v1/knowledge/articles/nothing"),
        ("GET", "/v1/knowledge/versions/999/diff?from=1"),
        ("POST", "/v1/knowledge/versions/999/rollback"),
        ("DELETE", "/v1/knowledge/gaps/nothing"),
        ("GET", "/v1/contacts/nothing/facts"),
        ("DELETE", "/v1/facts/nothing"),
    ):
        body: dict[str, object] | None = GIFT if method == "PUT" else {} if method == "POST" else None  # type: ignore[assignment]
        assert (await building.ask(method, path, token=token, json=body)).status == 404, path


@session_loop
async def test_what_could_not_be_answered_becomes_a_draft(building: Building) -> None:
    token, tenant = building.ours.agent, building.ours.tenant.id
    for question in ("可以用比特币付款吗", "比特币能付款吗"):
        building.house.knowledge.gaps.note(tenant, question, "zh-CN", 0.1)
    gaps = (await building.ask("GET", "/v1/knowledge/gaps", token=token)).json()["data"]
    (gap,) = [one for one in gaps if "比特币" in one["title"]]
    assert gap["count"] == 2
    made = await building.ask(
        "POST", f"/v1/knowledge/gaps/{gap['id']}/draft", token=token, json={"text": "目前不支持比特币。"}
    )
    assert made.status == 201
    assert len(made.json()["questions"]) == 2
    left = (await building.ask("GET", "/v1/knowledge/gaps", token=token)).json()["data"]
    assert not [one for one in left if "比特币" in one["title"]]
    await building.ask("DELETE", f"/v1/knowledge/drafts/{made.json()['article_id']}", token=token)


@session_loop
async def test_what_is_remembered_of_a_contact_is_seen_confirmed_and_forgotten(building: Building) -> None:
    ours, token = building.ours, building.ours.agent
    house = building.house
    conversation = await house.conversations.start(ours.contact)
    sent = await building.ask(
        "POST",
        f"/v1/conversations/{conversation.id}/messages",
        token=ours.visitor,
        json={"text": "我住在六楼，没有电梯，送货请提前打电话。"},
    )
    assert sent.status == 201
    assert await house.long_term.learn(ours.tenant.id, ours.contact.id, conversation.id) == 1
    path = f"/v1/contacts/{ours.contact.id}/facts"
    (fact,) = (await building.ask("GET", path, token=token)).json()["data"]
    confirmed = await building.ask("POST", f"/v1/facts/{fact['id']}/confirm", token=token, json={})
    assert confirmed.json()["state"] == "confirmed"
    assert (await building.ask("GET", path, token=building.theirs.agent)).status == 404
    assert (await building.ask("GET", path, token=ours.visitor)).status == 403
    assert (await building.ask("DELETE", path, token=token)).status == 204
    assert (await building.ask("GET", path, token=token)).json()["data"] == []


@session_loop
async def test_another_companys_drafts_and_versions_are_not_there(building: Building) -> None:
    made = await building.ask("POST", "/v1/knowledge/drafts", token=building.ours.agent, json=GIFT)
    article_id = made.json()["article_id"]
    theirs = building.theirs.agent
    listed = (await building.ask("GET", "/v1/knowledge/drafts", token=theirs)).json()["data"]
    assert article_id not in {one["article_id"] for one in listed}
    for method, body in (("PUT", GIFT), ("DELETE", None)):
        found = await building.ask(method, f"/v1/knowledge/drafts/{article_id}", token=theirs, json=body)
        assert found.status == 404
    await building.ask("DELETE", f"/v1/knowledge/drafts/{article_id}", token=building.ours.agent)

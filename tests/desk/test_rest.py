"""What agents do over REST, through every layer of the application."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.doors.building import Answer, Building
from tests.doors.test_routes import check_problem

from miaohui.conversations.errors import NotYours
from miaohui.conversations.types import Conversation
from miaohui.kit.ids import new_id

pytestmark = pytest.mark.asyncio(loop_scope="session")

WEEK: list[list[dict[str, int]]] = [[{"start": 540, "end": 1080}]] * 5 + [[], []]


async def agent_of(building: Building, name: str, role: str = "agent") -> tuple[str, str]:
    """Id and token of somebody new at ours."""
    email, password = f"{new_id('a').lower()}@example.com", "correct horse battery"
    identity, tenant = building.house.identity, building.ours.tenant
    person = await identity.create_person(email, name, password, tenant.id, role)  # type: ignore[arg-type]
    return person.id, (await identity.login(email, password, "127.0.0.1")).access


async def queued(building: Building, *words: str) -> tuple[str, Conversation]:
    """A visitor who spoke, and asked for a human."""
    token, conversation = await building.visitor()
    for text in words or ("你好, 我的订单 20261121000001 还没到",):
        building.house.loop_watch.lag_s = 0.0  # a busy machine turns newcomers away, which is not asked here
        path = f"/v1/conversations/{conversation.id}/messages"
        sent = await building.ask("POST", path, token=token, json={"text": text})
        assert sent.status == 201
        await building.house.turns.follow(conversation.tenant_id, sent.json()["turn"])
    asked = await building.ask("POST", f"/v1/conversations/{conversation.id}/handoff", token=token, json={})
    assert asked.status == 200
    return token, conversation


async def act(building: Building, token: str, conversation: Conversation, verb: str, body: Any = None) -> Answer:
    return await building.ask("POST", f"/v1/conversations/{conversation.id}/{verb}", token=token, json=body or {})


async def test_of_two_agents_who_claim_together_one_is_told_who_was_faster(building: Building) -> None:
    (_, first), (_, second) = await agent_of(building, "李雷"), await agent_of(building, "韩梅梅")
    _, conversation = await queued(building)
    answers = await asyncio.gather(
        act(building, first, conversation, "claim"), act(building, second, conversation, "claim")
    )
    lost = next(one for one in answers if one.status != 200)
    check_problem(lost, 409)
    assert lost.json()["code"] == "already_claimed"
    assert lost.json()["detail"] in {"李雷 has this conversation.", "韩梅梅 has this conversation."}
    assert sorted(one.status for one in answers) == [200, 409]


async def test_a_waiting_visitor_is_told_the_place_and_one_who_does_not_wait_is_not(building: Building) -> None:
    token, conversation = await queued(building)
    await building.house.around.desk.dispatch.drain(building.ours.tenant.id)
    place = await building.ask("GET", f"/v1/conversations/{conversation.id}/queue", token=token)
    assert place.json()["waiting"] is True
    assert place.json()["position"] >= 1
    other, idle = await building.visitor()
    place = await building.ask("GET", f"/v1/conversations/{idle.id}/queue", token=other)
    assert place.json() == {"waiting": False, "position": None, "estimate_s": None, "opens_at": None}
    stranger = await building.ask("GET", f"/v1/conversations/{conversation.id}/queue", token=other)
    check_problem(stranger, 404)


async def test_an_agent_says_that_they_are_there_and_is_given_who_waits(building: Building) -> None:
    agent_id, token = await agent_of(building, "在线")
    _, conversation = await queued(building)
    online = await building.ask("POST", "/v1/desk/presence", token=token, json={"state": "online"})
    assert online.json()["presence"] == "online"
    await building.house.around.desk.dispatch.drain(building.ours.tenant.id)
    queue = (await building.ask("GET", "/v1/desk/queue", token=token)).json()["data"]
    mine = await building.ask("GET", "/v1/conversations?assignee_id=me&status=open", token=token)
    assert mine.json()["data"]
    assert conversation.id not in [one["conversation_id"] for one in queue] or len(mine.json()["data"]) == 5
    offline = await building.ask("POST", "/v1/desk/presence", token=token, json={"state": "offline"})
    assert (offline.json()["presence"], offline.json()["load"]) == ("offline", 0)
    agents = (await building.ask("GET", "/v1/desk/agents", token=token)).json()["data"]
    assert agent_id in [one["id"] for one in agents]


async def test_labels_and_priority_are_for_agents_only(building: Building) -> None:
    visitor, conversation = await queued(building)
    key = building.ours.key
    labelled = await act(building, key, conversation, "labels", {"labels": ["退款", "急", "退款"]})
    assert labelled.json()["labels"] == ["退款", "急"]
    urgent = await act(building, key, conversation, "priority", {"priority": "urgent"})
    assert urgent.json()["priority"] == "urgent"
    seen = (await building.ask("GET", f"/v1/conversations/{conversation.id}", token=visitor)).json()
    assert (seen["labels"], seen["priority"], seen["team_id"]) == ([], "", "")
    check_problem(await act(building, visitor, conversation, "labels", {"labels": ["x"]}), 403)
    listed = await building.ask("GET", "/v1/conversations?label=%E9%80%80%E6%AC%BE&priority=urgent", token=key)
    assert [one["id"] for one in listed.json()["data"]] == [conversation.id]
    none = await building.ask("GET", "/v1/conversations?label=%E9%80%80", token=key)
    assert none.json()["data"] == [], "a part of a label is another label"
    labels = await building.ask("GET", "/v1/labels", token=key)
    assert {"退款", "急"} <= set(labels.json()["data"])


@pytest.mark.parametrize("labels", [["a" * 41], ["x"] * 21, [""], [" "], ["a\nb"]])
async def test_a_label_that_is_not_in_form_is_refused(building: Building, labels: list[str]) -> None:
    _, conversation = await building.visitor()
    check_problem(await act(building, building.ours.key, conversation, "labels", {"labels": labels}), 422)


async def test_a_conversation_is_put_aside_and_woken(building: Building) -> None:
    _, agent = await agent_of(building, "甲")
    _, conversation = await queued(building)
    await act(building, agent, conversation, "claim")
    asleep = await act(building, agent, conversation, "snooze", {"until": "2099-01-01T00:00:00Z"})
    check_problem(asleep, 422)
    soon = building.house.clock.now_ms() // 1000 + 3600

    until = datetime.fromtimestamp(soon, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    asleep = await act(building, agent, conversation, "snooze", {"until": until})
    assert asleep.json()["status"] == "snoozed"
    assert asleep.json()["snoozed_until"] == until.replace("Z", ".000Z")
    awake = await act(building, agent, conversation, "unsnooze")
    assert (awake.json()["status"], awake.json()["snoozed_until"]) == ("open", None)
    check_problem(await act(building, agent, conversation, "unsnooze"), 409)


async def test_a_team_is_made_changed_and_given_a_conversation(building: Building) -> None:
    owner, (member, agent) = building.ours.agent, await agent_of(building, "乙")
    made = await building.ask("POST", "/v1/desk/teams", token=owner, json={"name": "售后", "members": [member]})
    assert made.status == 201
    again = await building.ask("POST", "/v1/desk/teams", token=owner, json={"name": "售后"})
    check_problem(again, 409)
    foreign = {"name": "别家", "members": [building.theirs.person.id]}
    check_problem(await building.ask("POST", "/v1/desk/teams", token=owner, json=foreign), 404)
    check_problem(await building.ask("POST", "/v1/desk/teams", token=agent, json={"name": "x"}), 403)
    path = f"/v1/desk/teams/{made.json()['id']}"
    changed = await building.ask("PATCH", path, token=owner, json={"name": "售后二组"})
    assert changed.json() == {"id": made.json()["id"], "name": "售后二组", "members": [member]}
    _, conversation = await queued(building)
    given = await act(building, agent, conversation, "transfer", {"team_id": made.json()["id"]})
    assert (given.json()["team_id"], given.json()["assignee_id"]) == (made.json()["id"], "")
    check_problem(await act(building, agent, conversation, "transfer", {"team_id": "team_nobody"}), 404)
    assert (await building.ask("DELETE", path, token=owner)).status == 204
    check_problem(await building.ask("DELETE", path, token=owner), 404)


async def test_a_conversation_is_assigned_to_somebody_who_is_there(building: Building) -> None:
    (_, agent), (other_id, other) = await agent_of(building, "丙"), await agent_of(building, "丁")
    _, conversation = await queued(building)
    refused = await act(building, agent, conversation, "assign", {"agent_id": other_id})
    check_problem(refused, 409)
    assert refused.json()["code"] == "agent_away"
    await building.ask("POST", "/v1/desk/presence", token=other, json={"state": "away"})
    given = await act(building, agent, conversation, "assign", {"agent_id": other_id})
    assert given.json()["assignee_id"] == other_id
    stranger = {"agent_id": building.theirs.person.id}
    check_problem(await act(building, agent, conversation, "assign", stranger), 404)


async def test_a_contact_that_is_named_is_named_so_in_lists_too(building: Building) -> None:
    key = building.ours.key
    _, conversation = await queued(building)
    _, other = await queued(building)
    path = f"/v1/contacts/{conversation.contact_id}"
    await building.ask("PATCH", path, token=key, json={"name": "赵敏"})
    here = await building.ask("GET", f"/v1/conversations/{conversation.id}", token=key)
    there = await building.ask("GET", f"/v1/conversations/{other.id}", token=key)
    assert (here.json()["contact"]["name"], there.json()["contact"]["name"]) == ("赵敏", "")
    await building.ask("PATCH", path, token=key, json={"attributes": {"city": "杭州"}})
    here = await building.ask("GET", f"/v1/conversations/{conversation.id}", token=key)
    assert here.json()["contact"]["name"] == "赵敏", "what is not said stays"


async def test_canned_replies_are_found_by_code_and_by_text(building: Building) -> None:
    key, word = building.ours.key, new_id("w").lower()
    for code, text in ((f"/{word}2", "您好, {name} 100%"), (f"{word}1", "再见")):
        made = await building.ask("POST", "/v1/desk/replies", token=key, json={"short_code": code, "text": text})
        assert made.status == 201
    same = await building.ask("POST", "/v1/desk/replies", token=key, json={"short_code": f"{word}2", "text": "x"})
    check_problem(same, 409)

    async def found(words: str, more: str = "") -> list[str]:
        answer = await building.ask("GET", f"/v1/desk/replies?q={words}{more}", token=key)
        return [one["short_code"] for one in answer.json()["data"]]

    both = [f"{word}1", f"{word}2"]
    assert await found(word) == both
    assert [code for code in await found("%E5%86%8D") if code in both] == both[:1]
    assert [code for code in await found("%25") if code in both] == both[1:], "a sign of the pattern stands for itself"
    assert await found(f"{word}_") == []
    first = await building.ask("GET", f"/v1/desk/replies?q={word}&limit=1", token=key)
    assert first.json()["next_cursor"] == both[0]
    rest = await building.ask("GET", f"/v1/desk/replies?q={word}&limit=1&cursor={both[0]}", token=key)
    reply = rest.json()["data"][0]
    assert (reply["short_code"], reply["text"], rest.json()["next_cursor"]) == (both[1], "您好, {name} 100%", "")
    path = f"/v1/desk/replies/{reply['id']}"
    changed = await building.ask("PATCH", path, token=key, json={"short_code": f"{word}3", "text": "嗨"})
    assert changed.json()["short_code"] == f"{word}3"
    taken = await building.ask("PATCH", path, token=key, json={"short_code": both[0], "text": "嗨"})
    check_problem(taken, 409)
    assert (await building.ask("DELETE", path, token=key)).status == 204
    assert await found(word) == both[:1]


async def test_a_mention_reaches_who_is_named(building: Building) -> None:
    (_, first), (_, named) = await agent_of(building, "写的人"), await agent_of(building, "被提到的人")
    _, conversation = await queued(building)
    note = {"text": "@被提到的人 看一下", "note": True}
    said = await building.ask("POST", f"/v1/conversations/{conversation.id}/messages", token=first, json=note)
    assert said.status == 201
    found = (await building.ask("GET", "/v1/desk/mentions", token=named)).json()["data"]
    assert [(one["conversation_id"], one["by_name"], one["seen"]) for one in found] == [
        (conversation.id, "写的人", False)
    ]
    seen = {"conversation_id": conversation.id}
    assert (await building.ask("POST", "/v1/desk/mentions/seen", token=named, json=seen)).status == 204
    found = (await building.ask("GET", "/v1/desk/mentions", token=named)).json()["data"]
    assert found[0]["seen"] is True
    assert (await building.ask("GET", "/v1/desk/mentions", token=first)).json()["data"] == []


async def test_agents_see_how_far_the_visitor_has_looked_and_the_visitor_does_not_see_theirs(
    building: Building,
) -> None:
    visitor, conversation = await queued(building)
    here = f"/v1/conversations/{conversation.id}/seen"
    before = (await building.ask("GET", here, token=building.ours.agent)).json()
    assert before == {"visitor": 0, "agents": 0}
    assert (await building.ask("POST", here, token=visitor, json={"seq": 2})).status == 204
    assert (await building.ask("GET", here, token=building.ours.agent)).json() == {"visitor": 2, "agents": 0}
    check_problem(await building.ask("GET", here, token=visitor), 403)
    check_problem(await building.ask("GET", here, token=building.theirs.agent), 404)


async def test_the_summary_says_who_what_and_what_was_tried(building: Building) -> None:
    words = ("订单 20261121000009 什么时候到", "太差了!! 我要投诉", "我的电话 13800138000, 退 ¥199")
    _, conversation = await queued(building, *words)
    path = f"/v1/conversations/{conversation.id}/summary"
    summary = (await building.ask("GET", path, token=building.ours.key)).json()
    assert summary["reason"] == "customer_request"
    assert summary["wants"] == words[2]
    assert summary["first"] == words[0]
    assert summary["sentiment"] == -1
    assert summary["language"] == "zh"
    named = {(one["kind"], one["text"]) for one in summary["entities"]}
    assert {("order", "20261121000009"), ("phone", "13800138000"), ("amount", "¥199")} <= named
    assert [one["question"] for one in summary["tried"]] == list(words)
    assert summary["contact"]["id"] == conversation.contact_id
    check_problem(await building.ask("GET", path, token=building.theirs.key), 404)


async def test_conversations_are_found_by_what_was_said_and_only_ones_own(building: Building) -> None:
    _, conversation = await queued(building, "独角兽 50%_off 在哪里")

    async def found(words: str, token: str) -> list[str]:
        answer = await building.ask("GET", f"/v1/search/conversations?q={words}", token=token)
        assert answer.status == 200
        return [hit["conversation"]["id"] for hit in answer.json()["data"]]

    key = building.ours.key
    assert await found("%E7%8B%AC%E8%A7%92%E5%85%BD", key) == [conversation.id]
    assert await found("50%25_off", key) == [conversation.id]
    assert await found("50%25xoff", key) == []
    assert await found("%E7%8B%AC%E8%A7%92%E5%85%BD", building.theirs.key) == []
    check_problem(await building.ask("GET", "/v1/search/conversations", token=key), 422)
    check_problem(await building.ask("GET", "/v1/search/conversations?q=%20", token=key), 422)
    check_problem(await building.ask("GET", "/v1/search/conversations?q=x", token=building.ours.visitor), 403)


async def test_a_blocked_contact_is_refused_everywhere_until_it_is_unblocked(building: Building) -> None:
    visitor, conversation = await building.visitor()
    path, key = f"/v1/contacts/{conversation.contact_id}", building.ours.key
    blocked = await building.ask("POST", f"{path}/block", token=key, json={})
    assert blocked.json()["blocked"] is True
    messages = f"/v1/conversations/{conversation.id}/messages"
    said = await building.ask("POST", messages, token=visitor, json={"text": "喂"})
    check_problem(said, 403)
    assert said.json()["code"] == "contact_blocked"
    check_problem(await building.ask("POST", "/v1/conversations", token=visitor, json={}), 403)
    await building.ask("POST", f"{path}/unblock", token=key, json={})
    assert (await building.ask("POST", messages, token=visitor, json={"text": "喂"})).status == 201
    check_problem(await building.ask("POST", f"{path}/block", token=building.theirs.key, json={}), 404)


async def test_merged_contacts_are_one_for_agents_and_two_for_visitors(building: Building) -> None:
    (first_token, first), (second_token, second) = await building.visitor(), await building.visitor()
    key, path = building.ours.key, f"/v1/contacts/{first.contact_id}"
    tagged = {"name": "王先生", "attributes": {"vip": "gold"}}
    assert (await building.ask("PATCH", path, token=key, json=tagged)).json()["attributes"] == {"vip": "gold"}
    merged = await building.ask("POST", f"{path}/merge", token=key, json={"into": second.contact_id})
    body = merged.json()
    assert (body["id"], body["name"], body["attributes"]) == (second.contact_id, "王先生", {"vip": "gold"})
    assert body["also"] == [first.contact_id]
    for contact_id in (first.contact_id, second.contact_id):
        listed = await building.ask("GET", f"/v1/conversations?contact_id={contact_id}", token=key)
        assert {one["id"] for one in listed.json()["data"]} == {first.id, second.id}
    for token, own, other in ((first_token, first, second), (second_token, second, first)):
        assert (await building.ask("GET", f"/v1/conversations/{own.id}", token=token)).status == 200
        check_problem(await building.ask("GET", f"/v1/conversations/{other.id}", token=token), 404)
        listed = await building.ask("GET", f"/v1/conversations?contact_id={other.contact_id}", token=token)
        assert [one["id"] for one in listed.json()["data"]] == [own.id]
    check_problem(await building.ask("POST", f"{path}/merge", token=key, json={"into": first.contact_id}), 422)
    foreign = {"into": building.theirs.contact.id}
    check_problem(await building.ask("POST", f"{path}/merge", token=key, json=foreign), 404)
    parted = await building.ask("POST", f"{path}/part", token=key, json={})
    assert parted.json()["merged_into"] == ""
    listed = await building.ask("GET", f"/v1/conversations?contact_id={second.contact_id}", token=key)
    assert [one["id"] for one in listed.json()["data"]] == [second.id]


async def test_business_hours_are_set_shown_and_removed(building: Building) -> None:
    owner, path = building.ours.agent, f"/v1/inboxes/{building.ours.inbox.id}/hours"
    assert (await building.ask("GET", path, token=owner)).json()["always"] is True
    form = {"timezone": "Asia/Shanghai", "week": WEEK, "holidays": {"2026-10-01": []}, "away": {"en": "Closed."}}
    shown = (await building.ask("POST", path, token=owner, json=form)).json()
    assert shown["always"] is False
    assert shown["week"][0] == [{"start": 540, "end": 1080}]
    assert shown["holidays"] == {"2026-10-01": []}
    assert shown["open_now"] == (shown["opens_at"] is None)
    assert (await building.ask("DELETE", path, token=owner)).status == 204
    assert (await building.ask("GET", path, token=owner)).json()["always"] is True
    mistakes: tuple[dict[str, Any], ...] = (
        {"timezone": "Mars/Olympus"},
        {"week": [[]] * 7},
        {"holidays": {"2026-02-31": []}},
    )
    for wrong in mistakes:
        check_problem(await building.ask("POST", path, token=owner, json={**form, **wrong}), 422)


async def test_an_inbox_says_which_team_serves_it(building: Building) -> None:
    owner, path = building.ours.agent, f"/v1/inboxes/{building.ours.inbox.id}/desk"
    form = {"team_id": "", "skills": ["Billing"], "strategy": "least_loaded"}
    shown = (await building.ask("POST", path, token=owner, json=form)).json()
    assert (shown["skills"], shown["strategy"]) == (["billing"], "least_loaded")
    assert (await building.ask("GET", path, token=owner)).json() == shown
    check_problem(await building.ask("POST", path, token=owner, json={**form, "team_id": "team_x"}), 404)
    await building.ask("POST", path, token=owner, json={})


async def test_resolving_needs_to_have_read_the_last_word(building: Building) -> None:
    _, agent = await agent_of(building, "戊")
    visitor, conversation = await queued(building)
    await act(building, agent, conversation, "claim")
    read = await building.house.conversations.find(conversation.tenant_id, conversation.id)
    assert read is not None
    await building.ask(
        "POST", f"/v1/conversations/{conversation.id}/messages", token=visitor, json={"text": "还有一件事"}
    )

    principal = await building.house.identity.verify(agent)
    with pytest.raises(NotYours):
        await building.house.conversations.resolve(read, principal)
    assert (await act(building, agent, conversation, "resolve")).json()["status"] == "resolved"

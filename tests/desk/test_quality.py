"""How good it was, and how good it would be: ratings, reviews, notices, drafts, turns told again, cases."""

from __future__ import annotations

from typing import Any

import pytest
from tests.desk.test_rest import act, agent_of, queued
from tests.doors.building import Answer, Building
from tests.doors.test_routes import check_problem

from miaohui.channels.rest import desk_views
from miaohui.conversations.types import Conversation
from miaohui.desk.aftercare import is_drawn
from miaohui.desk.cases import judge
from miaohui.desk.types import Case, Notice

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def lines_of(building: Building, conversation: Conversation) -> list[str]:
    said = await building.house.conversations.messages(conversation, limit=50)
    return [one.text for one in said if one.sender == "system"]


async def asked(building: Building, text: str) -> tuple[str, Conversation, str]:
    """A visitor's token, the conversation and the turn of a question that was answered."""
    token, conversation = await building.visitor()
    building.house.loop_watch.lag_s = 0.0
    path = f"/v1/conversations/{conversation.id}/messages"
    sent = (await building.ask("POST", path, token=token, json={"text": text})).json()
    await building.house.turns.follow(conversation.tenant_id, sent["turn"])
    return token, conversation, sent["turn"]


async def test_a_visitor_rates_the_conversation_and_everybody_sees_it_once(building: Building) -> None:
    visitor, conversation = await queued(building)
    stranger, _ = await building.visitor()
    here = f"/v1/conversations/{conversation.id}/satisfaction"
    nothing = await building.ask("GET", here, token=visitor)
    assert nothing.json() == {"score": None, "comment": "", "at": None}
    for comment in ("", " 很快 "):
        rated = await building.ask("POST", here, token=visitor, json={"score": 5, "comment": comment})
        assert (rated.status, rated.json()["score"], rated.json()["comment"]) == (200, 5, comment.strip())
    assert [line for line in await lines_of(building, conversation) if line.startswith("rated")] == ["rated:5"]
    await building.ask("POST", here, token=visitor, json={"score": 4})
    assert (await building.ask("GET", here, token=building.ours.agent)).json()["score"] == 4
    preview = (await building.ask("GET", f"/v1/conversations/{conversation.id}", token=visitor)).json()["preview"]
    assert "rated" not in preview
    check_problem(await building.ask("POST", here, token=stranger, json={"score": 1}), 404)
    check_problem(await building.ask("POST", here, token=visitor, json={"score": 6}), 422)


async def test_a_low_rating_is_drawn_for_review_and_a_high_one_is_not(building: Building) -> None:
    owner = building.ours.agent
    (visitor, low), (other, high) = await queued(building), await queued(building)
    await building.ask("POST", f"/v1/conversations/{low.id}/satisfaction", token=visitor, json={"score": 2})
    await building.ask("POST", f"/v1/conversations/{high.id}/satisfaction", token=other, json={"score": 5})

    async def drawn(part: str = "") -> dict[str, Any]:
        page = (await building.ask("GET", f"/v1/desk/reviews?limit=200{part}", token=owner)).json()
        return {one["conversation_id"]: one for one in page["data"]}

    assert (await drawn("&done=false"))[low.id]["why"] == "rated_low"
    assert high.id not in await drawn()
    body = {"score": 3, "note": "答得慢"}
    done = await building.ask("POST", f"/v1/conversations/{low.id}/review", token=owner, json=body)
    assert (done.json()["score"], done.json()["note"], done.json()["why"]) == (3, "答得慢", "rated_low")
    assert low.id not in await drawn("&done=false")
    assert (await drawn("&done=true"))[low.id]["reviewer_id"] == building.ours.person.id
    check_problem(await building.ask("GET", "/v1/desk/reviews", token=visitor), 403)
    check_problem(await building.ask("POST", f"/v1/conversations/{low.id}/review", token=visitor, json=body), 403)


async def test_the_share_that_is_drawn_is_the_share_that_was_set() -> None:
    names = [f"conv_{number}" for number in range(10_000)]
    drawn = [name for name in names if is_drawn(name, 0.05)]
    assert 400 <= len(drawn) <= 600
    assert set(drawn) <= {name for name in names if is_drawn(name, 0.2)}
    assert [name for name in names if is_drawn(name, 0)] == []
    assert all(is_drawn(name, 1) for name in names)


async def test_what_is_resolved_is_drawn_when_all_is(building: Building) -> None:
    aftercare = building.house.around.desk.aftercare
    share, aftercare._share = aftercare._share, 1.0
    try:
        _, conversation = await queued(building)
        assert (await act(building, building.ours.agent, conversation, "resolve")).status == 200
        await aftercare.settle()
    finally:
        aftercare._share = share
    page = (await building.ask("GET", "/v1/desk/reviews?limit=200", token=building.ours.agent)).json()
    assert [one["why"] for one in page["data"] if one["conversation_id"] == conversation.id] == ["sample"]


async def test_a_notice_is_told_to_who_waits_and_to_who_comes_until_it_is_taken_down(building: Building) -> None:
    owner, desk = building.ours.agent, building.house.around.desk
    _, waits = await queued(building)
    await desk.dispatch.drain(building.ours.tenant.id)
    body = {"texts": {"zh-CN": "支付通道故障, 正在修复。", "en": "Payments are down."}, "minutes": 30}
    put_up = await building.ask("POST", "/v1/desk/notices", token=owner, json=body)
    assert put_up.status == 201
    assert "支付通道故障, 正在修复。" in await lines_of(building, waits)
    listed = await building.ask("GET", f"/v1/conversations/{waits.id}", token=owner)
    assert "故障" not in listed.json()["preview"], "a list shows what was said, not what all are told"
    assert listed.json()["preview"]
    _, comes = await queued(building)
    await desk.dispatch.drain(building.ours.tenant.id)
    assert (await lines_of(building, comes)).count("支付通道故障, 正在修复。") == 1
    await desk.dispatch.drain(building.ours.tenant.id)
    assert (await lines_of(building, comes)).count("支付通道故障, 正在修复。") == 1
    opened = await building.ask("POST", "/v1/widget/session", json={"site_key": building.ours.inbox.site_key})
    assert opened.json()["notices"] == ["支付通道故障, 正在修复。"]
    english = {"site_key": building.ours.inbox.site_key, "locale": "en"}
    opened = await building.ask("POST", "/v1/widget/session", json=english)
    assert opened.json()["notices"] == ["Payments are down."]
    theirs = await building.ask("POST", "/v1/widget/session", json={"site_key": building.theirs.inbox.site_key})
    assert theirs.json()["notices"] == []

    path = f"/v1/desk/notices/{put_up.json()['id']}"
    check_problem(await building.ask("DELETE", path, token=building.theirs.agent), 404)
    assert (await building.ask("DELETE", path, token=owner)).status == 204
    assert (await building.ask("GET", "/v1/desk/notices", token=owner)).json()["data"] == []
    _, late = await queued(building)
    await desk.dispatch.drain(building.ours.tenant.id)
    assert "支付通道故障, 正在修复。" not in await lines_of(building, late)


async def test_who_may_not_govern_puts_up_no_notice(building: Building) -> None:
    _, agent = await agent_of(building, "普通坐席")
    body = {"texts": {"en": "Down."}, "minutes": 1}
    check_problem(await building.ask("POST", "/v1/desk/notices", token=agent, json=body), 403)
    check_problem(await building.ask("POST", "/v1/desk/notices", token=building.ours.agent, json={"minutes": 1}), 422)
    assert (await building.ask("GET", "/v1/desk/notices", token=agent)).json()["data"] == []


async def test_a_notice_is_told_in_a_language_that_there_is() -> None:
    notice = Notice(id="n", tenant_id="t", texts={"en": "Down."}, until_ms=1)
    assert (notice.text_for("zh-CN"), notice.text_for("en-GB")) == ("Down.", "Down.")


async def test_a_draft_answers_the_visitors_last_words_and_is_sent_to_nobody(building: Building) -> None:
    _, agent = await agent_of(building, "起草的人")
    _, conversation, _ = await asked(building, "退货要多久?")
    before = await building.house.conversations.messages(conversation, limit=50)
    drafted = await act(building, agent, conversation, "suggestion")
    assert drafted.status == 200, drafted.body
    assert drafted.json()["text"]
    assert "[1]" not in drafted.json()["text"], "marks are for visitors of the assistant"
    assert await building.house.conversations.messages(conversation, limit=50) == before
    _, silent = await building.visitor()
    nothing = await act(building, agent, silent, "suggestion")
    check_problem(nothing, 409)
    assert nothing.json()["code"] == "nothing_to_answer"
    check_problem(await act(building, building.theirs.agent, conversation, "suggestion"), 404)


async def again(building: Building, turn: str, **changes: Any) -> Answer:
    return await building.ask("POST", f"/v1/turns/{turn}/again", token=building.ours.agent, json=changes)


async def test_a_turn_is_told_again_by_another_route_and_from_an_earlier_version(building: Building) -> None:
    _, conversation, turn = await asked(building, "退货要多久?")
    same = await again(building, turn)
    assert same.status == 200, same.body
    first = same.json()
    assert (first["route"], first["stages"][0]["name"]) == ("extractive", "guard")
    pinned = await again(building, turn, route="extractive")
    assert pinned.json()["text"] == first["text"]
    check_problem(await again(building, turn, route="nowhere"), 404)
    check_problem(await again(building, turn, knowledge_version=2_000_000), 404)
    check_problem(await building.ask("POST", f"/v1/turns/{turn}/again", token=building.theirs.agent, json={}), 404)
    said = await building.house.conversations.messages(conversation, limit=50)
    assert [one.sender for one in said] == ["visitor", "assistant"], "nothing of it is said"


async def test_a_correction_becomes_a_case_that_is_tried_again(building: Building) -> None:
    owner = building.ours.agent
    _, _, turn = await asked(building, "退货要多久?")
    answer = (await again(building, turn)).json()["text"]
    good = {"wanted": "七天内。", "holds": [answer[:6]], "lacks": ["绝不"]}
    kept = await building.ask("POST", f"/v1/turns/{turn}/case", token=owner, json=good)
    assert (kept.status, kept.json()["question"], kept.json()["outcome"]) == (201, "退货要多久?", "")
    bad = {"wanted": "七天内。", "holds": ["十五个月"]}
    other = (await building.ask("POST", f"/v1/turns/{turn}/case", token=owner, json=bad)).json()["id"]
    outcomes = []
    for case in (kept.json()["id"], other):
        tried = await building.ask("POST", f"/v1/desk/cases/{case}/try", token=owner, json={})
        outcomes.append(tried.json()["outcome"])
        assert tried.json()["answer"] == answer
    assert outcomes == ["held", "broke"]
    listed = (await building.ask("GET", "/v1/desk/cases?limit=200", token=owner)).json()["data"]
    assert {one["id"]: one["outcome"] for one in listed}[other] == "broke"
    path = f"/v1/desk/cases/{other}"
    check_problem(await building.ask("DELETE", path, token=building.theirs.agent), 404)
    assert (await building.ask("DELETE", path, token=owner)).status == 204
    check_problem(await building.ask("POST", f"{path}/try", token=owner, json={}), 404)


async def test_an_answer_is_judged_by_what_it_holds_and_lacks_and_not_by_its_spaces() -> None:
    case = Case(
        id="c", tenant_id="t", turn_id="u", conversation_id="v", question="?", wanted="w",
        holds=("7 天", "Refund"), lacks=("guarantee",),
    )  # fmt: skip
    assert judge(case, "7天内 refund.") == "held"
    assert judge(case, "7天内") == "broke"
    assert judge(case, "7天 refund, we GUARANTEE it") == "broke"


async def test_orders_are_told_as_cards_where_the_shop_is_known_and_not_to_visitors(building: Building) -> None:
    visitor, conversation = await queued(building)
    here = f"/v1/conversations/{conversation.id}/orders"
    nowhere = await building.ask("GET", here, token=building.ours.agent)
    assert nowhere.json() == {"data": [], "known": False}
    check_problem(await building.ask("GET", here, token=visitor), 403)
    order = {
        "id": "YS1",
        "goods": [{"name": "龙井"}, {"name": "茶壶"}],
        "state": "已发货",
        "paid": "99.00",
        "owner": "lin",
    }
    assert desk_views.order(order) == desk_views.OrderView(
        id="YS1", title="龙井、茶壶", state="已发货", paid="99.00", made_at=""
    )
    assert desk_views.order({"order_id": 7, "status": "sent"}).id == "7"

"""Table F of the faults that channels must survive, over real sockets: one node on SQLite, two on PostgreSQL."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.conformance.client import Site, observing
from tests.support import servers
from tests.support.records import run_postgres
from tests.support.waiting import until
from tests.wechat.street import Street, another, open_street, settled
from tests.wechat.town import PNG

from miaohui.channels.wechat import letters
from miaohui.kit.ids import new_id

pytestmark = pytest.mark.slow
over_sockets = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=["one node", pytest.param("two nodes", marks=pytest.mark.pg)]
)
async def street(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Street]:
    """One of each kind for all tests; each test has followers of its own."""
    url = ""
    if request.param == "two nodes":
        server, name = request.getfixturevalue("postgres_server_url"), new_id("street").lower()
        await run_postgres(server, f"CREATE DATABASE {name}")
        url = servers.database_at(server, name)
    async with open_street(tmp_path_factory.mktemp("street"), url) as opened:
        yield opened


@over_sockets
async def test_f1_one_message_however_often_and_wherever_it_is_delivered(street: Street) -> None:
    before = street.upstream.requests
    with street.in_a_hurry():
        await street.wechat.say("o_1", "o_1 怎么退货?", "1001", at_once=True, lose=2)
    await settled(street, "o_1", 1)
    (shown,) = street.shown_to("o_1")
    assert shown[0] == "passive"
    assert street.upstream.requests == before + 1
    thread = await street.messages(await street.conversation("o_1"))
    assert [one["sender"]["kind"] for one in thread] == ["visitor", "assistant"]


@over_sockets
async def test_f2_who_follows_is_welcomed_once(street: Street) -> None:
    with street.in_a_hurry():
        await street.wechat.do("o_2", "subscribe", lose=2)
    await settled(street, "o_2", 1)
    assert street.shown_to("o_2") == [("passive", "欢迎!")]


@over_sockets
@pytest.mark.parametrize(("takes_s", "how"), [(0.2, "passive"), (1.8, "api"), (2.6, "api")])
async def test_f3_an_answer_comes_by_one_way_only(street: Street, takes_s: float, how: str) -> None:
    street.thinks(takes_s)
    openid = f"o_3_{how}_{takes_s}"
    await street.wechat.say(openid, "怎么退货?", f"1003{takes_s}")
    await settled(street, openid, 1)
    street.thinks(0.02)
    assert [one for one, _ in street.shown_to(openid)] == [how]


@over_sockets
async def test_f4_a_lost_answer_is_given_again_word_for_word(street: Street) -> None:
    before = street.upstream.requests
    with street.in_a_hurry():
        await street.wechat.say("o_4", "怎么退货?", "1004", lose=1)
    await settled(street, "o_4", 1)
    given = [letters.parse_fields(body)["Content"] for key, body in street.wechat.answers if key == "1004"]
    assert len(given) == 2
    assert given[0] == given[1]
    assert street.upstream.requests == before + 1


@over_sockets
async def test_f5_a_node_that_dies_before_it_answers_loses_nothing(street: Street) -> None:
    if len(street.nodes) < 2:
        pytest.skip("SQLite has one node; its crash points are swept elsewhere")
    async with another(street.nodes[0], crash_at="accept.committed:1") as dying:
        street.nodes_of_wechat(dying, street.nodes[0])
        with street.in_a_hurry():
            await street.wechat.say("o_5", "o_5 怎么退货?", "1005")
        await until(lambda: not dying.alive, 10)
    street.nodes_of_wechat(*street.nodes)
    await settled(street, "o_5", 1, 30)
    assert len(street.shown_to("o_5")) == 1
    thread = await street.messages(await street.conversation("o_5"))
    assert [one["sender"]["kind"] for one in thread] == ["visitor", "assistant"]


@over_sockets
async def test_f6_many_sends_with_a_dead_token_fetch_one_new_one(street: Street) -> None:
    who = [f"o_6_{one}" for one in range(20)]
    await asyncio.gather(*(street.wechat.say(one, f"{one} 怎么退货?", f"1006{one}") for one in who))
    threads = {one: await street.conversation(one) for one in who}
    street.wechat.expire_tokens()
    street.wechat.token_calls.clear()
    words = {"text": "您好, 我是小李。"}
    calls = [
        street.ask("POST", f"/v1/conversations/{threads[one]}/messages", words, node=at % len(street.nodes))
        for at, one in enumerate(who)
    ]
    await asyncio.gather(*calls)
    await asyncio.gather(*(settled(street, one, 2, 30) for one in who))
    assert all(street.shown_to(one)[1:] == [("api", words["text"])] for one in who)
    assert street.wechat.token_calls == [True]


@over_sockets
@pytest.mark.parametrize(
    ("code", "state", "shown"), [(45047, "waiting", 1), (40003, "undeliverable", 1), ("lost", "uncertain", 2)]
)
async def test_f8_what_wechat_says_is_kept_for_the_agent(
    street: Street, code: int | str, state: str, shown: int
) -> None:
    openid = f"o_8_{code}"
    await street.wechat.say(openid, f"{openid} 怎么退货?", f"1008{code}")
    conversation = await street.conversation(openid)
    street.revive()
    street.wechat.codes.append(code)
    await street.ask("POST", f"/v1/conversations/{conversation}/messages", {"text": "您好"})
    async with asyncio.timeout(5):
        while (await street.sendings(conversation))[-1][0] in {"sending", "sent"}:  # noqa: ASYNC110 -- asked again
            await asyncio.sleep(0.05)
    assert (await street.sendings(conversation))[-1][0] == state
    assert len(street.shown_to(openid)) == shown
    if state == "waiting":
        await street.wechat.say(openid, "在吗?", f"1008{code}b")
        await settled(street, openid, 2)
        assert street.shown_to(openid)[1][1] == "您好"


@over_sockets
async def test_f9_a_long_answer_comes_in_parts_of_whole_characters(street: Street) -> None:
    words = "这是一句😀话]]>。" * 100
    await street.wechat.say("o_9", "o_9 说说", "1009")
    conversation = await street.conversation("o_9")
    await street.ask("POST", f"/v1/conversations/{conversation}/messages", {"text": words})
    await settled(street, "o_9", 3)
    parts = [text for how, text in street.shown_to("o_9") if how == "api"]
    assert "".join(parts) == words
    assert all(len(one.encode()) <= 2048 for one in parts)


@over_sockets
async def test_f10_a_burst_is_answered_in_order_within_the_quota(street: Street) -> None:
    await asyncio.gather(*(street.wechat.say("o_10", f"o_10 第{one}句", f"1010{one:02}") for one in range(12)))
    conversation = await street.conversation("o_10")
    async with asyncio.timeout(40):
        while len(thread := await street.messages(conversation)) < 24:  # noqa: ASYNC110 -- asked again
            await asyncio.sleep(0.1)
    # Whatever was in time, and five more: the rest waits for their next words.
    said, shown = 12, min(12, 5 + sum(how == "passive" for how, _ in street.shown_to("o_10")))
    await settled(street, "o_10", shown, 30)
    while said == 12 or shown < said:
        said += 1
        await street.wechat.say("o_10", "o_10 在吗", f"1010z{said}")
        shown = min(said, shown + 5)
        await settled(street, "o_10", shown, 30)
    assert len(street.shown_to("o_10")) == said
    assert [one["seq"] for one in thread] == list(range(1, 25))
    assert all(detail != "wechat_45047" for _, detail in await street.sendings(conversation))


@over_sockets
async def test_f7_a_token_that_is_not_to_be_had_is_not_asked_for_in_a_loop(street: Street) -> None:
    await street.wechat.say("o_7", "o_7 怎么退货?", "1007")
    street.wechat.expire_tokens()
    street.wechat.token_calls.clear()
    street.wechat.token_codes.extend([45009] * 50)
    conversation = await street.conversation("o_7")
    for one in range(3):
        await street.ask("POST", f"/v1/conversations/{conversation}/messages", {"text": f"第{one}句"})
    await asyncio.sleep(1.5)
    assert len(street.wechat.token_calls) <= 2
    assert street.shown_to("o_7")[1:] == []
    assert ("waiting", "token") in await street.sendings(conversation)
    street.wechat.token_codes.clear()
    street.revive()


@over_sockets
async def test_a_conversation_goes_from_wechat_over_an_agent_to_its_rating(street: Street) -> None:
    """The assistant answers; an agent takes over, sends a picture and a link; in the browser the answer is rated."""
    street.revive()
    agent = Site(street.nodes[-1].base, street.token, street.http)
    await street.wechat.say("o_story", "o_story 怎么退货?", "9001")
    assert [how for how, _ in street.shown_to("o_story")] == ["passive"]
    conversation = await street.conversation("o_story")
    async with observing("websocket", agent, conversation) as watching:
        await street.ask("POST", f"/v1/conversations/{conversation}/take-over")
        requests = street.upstream.requests
        await street.wechat.say("o_story", "我要找人", "9002")
        await watching.until(lambda view: any(one["text"] == "我要找人" for one in view.messages.values()))
        assert street.upstream.requests == requests
        data = base64.b64encode(PNG).decode()
        picture = await street.ask("POST", "/v1/media", {"data": data})
        site_key = next(
            one["site_key"] for one in (await street.ask("GET", "/v1/inboxes"))["data"] if one["name"] == "公众号"
        )
        words = f"请看\n![步骤]({picture['url']})\n评价请点 {street.nodes[0].base}/c/{site_key}"
        await street.ask("POST", f"/v1/conversations/{conversation}/messages", {"text": words})
        await settled(street, "o_story", 4)
        shown = [one for one in street.wechat.shown if one.openid == "o_story"][1:]
        assert [bool(one.picture) for one in shown] == [False, True, False]
        assert shown[1].picture == PNG
        assert watching.view.violations == []

    link = shown[2].text.split()[1]
    async with street.http.get(link) as page:
        identity = re.search(r'"token": "([^"]+)"', await page.text())
    assert identity is not None
    form = {"site_key": site_key, "identity_token": identity[1]}
    async with street.http.post(f"{street.nodes[0].base}/v1/widget/session", json=form) as answer:
        session = await answer.json()
    assert session["conversation"]["id"] == conversation
    answered = next(one for one in session["conversation"]["messages"] if one["sender"]["kind"] == "assistant")
    visitor = {"authorization": f"Bearer {session['token']}"}
    rating = f"{street.nodes[0].base}/v1/messages/{answered['id']}/rating"
    async with street.http.post(rating, json={"rating": 1}, headers=visitor) as answer:
        assert answer.status == 200
    await street.ask("POST", f"/v1/conversations/{conversation}/resolve")
    thread = await street.messages(conversation)
    assert [one["rating"] for one in thread if one.get("rating")] == [1]
    said = [(one["sender"]["kind"], one["kind"]) for one in thread]
    assert said[:2] == [("visitor", "text"), ("assistant", "text")]
    assert ("agent", "text") in said
    assert [one["seq"] for one in thread] == list(range(1, len(thread) + 1))

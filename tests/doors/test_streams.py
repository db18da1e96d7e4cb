"""Answers that come in pieces or late: server-sent events, long poll, a streamed question."""

from __future__ import annotations

import asyncio

import pytest
from tests.doors.building import Building
from tests.doors.test_routes import check_problem
from tests.support.waiting import until

from miaohui.conversations.types import Conversation
from miaohui.identity.types import Principal
from miaohui.kit.errors import Unavailable

pytestmark = pytest.mark.asyncio(loop_scope="session")

GARBAGE = ["x", "a:b", "e:-1:", "e:1:s", "e:1:s.1", "e:1:s.x.1", "e:99999999999999999:", "e:1:s.1.1,", "\N{SNOWMAN}"]


async def speak(building: Building, conversation: Conversation, *texts: str) -> None:
    agent = Principal(tenant_id=conversation.tenant_id, kind="agent", id=building.ours.person.id, role="owner")
    for text in texts:
        current = await building.house.conversations.access(agent, conversation.id)
        await building.house.conversations.say(current, agent, text, f"say{abs(hash(text))}")


# Server-sent events


async def test_a_stream_begins_with_where_it_stands_and_each_event_says_where_to_go_on(building: Building) -> None:
    token, conversation = await building.visitor()
    path = f"/v1/conversations/{conversation.id}/stream"
    async with building.stream("GET", path, token=token) as first:
        assert first.headers["content-type"].startswith("text/event-stream")
        assert (first.headers["cache-control"], first.headers["x-accel-buffering"]) == ("no-store", "no")
        await first.until(lambda: '"resumed"' in first.text)
        await speak(building, conversation, "一", "二")
        await first.until(lambda: "二" in first.text)
    ids = [line.removeprefix("id: ") for line in first.text.split("\n") if line.startswith("id: ")]
    after_one = ids[next(n for n, (_, data) in enumerate(first.events) if data.get("msg", {}).get("text") == "一")]
    async with building.stream("GET", path, token=token, **{"last-event-id": after_one}) as back:
        await back.until(lambda: "二" in back.text)
        assert [data["msg"]["text"] for _, data in back.events if data["t"] == "msg"] == ["二"]


@pytest.mark.parametrize("position", GARBAGE)
async def test_a_position_that_nobody_gave_out_is_refused_at_both_doors(building: Building, position: str) -> None:
    token, conversation = await building.visitor()
    path = f"/v1/conversations/{conversation.id}"
    sent = position.encode().decode("latin-1")
    check_problem(await building.ask("GET", f"{path}/stream", token=token, headers={"last-event-id": sent}), 422)
    from urllib.parse import quote

    check_problem(await building.ask("GET", f"{path}/events?wait=0&cursor={quote(position)}", token=token), 422)


@pytest.mark.parametrize("query", ["wait=26", "wait=-1", "wait=x", "after=-1", "after=1e3", "wait=1&wait=2"])
async def test_a_poll_with_numbers_that_are_none_is_refused(building: Building, query: str) -> None:
    token, conversation = await building.visitor()
    check_problem(await building.ask("GET", f"/v1/conversations/{conversation.id}/events?{query}", token=token), 422)


async def test_a_quiet_stream_is_kept_alive_by_comments(building: Building, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("miaohui.channels.web.sse.HEARTBEAT_SECONDS", 0.02)
    token, conversation = await building.visitor()
    async with building.stream("GET", f"/v1/conversations/{conversation.id}/stream", token=token) as stream:
        await stream.until(lambda: stream.text.count(": hb\n\n") >= 2)
        assert not stream.ended


async def test_a_stream_that_is_not_read_is_cut_and_says_come_back(building: Building) -> None:
    doors = building.again(queue_frames=8)
    token, conversation = await building.visitor()
    path = f"/v1/conversations/{conversation.id}/stream"
    async with doors.stream("GET", path, token=token) as slow, doors.stream("GET", path, token=token) as quick:
        await slow.until(lambda: '"resumed"' in slow.text)
        slow.reading.clear()
        for n in range(14):
            await speak(building, conversation, f"慢{n}")
            await asyncio.sleep(0)
        slow.reading.set()
        await slow.until(lambda: slow.ended)
        assert slow.events[-1][1]["t"] == "goaway"
        await quick.until(lambda: "慢13" in quick.text)
        assert not quick.ended
    ids = [line.removeprefix("id: ") for line in slow.text.split("\n") if line.startswith("id: ")]
    async with building.stream("GET", path, token=token, **{"last-event-id": ids[-1]}) as back:
        await back.until(lambda: "慢13" in back.text)
    seen = [data["msg"]["seq"] for _, data in slow.events + back.events if data["t"] == "msg"]
    assert seen == list(range(1, len(seen) + 1))


async def test_streams_and_polls_end_when_the_server_drains(building: Building) -> None:
    doors = building.again()
    token, conversation = await building.visitor()
    path = f"/v1/conversations/{conversation.id}"
    async with doors.stream("GET", f"{path}/stream", token=token) as stream:
        await stream.until(lambda: '"resumed"' in stream.text)
        poll = asyncio.create_task(
            doors.ask("GET", f"{path}/events?epoch={building.house.database.epoch}", token=token)
        )
        await until(lambda: len(doors.app.state.streams._open) == 2)
        doors.app.state.streams.close()
        await stream.until(lambda: stream.ended)
        assert stream.events[-1][1]["t"] == "goaway"
        assert (await poll).status == 200


async def test_a_stream_of_another_visitor_does_not_exist(building: Building) -> None:
    (token, _), (_, anothers) = await building.visitor(), await building.visitor()
    for door in ("stream", "events?wait=0"):
        check_problem(await building.ask("GET", f"/v1/conversations/{anothers.id}/{door}", token=token), 404)


# Long poll


async def test_a_poll_waits_for_news_and_its_cursor_misses_and_repeats_nothing(building: Building) -> None:
    token, conversation = await building.visitor()
    path = f"/v1/conversations/{conversation.id}/events"
    first = (await building.ask("GET", f"{path}?wait=0", token=token)).json()
    waiting = asyncio.create_task(building.ask("GET", f"{path}?wait=5&cursor={first['cursor']}", token=token))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await speak(building, conversation, "news")
    page = (await waiting).json()
    texts = [frame["msg"]["text"] for frame in page["data"] if frame["t"] == "msg"]
    again = (await building.ask("GET", f"{path}?wait=0&cursor={page['cursor']}", token=token)).json()
    texts += [frame["msg"]["text"] for frame in again["data"] if frame["t"] == "msg"]
    assert texts.count("news") == 1
    assert [frame["t"] for frame in again["data"]] == ["resumed"] or "news" in str(again)


async def test_a_poll_without_news_ends_in_time_and_stands_where_it_stood(building: Building) -> None:
    token, conversation = await building.visitor()
    path = f"/v1/conversations/{conversation.id}/events"
    first = (await building.ask("GET", f"{path}?wait=0", token=token)).json()
    async with asyncio.timeout(3):
        second = (await building.ask("GET", f"{path}?wait=1&cursor={first['cursor']}", token=token)).json()
    assert [frame["t"] for frame in second["data"]] == ["resumed"]
    assert second["cursor"] == first["cursor"]


async def test_what_ends_between_two_polls_is_still_told(building: Building, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("miaohui.channels.web.sse._GATHER_SECONDS", 0.0)
    token, conversation = await building.visitor()
    path = f"/v1/conversations/{conversation.id}"
    first = (await building.ask("GET", f"{path}/events?wait=0", token=token)).json()
    told: list[str] = []
    cursor = first["cursor"]
    await building.ask("POST", f"{path}/messages", token=token, json={"text": "如何退货?"})
    for _ in range(40):
        page = (await building.ask("GET", f"{path}/events?wait=1&cursor={cursor}", token=token)).json()
        told += [frame["t"] for frame in page["data"]]
        cursor = page["cursor"]
        if "stream.end" in told:
            break
        if "stream.delta" in told:
            await until(lambda: not building.house.turns._owed)  # the answer ends while nobody polls
    assert told.count("stream.open") == told.count("stream.end") == told.count("turn.end") == 1


# A streamed question


ASK = {"visitor_id": "v-stream", "question": "如何退货?"}


async def test_a_streamed_answer_is_its_pieces_and_ends_with_the_whole(building: Building) -> None:
    async with building.stream("POST", "/v1/chat", token=building.ours.key, json=ASK) as answer:
        await answer.until(lambda: answer.ended)
        names = [name for name, _ in answer.events]
        assert names[0] == "open"
        assert names[-1] == "end"
        assert set(names[1:-1]) == {"delta"}
        whole = answer.events[-1][1]
        assert "".join(data["text"] for name, data in answer.events if name == "delta") == whole["answer"]
        assert answer.events[0][1]["turn_id"] == whole["turn_id"]
        assert {"ratelimit", "ratelimit-policy"} <= set(answer.headers)


async def test_a_streamed_question_again_gives_the_same_answer_once_more(building: Building) -> None:
    ends = []
    for _ in range(2):
        async with building.stream(
            "POST", "/v1/chat", token=building.ours.key, json=ASK, **{"idempotency-key": "stream-again"}
        ) as answer:
            await answer.until(lambda answer=answer: answer.ended)
            ends.append(answer.events[-1])
    assert ends[0] == ends[1]
    assert ends[0][0] == "end"


async def test_an_answer_that_does_not_come_in_time_is_an_error_event(
    building: Building, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(_tenant: str, _turn: str) -> None:
        raise TimeoutError

    monkeypatch.setattr(building.house.turns, "follow", never)
    async with building.stream("POST", "/v1/chat", token=building.ours.key, json=ASK) as answer:
        await answer.until(lambda: answer.ended)
        name, problem = answer.events[-1]
        assert (name, problem["code"], problem["status"]) == ("error", "turn_timeout", 503)
    check_problem(await building.ask("POST", "/v1/chat", token=building.ours.key, json=ASK), 503)


async def test_a_quiet_answer_is_kept_alive_and_a_reader_who_leaves_costs_nobody(
    building: Building, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = asyncio.Event()
    follow = building.house.turns.follow

    async def late(tenant: str, turn: str) -> object:
        await go_on.wait()
        return await follow(tenant, turn)

    monkeypatch.setattr("miaohui.channels.web.chat.PING_SECONDS", 0.02)
    monkeypatch.setattr(building.house.turns, "follow", late)
    async with building.stream("POST", "/v1/chat", token=building.ours.key, json=ASK) as answer:
        await answer.until(lambda: answer.text.count(": ping\n\n") >= 2)
        opened = answer.events[0][1]
    go_on.set()
    monkeypatch.undo()
    result = await building.house.turns.follow(building.ours.tenant.id, opened["turn_id"])
    assert result.state == "answered"


async def test_a_question_that_is_refused_is_a_problem_and_no_stream(
    building: Building, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> None:
        raise Unavailable("Too much.", code="overloaded", retry_after_s=1.5)

    monkeypatch.setattr(building.house.turns, "accept", refuse)
    answer = await building.ask(
        "POST", "/v1/chat", token=building.ours.key, json=ASK, headers={"accept": "text/event-stream"}
    )
    check_problem(answer, 503)
    assert answer.headers["retry-after"] == "2"

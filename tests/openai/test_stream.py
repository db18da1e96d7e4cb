"""The stream on the wire: what any client of this protocol relies on, byte by byte."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from tests.doors.wire import request_scope
from tests.openai.conftest import TEXT, Door, Opened
from tests.support.waiting import until

ASK = {"model": "miaohui", "messages": [{"role": "user", "content": "如何退货?"}], "stream": True}


async def post(door: Door, ask: Any, **headers: str) -> tuple[int, bytes, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{door.base}/v1/chat/completions",
            data=ask if isinstance(ask, bytes) else msgspec.json.encode(ask),
            headers={"authorization": f"Bearer {door.key}", "content-type": "application/json", **headers},
        ) as answer,
    ):
        return answer.status, await answer.read(), answer.headers


def events_of(body: bytes) -> list[Any]:
    assert body.endswith(b"\n\n")
    lines = [part.removeprefix(b"data: ") for part in body.split(b"\n\n") if part.startswith(b"data: ")]
    return [line if line == b"[DONE]" else msgspec.json.decode(line) for line in lines]


def text_of(events: list[Any]) -> str:
    return "".join(
        choice["delta"].get("content") or ""
        for event in events
        if isinstance(event, dict)
        for choice in event.get("choices", ())
    )


async def test_a_whole_stream_ends_with_done_and_a_broken_one_does_not(door: Door) -> None:
    status, body, headers = await post(door, ASK)
    assert (status, headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    assert headers["x-request-id"]
    assert headers["x-ratelimit-limit"] == "60000"
    events = events_of(body)
    assert events[-1] == b"[DONE]"
    assert text_of(events) == TEXT[:32]

    door.upstream.faults.extend(["error-after"] * 5)
    status, body, _ = await post(door, ASK)
    assert status == 200
    assert b"[DONE]" not in body
    assert events_of(body)[-1]["error"]["type"] == "api_error"
    assert not [e for e in events_of(body) if e.get("choices") and e["choices"][0]["finish_reason"]]


async def test_while_nothing_comes_the_stream_shows_that_it_lives(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("miaohui.channels.openai.attendance.TICK_SECONDS", 0.05)
    monkeypatch.setattr("miaohui.channels.openai.outlets.QUIET_SECONDS", 0.05)
    door.upstream.faults.append("late")
    _, body, _ = await post(door, ASK)
    assert body.startswith(b": ping\n\n: ping\n\n")
    assert text_of(events_of(body)) == "您好"


async def test_a_failure_after_the_first_sign_of_life_is_an_event(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("miaohui.channels.openai.attendance.TICK_SECONDS", 0.05)
    monkeypatch.setattr("miaohui.channels.openai.outlets.QUIET_SECONDS", 0.05)
    door.upstream.faults.extend(["late-error"] * 5)
    status, body, _ = await post(door, ASK)
    assert status == 200
    assert body.startswith(b": ping\n\n")
    assert events_of(body)[-1]["error"]["code"] == "engines_unavailable"


@pytest.mark.parametrize("stream", [True, False])
async def test_a_listed_word_split_over_pieces_never_leaves(opened: Opened, tmp_path: Path, stream: bool) -> None:
    words = tmp_path / "words.txt"
    words.write_text("退货\n", encoding="utf-8")
    async with opened(words_file=words, engine_coalesce_ms=0) as door:
        _, body, _ = await post(door, {**ASK, "stream": stream})
        said = text_of(events_of(body)) if stream else msgspec.json.decode(body)["choices"][0]["message"]["content"]
        assert "退" not in said
        assert said.startswith("您好，商品签收后七天内可以申请")
        assert said.endswith(TEXT[:32][-4:])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'{"model":"miaohui","messages":[{"role":"user","content":"\xff"}]}', 400),
        (b'{"model":"miaohui","messages":[{"role":"user","content":"\\ud800"}]}', 400),
        (b'{"model":"miaohui","messages":' + b"[" * 100_000, 400),
        (b'{"model":"miaohui","tool_choice":' + b"[" * 100_000, 400),
        (b'{"model":"miaohui","messages":null}', 400),
        (b'{"model":"miaohui","messages":[{"role":"user","content":"x"}],"temperature":NaN}', 400),
    ],
)
async def test_bytes_that_are_no_request_are_refused_in_form(door: Door, body: bytes, status: int) -> None:
    got, answer, headers = await post(door, body)
    assert (got, headers["content-type"]) == (status, "application/json")
    assert msgspec.json.decode(answer)["error"]["type"] == "invalid_request_error"
    assert door.upstream.requests == 0


async def test_another_content_type_is_refused(door: Door) -> None:
    status, answer, _ = await post(door, ASK, **{"content-type": "text/plain"})
    assert status == 415
    assert msgspec.json.decode(answer)["error"]["type"] == "invalid_request_error"


async def test_a_server_that_stops_lets_answers_end_and_begins_none(door: Door) -> None:
    door.upstream.faults.append("late")
    running = asyncio.create_task(post(door, ASK))
    await until(lambda: door.upstream.requests == 1)
    draining = asyncio.create_task(door.completions.drain(5))
    await asyncio.sleep(0)
    status, answer, _ = await post(door, ASK)
    assert (status, msgspec.json.decode(answer)["error"]["code"]) == (503, "draining")
    assert not draining.done()
    _, body, _ = await running
    assert events_of(body)[-1] == b"[DONE]"
    await draining


async def test_answers_under_way_are_bounded(opened: Opened) -> None:
    async with opened(running_turns=1) as door:
        door.upstream.faults.append("late")
        running = asyncio.create_task(post(door, ASK))
        await until(lambda: door.upstream.requests == 1)
        status, answer, headers = await post(door, ASK)
        assert (status, msgspec.json.decode(answer)["error"]["code"]) == (503, "overloaded")
        assert headers["retry-after"] == "1"
        assert (await running)[0] == 200
        assert (await post(door, ASK))[0] == 200


async def test_a_client_that_does_not_read_is_cut_off_and_the_provider_is_not_blamed(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("miaohui.channels.openai.attendance.TICK_SECONDS", 0.02)
    monkeypatch.setattr("miaohui.channels.openai.outlets.SLOW_SECONDS", 0.05)
    body, headers = (
        msgspec.json.encode(ASK),
        {"authorization": f"Bearer {door.key}", "content-type": "application/json"},
    )
    incoming = [{"type": "http.request", "body": body, "more_body": False}]
    taken: list[str] = []

    async def receive() -> dict[str, Any]:
        return incoming.pop() if incoming else await asyncio.get_running_loop().create_future()

    async def send(message: Any) -> None:
        taken.append(message["type"])
        if len(taken) > 1:
            await asyncio.get_running_loop().create_future()

    door.upstream.faults.append("stall")
    await door.app(request_scope("POST", "/v1/chat/completions", headers), receive, send)
    assert taken == ["http.response.start", "http.response.body"]
    await until(lambda: door.upstream.aborted == 1, 1.0)
    assert door.completions._running == 0
    assert "engines_unavailable" not in str(await post(door, ASK))


async def test_the_providers_own_names_stay_inside(door: Door) -> None:
    door.upstream.faults.append("401")
    _, body, _ = await post(door, {**ASK, "stream": False})
    assert b"sim" not in body
    assert b"invalid_api_key" not in body

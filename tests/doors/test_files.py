"""Files of all kinds through the one door: who may send which, how they are called, and how they are served."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio
from tests.doors.building import Answer, Building, open_building
from tests.media.samples import BAD, DOCX, GOOD, MP4, PDF, PNG, TXT
from tests.support.clock import ManualClock

from miaohui.channels.server import Server, bind
from miaohui.journal.keeping import Keeping, Terms
from miaohui.wiring.leaving import GOES_WITH_A_CONVERSATION

session_loop = pytest.mark.asyncio(loop_scope="session")
SERVED_INLINE = {"mp3", "ogg", "m4a", "wav", "mp4", "webm"}


async def send(building: Building, token: str, body: bytes, name: str = "", **headers: str) -> Answer:
    path = f"/v1/files?name={quote(name)}" if name else "/v1/files"
    sent = {"content-type": "application/octet-stream", **headers}
    return await building.ask("POST", path, token=token, body=body, headers=sent)


@session_loop
@pytest.mark.parametrize("kind", GOOD)
async def test_each_kind_goes_both_ways_and_is_served_as_what_it_is(building: Building, kind: str) -> None:
    token, conversation = await building.visitor()
    path = f"/v1/conversations/{conversation.id}/messages"
    for who, other in ((token, building.ours.agent), (building.ours.agent, token)):
        sent = await send(building, who, GOOD[kind], f"说明 书.{kind}")
        assert sent.status == 201, sent.body
        view = sent.json()
        assert (view["kind"], view["name"], view["bytes"]) == (kind, f"说明 书.{kind}", len(GOOD[kind]))
        assert view["text"] == f"[说明 书.{kind}]({view['url']})"
        body = {"text": f"请看\n{view['text']}"}
        assert (await building.ask("POST", path, token=who, json=body)).status == 201
        seen = (await building.ask("GET", path, token=other)).json()["data"]
        assert view["text"] in [one["text"].partition("\n")[2] for one in seen]
        shown = await building.ask("GET", view["url"])
        assert (shown.status, shown.body) == (200, GOOD[kind])
        _check_headers(shown, kind, view)


def _check_headers(shown: Answer, kind: str, view: dict[str, Any]) -> None:
    assert shown.headers["content-type"] == view["type"]
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert shown.headers["content-length"] == str(view["bytes"])
    if kind in SERVED_INLINE:
        assert shown.headers["content-disposition"] == "inline"
    else:
        encoded = f"filename*=UTF-8''{quote(view['name'], safe='')}"
        assert shown.headers["content-disposition"] == f'attachment; filename="__ _.{kind}"; {encoded}'


@session_loop
async def test_a_picture_through_this_door_is_a_picture(building: Building) -> None:
    token, _ = await building.visitor()
    view = (await send(building, token, PNG, "屏幕.png")).json()
    assert (view["kind"], view["text"]) == ("png", f"![屏幕.png]({view['url']})")
    assert (await building.ask("GET", view["url"])).headers["content-disposition"] == "inline"


@session_loop
@pytest.mark.parametrize("name", BAD)
async def test_what_is_not_taken_is_refused_for_everybody_with_a_sentence(building: Building, name: str) -> None:
    body, code = BAD[name]
    token, _ = await building.visitor()
    for who in (token, building.ours.agent, building.ours.key):
        refused = await send(building, who, body, name)
        assert (refused.status, refused.json()["code"]) == (415, code)
        assert refused.json()["detail"].endswith(".")


@session_loop
@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("<script>hit=1</script>.pdf", "script .pdf"),
        ("..\\..\\etc\\passwd", "passwd.pdf"),
        ("\u202egnp.exe", "gnp.exe.pdf"),
        ("x](https://evil.example)![y", "evil.example)! y.pdf"),
        ("", "document.pdf"),
    ],
)
async def test_a_name_is_only_words(building: Building, name: str, kept: str) -> None:
    token, _ = await building.visitor()
    view = (await send(building, token, PDF, name)).json()
    assert view["name"] == kept
    shown = await building.ask("GET", view["url"])
    assert quote(kept, safe="") in shown.headers["content-disposition"]
    assert "\n" not in shown.headers["content-disposition"]


@session_loop
async def test_nobody_without_a_credential_or_the_right_sends_any(building: Building) -> None:
    assert (await send(building, "", PDF)).status == 401
    assert (await send(building, "mh_live_no", PDF)).status == 401
    _, weak = await building.house.identity.create_key(building.ours.tenant.id, "weak", ["conversations:read"])
    refused = await send(building, weak, PDF)
    assert (refused.status, refused.json()["code"]) == (403, "missing_scope")
    assert (await building.ask("GET", "/v1/media/med_" + "0" * 32)).status == 404


@session_loop
async def test_an_inbox_takes_pictures_and_no_files_or_files_and_no_pictures(building: Building) -> None:
    token = building.ours.agent
    made = await building.ask("POST", "/v1/inboxes", token=token, json={"name": "无文件", "channel": "web"})
    path = f"/v1/inboxes/{made.json()['id']}"
    assert (made.json()["files"], made.json()["pictures"]) == (True, True)
    for change, refused, taken in (
        ({"files": False}, (PDF, "files_off"), PNG),
        ({"files": True, "pictures": False}, (PNG, "pictures_off"), PDF),
    ):
        assert (await building.ask("PATCH", path, token=token, json=change)).status == 200
        inbox = await building.house.inboxes.get(building.ours.tenant.id, made.json()["id"])
        visitor, _ = await building.visitor(inbox)
        no = await send(building, visitor, refused[0])
        assert (no.status, no.json()["code"]) == (403, refused[1])
        assert (await send(building, visitor, taken)).status == 201
        assert (await send(building, token, refused[0])).status == 201, "agents may"
        body = {"site_key": inbox.site_key}
        told = (await building.ask("POST", "/v1/widget/session", json=body)).json()["inbox"]
        assert told["files"] is inbox.files
        assert ("pdf" in told["file_types"]) is inbox.files


@session_loop
async def test_the_same_upload_again_is_the_same_file(building: Building) -> None:
    token, _ = await building.visitor()
    first, again = [await send(building, token, PDF, "a.pdf", **{"idempotency-key": "f-1"}) for _ in range(2)]
    assert first.json() == again.json()
    other = await send(building, token, DOCX, "a.pdf", **{"idempotency-key": "f-1"})
    assert other.json()["code"] == "idempotency_key_reused"


@session_loop
async def test_a_file_is_played_from_the_middle_and_head_tells_what_it_is(building: Building) -> None:
    url = (await send(building, building.ours.agent, MP4, "a.mp4")).json()["url"]
    size = len(MP4)
    for asked, status, begin, end in (
        ("bytes=0-3", 206, 0, 4),
        ("bytes=10-", 206, 10, size),
        ("bytes=-5", 206, size - 5, size),
        (f"bytes=4-{size + 99}", 206, 4, size),
        ("bytes=0-1,3-4", 200, 0, size),
        ("lines=1-2", 200, 0, size),
        ("bytes=5-2", 200, 0, size),
    ):
        part = await building.ask("GET", url, headers={"range": asked})
        assert (part.status, part.body) == (status, MP4[begin:end]), asked
        assert part.headers["content-length"] == str(end - begin)
        if status == 206:
            assert part.headers["content-range"] == f"bytes {begin}-{end - 1}/{size}"
    beyond = await building.ask("GET", url, headers={"range": f"bytes={size}-"})
    assert (beyond.status, beyond.headers["content-range"]) == (416, f"bytes */{size}")
    head = await building.ask("HEAD", url)
    assert (head.status, head.body) == (200, b"")
    assert (head.headers["content-type"], head.headers["content-length"]) == ("video/mp4", str(size))
    assert head.headers["access-control-allow-origin"] == "*"


@session_loop
async def test_files_of_who_is_erased_are_gone_also_those_that_no_message_names(building: Building) -> None:
    token, conversation = await building.visitor()
    named, loose = [(await send(building, token, PDF, one)).json() for one in ("a.pdf", "b.pdf")]
    others = (await send(building, building.ours.agent, PDF, "a.pdf")).json()
    path = f"/v1/conversations/{conversation.id}/messages"
    assert (await building.ask("POST", path, token=token, json={"text": named["text"]})).status == 201
    given = await building.ask("GET", f"/v1/contacts/{conversation.contact_id}/export", token=building.ours.agent)
    assert [one["name"] for one in given.json()["files"]] == ["a.pdf", "b.pdf"]
    erase = f"/v1/contacts/{conversation.contact_id}/erase"
    assert (await building.ask("POST", erase, token=building.ours.agent, json={})).status == 200
    for one in (named, loose):
        assert (await building.ask("GET", one["url"])).status == 404
    kept = await building.ask("GET", others["url"])
    assert (kept.status, kept.body) == (200, PDF), "the same bytes, sent by somebody else"


@session_loop
async def test_a_file_alone_is_answered_honestly_and_one_with_a_question_for_the_question(building: Building) -> None:
    token, conversation = await building.visitor()
    view = (await send(building, token, PDF, "发票.pdf")).json()
    assert "我看不了" in await _talk(building, token, conversation.id, view["text"])
    said = await _talk(building, token, conversation.id, f"你们几点上班?\n{view['text']}")
    assert "我看不了" not in said


async def _talk(building: Building, token: str, conversation: str, text: str) -> str:
    path = f"/v1/conversations/{conversation}/messages"
    before = len((await building.ask("GET", path, token=token)).json()["data"])
    assert (await building.ask("POST", path, token=token, json={"text": text})).status == 201
    async with asyncio.timeout(10):
        while True:
            said: list[dict[str, Any]] = (await building.ask("GET", path, token=token)).json()["data"]
            if len(said) > before + 1 and said[-1]["sender"]["kind"] != "visitor":
                return str(next(one["text"] for one in reversed(said) if one["sender"]["kind"] == "assistant"))
            await asyncio.sleep(0.02)


async def test_files_go_with_a_conversation_whose_time_is_over(migrated: Path, tmp_path: Path) -> None:
    async with open_building(migrated, tmp_path) as building:
        token, conversation = await building.visitor()
        other, kept = await building.visitor()
        views = []
        for who, here in ((token, conversation), (other, kept)):
            views.append((await send(building, who, PDF, "a.pdf")).json())
            path = f"/v1/conversations/{here.id}/messages"
            assert (await building.ask("POST", path, token=who, json={"text": views[-1]["text"]})).status == 201
        resolve = f"/v1/conversations/{conversation.id}/resolve"
        await asyncio.sleep(0.2)  # the assistant has said that it cannot see it
        assert (await building.ask("POST", resolve, token=building.ours.agent, json={})).status == 200
        clock = ManualClock(building.house.clock.now_ms() + 40 * 86_400_000)
        terms = Terms(conversations_days=30)
        await Keeping(building.house.database, clock, terms, GOES_WITH_A_CONVERSATION).sweep()
        assert [(await building.ask("GET", one["url"])).status for one in views] == [404, 200]


async def test_so_many_a_minute_and_so_much_altogether(migrated: Path, tmp_path: Path) -> None:
    limits: dict[str, Any] = {"visitor_pictures_per_minute": 3, "visitor_files_mb": 1, "file_kb": {"txt": 600}}
    async with open_building(migrated, tmp_path, **limits) as building:
        ann, ben = [(await building.visitor())[0] for _ in range(2)]
        long = TXT * 17_000
        assert (await send(building, ann, long)).status == 201
        assert (await send(building, ann, PDF)).json()["code"] == "file_kind", "not among those that are taken"
        full = await send(building, ann, long + b"!")
        assert (full.status, full.json()["code"]) == (413, "files_full")
        large = await send(building, ben, TXT * 20_000)
        assert (large.status, large.json()["code"]) == (413, "file_large")
        assert (await send(building, ben, TXT)).status == 201
        for _ in range(2):
            await send(building, ben, TXT)
        often = await send(building, ben, TXT)
        assert (often.status, often.json()["code"]) == (429, "throttled")
        assert (await send(building, building.ours.agent, TXT)).status == 201


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def port(building: Building) -> AsyncIterator[int]:
    """A real socket, where a body has little time."""
    doors = building.again(body_seconds=0.6, drain_seconds=0.1, file_kb={"pdf": 6_000}, uploads_at_once=1)
    server = Server(doors.app, bind("127.0.0.1", 0))
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(server.serve(ready.set_result))
    yield int((await ready).rpartition(":")[2])
    server.stop()
    async with asyncio.timeout(10):
        await task


async def over(
    port: int, token: str, pieces: list[bytes], *, declared: int = 0, pause_s: float = 0
) -> tuple[int, bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    size = declared or sum(map(len, pieces))
    head = f"POST /v1/files?name=a.pdf HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
    with suppress(ConnectionError):
        writer.write(f"{head}Content-Type: application/octet-stream\r\nContent-Length: {size}\r\n\r\n".encode())
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause_s)
    answer = b""
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        answer = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", answer)
        answer += await reader.readexactly(int(length[1]) if length else 0)
    writer.close()
    return int(answer[9:12] or 0), answer.partition(b"\r\n\r\n")[2]


def pdf_of(size: int) -> bytes:
    return PDF[:20] + b"x" * (size - 40) + PDF[-20:]


@session_loop
async def test_a_large_file_comes_in_over_a_socket_and_a_larger_one_does_not(building: Building, port: int) -> None:
    token = building.ours.agent
    status, body = await over(port, token, [pdf_of(6_000_000)])
    assert status == 201, body
    assert (await over(port, token, [pdf_of(6_200_000)]))[0] == 413
    assert (await over(port, token, [PDF], declared=30_000_000))[0] == 413
    assert (await over(port, "nobody", [PDF]))[0] == 401


@session_loop
async def test_who_sends_on_has_time_and_who_drips_has_not(building: Building, port: int) -> None:
    whole = pdf_of(5_000_000)
    pieces = [whole[at : at + 1_100_000] for at in range(0, len(whole), 1_100_000)]
    status, _ = await over(port, building.ours.agent, pieces, pause_s=0.25)
    assert status == 201, "longer than the time for a body, a step at a time"
    status, _ = await over(
        port, building.ours.agent, [whole[at : at + 1] for at in range(30)], declared=99, pause_s=0.05
    )
    assert status == 408


@session_loop
async def test_no_more_files_come_in_at_once_than_there_is_room_for(building: Building, port: int) -> None:
    whole = pdf_of(3_000_000)
    slow = asyncio.create_task(over(port, building.ours.agent, [whole[:1_500_000], whole[1_500_000:]], pause_s=0.3))
    await asyncio.sleep(0.15)
    status, body = await over(port, building.ours.agent, [PDF])
    assert (status, b"throttled" in body) == (429, True)
    assert (await slow)[0] == 201
    assert (await over(port, building.ours.agent, [PDF]))[0] == 201

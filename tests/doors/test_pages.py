"""Pages and headers: what may be kept, how small it comes, and from where it may be used."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from tests.doors.building import Building
from tests.doors.test_routes import check_problem

from miaohui.channels.squeeze import Squeezer
from miaohui.inboxes.types import Inbox

pytestmark = pytest.mark.asyncio(loop_scope="session")

SHOP, STRANGER = "https://shop.example", "https://elsewhere.example"
SCRIPT = b"// " + "秒回 reply ".encode() * 500
ZIPPED = {"accept-encoding": "br, gzip;q=0.8"}


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def built(building: Building) -> None:
    static = building.services.static
    for folder in (static.widget, static.console):
        (folder / "assets").mkdir(parents=True)
        (folder / "index.html").write_text("<!doctype html><title>x</title>" + " " * 2000)
        (folder / "assets" / "index-Dk3f9aQ_.js").write_bytes(SCRIPT)
        (folder / "assets" / "logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (static.widget / "widget.js").write_bytes(SCRIPT)


async def test_what_is_named_by_its_content_is_kept_for_good_and_the_rest_is_asked_for_again(
    building: Building,
) -> None:
    hashed = await building.ask("GET", "/console/assets/index-Dk3f9aQ_.js")
    assert hashed.headers["cache-control"] == "public, max-age=31536000, immutable"
    for path in ("/console/", "/console/assets/logo.svg", "/widget.js", "/docs/"):
        answer = await building.ask("GET", path)
        assert (path, answer.status, answer.headers["cache-control"]) == (path, 200, "no-cache")
        again = await building.ask("GET", path, headers={"if-none-match": answer.headers["etag"]})
        assert (path, again.status, again.body) == (path, 304, b"")


async def test_a_folder_that_was_not_built_says_what_to_run_and_is_no_fault(building: Building) -> None:
    answer = await building.ask("GET", "/demo/")
    assert answer.status == 503
    assert b"<code>make run</code>" in answer.body
    building.services.static.demo.mkdir()
    (building.services.static.demo / "index.html").write_text("<!doctype html><title>shop</title>")
    assert (await building.ask("GET", "/demo/")).status == 200


async def test_text_comes_squeezed_to_who_reads_that_and_whole_to_the_rest(building: Building) -> None:
    path = "/console/assets/index-Dk3f9aQ_.js"
    whole = await building.ask("GET", path)
    small = await building.ask("GET", path, headers=ZIPPED)
    assert ("content-encoding" in whole.headers, whole.body) == (False, SCRIPT)
    assert small.headers["content-encoding"] == "gzip"
    assert gzip.decompress(small.body) == SCRIPT
    assert int(small.headers["content-length"]) == len(small.body) < len(SCRIPT) / 10
    assert whole.headers["vary"] == small.headers["vary"] == "accept-encoding"
    assert small.headers["etag"] == "W/" + whole.headers["etag"]
    kept = await building.ask("GET", path, headers={**ZIPPED, "if-none-match": small.headers["etag"]})
    assert kept.status == 304
    for name in ("cache-control", "content-type", "content-security-policy", "last-modified"):
        assert whole.headers[name] == small.headers[name]


@pytest.mark.parametrize("accept", ["", "identity", "gzip;q=0", "br"])
async def test_who_does_not_read_gzip_gets_none(building: Building, accept: str) -> None:
    answer = await building.ask("GET", "/widget.js", headers={"accept-encoding": accept})
    assert ("content-encoding" in answer.headers, answer.body) == (False, SCRIPT)


async def test_a_part_of_a_file_and_a_small_file_are_not_squeezed(building: Building) -> None:
    part = await building.ask("GET", "/widget.js", headers={**ZIPPED, "range": "bytes=0-9"})
    assert (part.status, part.body) == (206, SCRIPT[:10])
    small = await building.ask("GET", "/console/assets/logo.svg", headers=ZIPPED)
    assert "content-encoding" not in small.headers


async def test_a_file_that_changed_is_squeezed_anew_and_past_the_bound_nothing_is_kept(tmp_path: Path) -> None:
    from starlette.requests import Request
    from starlette.responses import FileResponse, Response

    async def get(squeezer: Squeezer, file: Path) -> Response:
        request = Request({"type": "http", "headers": [(b"accept-encoding", b"gzip")]})
        return await squeezer.squeeze(FileResponse(file, stat_result=status_of(file)), request)

    one, other = tmp_path / "one.js", tmp_path / "other.js"
    one.write_bytes(SCRIPT)
    other.write_bytes(SCRIPT)
    squeezer = Squeezer(kept_bytes=1)
    assert gzip.decompress(bytes((await get(squeezer, one)).body)) == SCRIPT
    assert isinstance(await get(squeezer, other), FileResponse)
    roomy = Squeezer()
    await get(roomy, one)
    one.write_bytes(SCRIPT * 2)
    assert gzip.decompress(bytes((await get(roomy, one)).body)) == SCRIPT * 2


def status_of(file: Path) -> os.stat_result:
    return file.stat()


@pytest.mark.parametrize("path", ["/console/../building.py", "/widget/%2e%2e/x", "/docs/..%2f..%2froutes.py"])
async def test_no_file_outside_its_folder_is_served(building: Building, path: str) -> None:
    assert (await building.ask("GET", path)).status in {404, 400}


# Headers


async def test_every_answer_says_how_it_may_be_used(building: Building) -> None:
    for path in ("/v1/me", "/docs/", "/console/", "/healthz", "/v1/nothing", "/widget.js"):
        headers = (await building.ask("GET", path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "default-src" in headers["content-security-policy"]
        assert "'unsafe-eval'" not in headers["content-security-policy"]
        assert "script-src 'unsafe-inline'" not in headers["content-security-policy"]
        assert "server" not in headers
    for path in ("/docs/", "/console/", "/v1/me"):
        assert "frame-ancestors 'none'" in (await building.ask("GET", path)).headers["content-security-policy"]
    assert (await building.ask("GET", "/v1/me", token=building.ours.agent)).headers["cache-control"] == "no-store"


async def test_no_answer_lets_a_foreign_page_use_our_cookies(building: Building) -> None:
    asked = {"origin": STRANGER, "access-control-request-method": "POST"}
    for path in ("/v1/auth/refresh", "/v1/chat", "/v1/widget/session", "/v1/me"):
        for answer in (
            await building.ask("OPTIONS", path, headers=asked),
            await building.ask("POST", path, json={}, headers={"origin": STRANGER}),
        ):
            assert "access-control-allow-credentials" not in answer.headers
            assert answer.headers.get("access-control-allow-origin", "*") == "*"


# Inboxes with a list of origins


async def shop(building: Building) -> Inbox:
    inbox = await building.house.inboxes.create(building.ours.tenant.id, "shop")
    return await building.house.inboxes.change(msgspec.structs.replace(inbox, allowed_origins=(SHOP,)))


@pytest.mark.parametrize(("origin", "status"), [(SHOP, 200), (STRANGER, 403), ("null", 403), ("", 200)])
async def test_a_widget_begins_on_the_inboxs_own_pages_only(building: Building, origin: str, status: int) -> None:
    inbox = await shop(building)
    headers = {"origin": origin} if origin else {}
    answer = await building.ask("POST", "/v1/widget/session", json={"site_key": inbox.site_key}, headers=headers)
    assert answer.status == status
    if status == 403:
        check_problem(answer, 403)
        assert answer.json()["code"] == "origin_not_allowed"
        assert "access-control-allow-origin" not in answer.headers


async def test_a_visitors_token_is_of_no_use_to_a_foreign_page(building: Building) -> None:
    token, conversation = await building.visitor(await shop(building))
    for method, path in (
        ("GET", f"/v1/conversations/{conversation.id}/messages"),
        ("GET", f"/v1/conversations/{conversation.id}/events?wait=0"),
        ("POST", f"/v1/conversations/{conversation.id}/messages"),
    ):
        body = {"text": "x"} if method == "POST" else None
        refused = await building.ask(method, path, token=token, json=body, headers={"origin": STRANGER})
        check_problem(refused, 403)
        allowed = await building.ask(method, path, token=token, json=body, headers={"origin": SHOP})
        assert allowed.status in {200, 201}
    assert len(await building.house.conversations.messages(conversation)) >= 1

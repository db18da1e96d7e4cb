"""One wire for the APIs of WeChat and WeCom."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

import pytest

from miaohui.channels.media.files import File
from miaohui.channels.threads.errors import Unanswered
from miaohui.channels.wechat.wire import Said, Wire
from miaohui.kit.fetch import Ask, Fetched, Limits, Unreachable

ODD = "a+b&c=d/é"


class Vendor:
    """Answers one thing, and remembers what it was asked."""

    def __init__(
        self, body: bytes = b'{"errcode": 7}', *, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        kind = {"content-type": "application/json"}
        self.answer = Fetched(url="", status=status, headers=headers or kind, body=body)
        self.asked: list[Ask] = []

    async def fetch(self, ask: Ask, limits: Limits | None = None) -> Fetched:
        self.asked.append(ask)
        return self.answer


class Nobody:
    async def fetch(self, ask: Ask, limits: Limits | None = None) -> Fetched:
        raise Unreachable("away", code="timeout")


def wire(vendor: Vendor | Nobody) -> Wire[Said]:
    return Wire(vendor, "https://api.example.com/", "The vendor", Said)


async def test_a_token_stands_in_every_address_as_it_is_and_nothing_behind_it_is_read_as_another_field() -> None:
    vendor = Vendor()
    at = wire(vendor)
    await at.call("/cgi-bin/x", ODD, {})
    await at.upload(ODD, File(name="picture.png", type="image/png", body=b"png"), "image")
    await at.download(ODD, ODD)
    for ask in vendor.asked:
        assert parse_qs(urlsplit(ask.url).query)["access_token"] == [ODD]
    assert parse_qs(urlsplit(vendor.asked[2].url).query)["media_id"] == [ODD]
    assert [urlsplit(ask.url).path for ask in vendor.asked] == [
        "/cgi-bin/x", "/cgi-bin/media/upload", "/cgi-bin/media/get",
    ]  # fmt: skip


async def test_an_answer_is_read_whatever_its_code() -> None:
    assert await wire(Vendor()).post("/x", {}) == Said(errcode=7)


@pytest.mark.parametrize(
    ("vendor", "code"),
    [(Nobody(), "timeout"), (Vendor(status=502), "http_502"), (Vendor(b"<html>"), "unreadable")],
    ids=["nothing", "an error of its own", "something else"],
)
async def test_what_is_no_answer_is_told_by_a_code(vendor: Vendor | Nobody, code: str) -> None:
    with pytest.raises(Unanswered) as raised:
        await wire(vendor).get("/x")
    assert raised.value.code == code


async def test_a_file_comes_as_it_is_and_a_refusal_as_what_was_said() -> None:
    voice = Vendor(b"amr", headers={"content-type": "audio/amr"})
    assert await wire(voice).download("t", "m") == b"amr"
    assert await wire(Vendor(b'{"errcode": 40007}')).download("t", "m") == Said(errcode=40007)

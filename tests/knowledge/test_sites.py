"""Pages become articles through the guarded fetcher, and a broken page costs only itself."""

from __future__ import annotations

import asyncio

import pytest

from miaohui.kit.errors import Invalid
from miaohui.kit.fetch import Ask, Fetched, Fetcher, Limits, Unreachable
from miaohui.knowledge import sites
from miaohui.knowledge.service import Knowledge
from miaohui.knowledge.sites import read_site

HTML = "text/html; charset=utf-8"
MAP = b"""<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://shop.example/fee</loc></url>
<url><loc>http://169.254.169.254/latest</loc></url></urlset>"""
PAGES = {
    "https://shop.example/fee": (HTML, b"<h1>Shipping</h1><p>Free above 99 yuan.</p>"),
    "https://shop.example/map.xml": (
        "application/xml",
        MAP,
    ),
    "https://shop.example/bomb.xml": ("application/xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
    "https://shop.example/film": ("video/mp4", b"\x00"),
    "https://shop.example/note": ("text/plain", "周末照常发货。".encode("gbk")),
}


class Web:
    """Answers from `PAGES`."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def fetch(self, ask: Ask, limits: Limits | None = None) -> Fetched:
        self.asked.append(ask.url)
        await asyncio.sleep(0)
        if ask.url not in PAGES:
            raise Unreachable("The address did not answer in time.", code="timeout")
        kind, body = PAGES[ask.url]
        return Fetched(status=200, headers={"content-type": kind}, body=body, url=ask.url)


async def test_pages_and_a_sitemaps_own_pages_are_read() -> None:
    web = Web()
    read = await read_site(web, ["https://shop.example/map.xml", "https://shop.example/note"])
    assert {draft.title for draft in read.drafts.values()} == {"Shipping", "note"}
    assert read.problems == ()
    assert "http://169.254.169.254/latest" not in web.asked


async def test_what_cannot_be_read_is_named_and_the_rest_is_read() -> None:
    bad = ["https://shop.example/film", "https://shop.example/gone", "https://shop.example/bomb.xml"]
    read = await read_site(Web(), [*bad, "https://shop.example/fee"])
    assert {problem.source for problem in read.problems} == set(bad)
    assert list(read.drafts) == ["https://shop.example/fee"]


async def test_too_many_pages_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sites, "MOST_PAGES", 1)
    with pytest.raises(Invalid):
        await read_site(Web(), ["https://shop.example/fee", "https://shop.example/note"])


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/a", "http://169.254.169.254/", "file:///etc/passwd", "http://[::1]/"]
)
async def test_addresses_inside_the_network_are_never_asked(url: str) -> None:
    async with Fetcher() as fetcher:
        read = await read_site(fetcher, [url])
    assert (len(read.drafts), [problem.source for problem in read.problems]) == (0, [url])


async def test_a_page_read_again_is_brought_up_to_date_and_others_stay(knowledge: Knowledge) -> None:
    read = await read_site(Web(), ["https://shop.example/fee"])
    await knowledge.import_drafts("ten", read, all_of_them=False)
    other = await read_site(Web(), ["https://shop.example/note"])
    report = await knowledge.import_drafts("ten", other, all_of_them=False)
    assert (report.added, report.deleted) == (1, 0)
    assert len(await knowledge.list_articles("ten")) == 2

"""Where visitors are: what is kept of an address, the last page alone, and for how long."""

from __future__ import annotations

import pytest
from tests.support.clock import ManualClock

from miaohui.contacts.pages import LONGEST_URL, browser_of, clean_title, clean_url, language_of
from miaohui.contacts.repository import forget_visits
from miaohui.contacts.types import Page
from miaohui.contacts.visits import Visits
from miaohui.kit.database import Database

SHOP = "https://shop.example.com"


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        (f"{SHOP}/p/42?size=L&keyword=鞋#pay", f"{SHOP}/p/42?size=L&keyword=%E9%9E%8B"),
        (f"{SHOP}?shipping=fast&design=3&author=lin", f"{SHOP}/?shipping=fast&design=3&author=lin"),
        (f"{SHOP}/a?size=L&token=x&access_token=y&resetToken=z", f"{SHOP}/a?size=L"),
        (f"{SHOP}/a?code=4711&sid=1&api_key=k&Email=x&q=li@example.com&to=13800138000", f"{SHOP}/a"),
        (f"{SHOP}/a?r=eyJhbGciOiJIUzI1NiJ9&h=0123456789abcdef01234567", f"{SHOP}/a"),
        (f"{SHOP}/reset/9f86d081884c7d659a2feaa0c55ad015/now", f"{SHOP}/reset/*/now"),
        (f"{SHOP}/women/shoes-and-boots-for-the-winter", f"{SHOP}/women/shoes-and-boots-for-the-winter"),
        ("https://li:secret@shop.example.com:8443/x", "https://shop.example.com:8443/x"),
        ("http://[::1]:80/x", "http://[::1]:80/x"),
        ("HTTPS://SHOP.example.com/商品 1", "https://shop.example.com/%E5%95%86%E5%93%81%201"),
    ],
)
def test_of_an_address_what_opens_nothing_is_kept(address: str, kept: str) -> None:
    assert clean_url(address) == kept
    assert clean_url(kept) == kept


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//x/y", "x", "", "http://", "http://[x", "http://a:b/",
     "http://<script>/", "https://a\u202eb/"],
)  # fmt: skip
def test_what_is_no_page_of_the_web_is_nothing(address: str) -> None:
    assert clean_url(address) == ""


def test_an_endless_address_is_cut() -> None:
    assert clean_url(f"{SHOP}/a?" + "&".join(f"a{n}=b" for n in range(600))) == f"{SHOP}/a"
    assert len(clean_url(f"{SHOP}/" + "b/" * 900)) == LONGEST_URL


def test_a_title_is_one_line_of_text() -> None:
    assert clean_title(" 云杉\n\t商城\u202e <b> ") == "云杉 商城 <b>"
    assert len(clean_title("x" * 500)) == 200


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36", "Chrome 130 · Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36 Edg/130.0", "Edge 130 · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari 18 · iPhone"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/116.0 MicroMessenger/8.0.49", "WeChat 8 · Android"),
        ("curl/8.0", ""),
        ("Chrome/<b>", "Chrome"),
    ],
)
def test_a_browser_is_told_by_what_it_says_of_itself(agent: str, said: str) -> None:
    assert browser_of(agent) == said


def test_a_language_is_the_first_that_is_asked_for() -> None:
    assert [language_of(one) for one in ("zh-CN,zh;q=0.9", "en", "*", "<b>", "")] == ["zh-CN", "en", "", "", ""]


async def test_only_the_last_page_is_kept_and_where_they_came_from_first(database: Database) -> None:
    clock = ManualClock()
    visits = Visits(database, clock)
    assert await visits.note("ten_1", "cont_1", Page(url=f"{SHOP}/a", referrer="https://search.example/?q=shoes"))
    began = clock.now_ms()
    clock.advance(60)
    assert await visits.note("ten_1", "cont_1", Page(url=f"{SHOP}/b", title="B"))
    clock.advance(60)
    assert await visits.note("ten_1", "cont_1", Page(url=f"{SHOP}/b", title="B (1)"))
    found = await visits.find("ten_1", "cont_1")
    assert found is not None
    assert (found.page.url, found.page.title) == (f"{SHOP}/b", "B (1)")
    assert found.page.referrer == "https://search.example/?q=shoes"
    assert (found.since_ms - began, found.seen_at_ms - began) == (60_000, 120_000)
    assert await visits.find("ten_2", "cont_1") is None


async def test_what_is_no_page_leaves_the_last_one_where_it_is(database: Database) -> None:
    visits = Visits(database, ManualClock())
    await visits.note("ten_1", "cont_1", Page(url=f"{SHOP}/a"))
    assert not await visits.note("ten_1", "cont_1", Page(url="javascript:alert(1)"))
    found = await visits.find("ten_1", "cont_1")
    assert found is not None
    assert found.page.url == f"{SHOP}/a"


async def test_a_page_is_forgotten_when_its_time_is_over_and_not_before(database: Database) -> None:
    clock = ManualClock()
    visits = Visits(database, clock)
    await visits.note("ten_1", "cont_1", Page(url=f"{SHOP}/a"))
    for before, left in ((clock.now_ms(), True), (clock.now_ms() + 1, False)):
        await database.write(lambda before=before: forget_visits("ten_1", before))  # type: ignore[misc]
        assert (await visits.find("ten_1", "cont_1") is not None) is left

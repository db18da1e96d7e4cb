"""A conversation that begins in WeChat and ends with a rating: a played WeChat on one side, browsers on the other."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import aiohttp
import msgspec
import pytest
from aiohttp import web
from playwright.sync_api import expect
from tests.e2e import shop
from tests.e2e.agent import Agent
from tests.e2e.place import Place, place_in
from tests.e2e.test_pictures import SMALL
from tests.e2e.test_two_agents import opens_a_ticket
from tests.e2e.visitor import Visitor
from tests.support.servers import free_port
from tests.wechat.street import ACCOUNT

from miaohui.channels.wechat.types import Account
from miaohui.kit.clock import SystemClock
from miaohui.testing.wechat import FakeWeChat, Shown, http_node

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]
T = TypeVar("T")
FOLLOWER = "o_mei"


class Phone:
    """WeChat and one follower of the company's account, on a loop of their own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        account = msgspec.convert({**ACCOUNT, "inbox_id": "", "tenant_id": ""}, Account)
        self.wechat = self.do(self._make(account))
        self.runner = web.AppRunner(self.wechat.application())
        self.url = self.do(self._listen())
        self.written = 0

    async def _make(self, account: Account) -> FakeWeChat:
        return FakeWeChat(account, SystemClock(), call_s=0.0)

    async def _listen(self) -> str:
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        self._http = aiohttp.ClientSession()
        return f"http://127.0.0.1:{self.runner.addresses[0][1]}"

    def do(self, work: Awaitable[T]) -> T:
        """Have it done over there."""

        async def doing() -> T:
            return await work

        return asyncio.run_coroutine_threadsafe(doing(), self._loop).result(30)

    def meet(self, callback: str) -> None:
        """Where WeChat calls from now on."""
        self.wechat.nodes = [http_node(self._http, callback)]

    def write(self, text: str) -> None:
        """The follower writes; back when it was answered, in whatever way."""
        self.written += 1
        self.do(self.wechat.say(FOLLOWER, text, f"77{self.written}"))

    def send_picture(self) -> None:
        """The follower sends one from the phone."""
        self.written += 1
        self.wechat.files["from-phone"] = SMALL
        fields = {"MsgType": "image", "MediaId": "from-phone", "MsgId": f"77{self.written}"}
        self.do(self.wechat.deliver(FOLLOWER, fields))

    def reads(self, fits: Callable[[Shown], bool]) -> Shown:
        """Wait for something on the phone's screen."""

        async def read() -> Shown:
            async with asyncio.timeout(20):
                while not (found := [one for one in self.wechat.shown if fits(one)]):  # noqa: ASYNC110 -- no event there
                    await asyncio.sleep(0.05)
            return found[0]

        return self.do(read())

    def close(self) -> None:
        """Hang up."""
        self.do(self._http.close())
        self.do(self.runner.cleanup())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


@pytest.fixture
def phone() -> Iterator[Phone]:
    made = Phone()
    yield made
    made.close()


@pytest.fixture
def place(phone: Phone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """The shop, with the account as one of its doors."""
    port = free_port()
    monkeypatch.setattr(shop, "free_port", lambda: port)
    monkeypatch.setenv("MIAOHUI_WECHAT_API_URL", phone.url)
    monkeypatch.setenv("MIAOHUI_PUBLIC_URL", f"http://127.0.0.1:{port}")
    with place_in(tmp_path) as made:
        yield made


@contextmanager
def window(browser: Browser, **options: Any) -> Iterator[Any]:
    context = browser.new_context(locale="zh-CN", **options)
    yield context.new_page()
    context.close()


def set_up(place: Place, phone: Phone) -> str:
    """The account behind an inbox of its own; the inbox's site key."""
    inbox = place.ask("POST", "/v1/inboxes", {"name": "云杉公众号", "channel": "wechat"})
    path = f"/v1/inboxes/{inbox['id']}/wechat"
    phone.meet(place.base + place.ask("POST", path, ACCOUNT)["callback"])
    return str(inbox["site_key"])


def test_from_wechat_over_the_assistant_an_agent_a_picture_and_a_ticket_to_the_rating(
    browser: Browser, place: Place, phone: Phone
) -> None:
    site_key = set_up(place, phone)
    phone.write("怎么退货?")
    answer = phone.reads(lambda one: bool(one.text))
    assert answer.how == "passive"
    assert "退" in answer.text
    phone.write("转人工")
    listed = place.ask("GET", "/v1/conversations?status=open")["data"]
    (conversation,) = [one["id"] for one in listed]

    with window(browser, viewport={"width": 1440, "height": 900}) as desk, window(browser) as page:
        person = place.facts["agents"][0]
        agent = Agent(desk, place.base).log_in(person["email"], person["password"])
        agent.show("排队")
        agent.open(conversation)
        expect(agent.bubbles("visitor").first).to_contain_text("怎么退货?")
        expect(agent.bubbles("assistant").first).to_be_visible()
        agent.press("领取")
        expect(agent.page.get_by_text("由我处理")).to_be_visible()
        agent.reply("您好, 我是小陈, 请发一张照片。")
        phone.reads(lambda one: one.how == "api" and "我是小陈" in one.text)

        shows_pictures_both_ways(phone, agent)
        opens_a_ticket(agent)
        is_rated(phone, agent, page, f"{place.base}/c/{site_key}")
        assert agent.faults == []

    checks_the_records(place, phone, conversation)


def shows_pictures_both_ways(phone: Phone, agent: Agent) -> None:
    """The follower's is seen in the console; the agent's is uploaded there, and seen on the phone."""
    phone.send_picture()
    shown = agent.bubbles("visitor").last.get_by_role("button", name="看大图: 图片")
    expect(shown).to_be_visible()
    agent.attach({"name": "寄回步骤.png", "mimeType": "image/png", "buffer": SMALL})
    agent.reply("请照这张图寄回")
    expect(agent.bubbles("agent").last.get_by_role("img", name="寄回步骤.png")).to_be_visible()
    assert phone.reads(lambda one: bool(one.picture)).picture == SMALL
    assert phone.reads(lambda one: "请照这张图" in one.text).how == "api"


def is_rated(phone: Phone, agent: Agent, page: Any, address: str) -> None:
    """A link to the widget says who comes by it; there, once it is over, the follower gives five stars."""
    agent.reply(f"处理好了, 请在这里评价: {address}")
    link = re.search(r"http://\S+ticket=\S+", phone.reads(lambda one: "ticket=" in one.text).text)
    assert link is not None
    page.goto(link[0])
    follower = Visitor(page)
    expect(follower.window.locator(".thread")).to_contain_text("我是小陈")
    assert "ticket=" not in page.url
    agent.page.get_by_role("button", name=re.compile("^(解决|标记为已解决|已解决)")).first.click()
    stars = follower.window.get_by_role("button", name="非常满意")
    stars.click()
    expect(stars).to_have_attribute("aria-pressed", "true")
    expect(agent.page.get_by_text("访客打了 5 分")).to_have_count(1)


def checks_the_records(place: Place, phone: Phone, conversation: str) -> None:
    """Everything was said once, in one order, and the assistant was silent after the take-over."""
    thread = place.ask("GET", f"/v1/conversations/{conversation}/messages?limit=200")["data"]
    assert [one["seq"] for one in thread] == list(range(1, len(thread) + 1))
    said = [one["sender"]["kind"] for one in thread if one["kind"] == "text"]
    assert said.index("agent") > max(at for at, one in enumerate(said) if one == "assistant")
    assert said.count("visitor") == 3
    tickets = place.ask("GET", "/v1/tickets?limit=50")["data"]
    assert [one["conversation_id"] for one in tickets if one["subject"] == "退货: 核对单号"] == [conversation]
    sent = place.ask("GET", f"/v1/conversations/{conversation}/sendings")["data"]
    assert {one["state"] for one in sent} == {"sent"}
    words = [one.text for one in phone.wechat.shown if one.text]
    assert len(words) == len(set(words))

"""What anybody wrote is text wherever an agent sees it: no page of the console runs a letter of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from tests.e2e.agent import Agent
from tests.e2e.moving import come_to_rest, go, new_page, seated
from tests.e2e.place import Place, place_in
from tests.e2e.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CORPUS = (
    "<script>hit=1</script>",
    "<img src=x onerror=hit=1>",
    '"><svg/onload=hit=1>',
    "<iframe srcdoc='<script>top.hit=1</script>'>",
    "[x](javascript:hit=1)",
    "![x](https://evil.example/?q=1)",
    "<a href='vbscript:hit=1'>x</a>",
    "</textarea><script>hit=1</script>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=hit=1>",
    "'-hit=1-'${hit=1}{{hit=1}}",
    "<style>@import'https://evil.example/'</style>",
    "\u202e<b onmouseover=hit=1>",
)
PLAIN = tuple(one for one in CORPUS if not one.startswith(("[", "![", "\u202e")))
"""Those that no markup stands for, so that they are shown letter by letter."""

GUARD = """
window.told = [];
addEventListener('securitypolicyviolation', (event) => told.push(event.violatedDirective + ' ' + event.blockedURI));
"""
RUNS = """() => {
  const bad = [...document.querySelectorAll('*')].filter((one) =>
    [...one.attributes].some((its) => /^on/i.test(its.name) || /^\\s*(javascript|vbscript):/i.test(its.value)) ||
    /^(base|object|embed|form-x|math|mglyph)$/.test(one.localName) ||
    (one.localName === 'iframe' && one.hasAttribute('srcdoc')) ||
    (one.localName === 'img' && !one.src.startsWith(location.origin) && !/^(data|blob):/.test(one.src)) ||
    (one.localName === 'script' && one.textContent.includes('hit')));
  return { hit: window.hit ?? null, told: window.told, bad: bad.map((one) => one.outerHTML.slice(0, 200)) };
}"""
"""What came to life of what was written: nothing may."""


class Sown:
    """The corpus in every field that an agent can see."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.conversations: dict[str, str] = {}
        self.tickets: dict[str, str] = {}
        for number, evil in enumerate(CORPUS):
            self._sow(number, evil)
        place.ask("POST", "/v1/inboxes", {"name": CORPUS[1], "channel": "web"})
        place.ask("POST", "/v1/keys", {"name": CORPUS[0], "scopes": ["chat"]})
        body = {"url": "https://example.com/?q=<script>hit=1</script>", "events": ["message.created"]}
        place.ask("POST", "/v1/webhooks", body)

    def _sow(self, number: int, evil: str) -> None:
        place, visitor = self.place, self.place.visitor()
        here = place.begin(visitor, evil, "转人工")
        contact = place.ask("GET", f"/v1/conversations/{here}")["contact"]["id"]
        body = {"name": evil[:200], "attributes": {evil[:64]: evil, "page": evil, "referrer": evil}}
        place.ask("PATCH", f"/v1/contacts/{contact}", body)
        place.ask("POST", f"/v1/conversations/{here}/messages", {"text": f"{evil} @all", "note": True})
        if evil.isprintable():
            place.ask("POST", f"/v1/conversations/{here}/labels", {"labels": [evil[:40]]})
            place.ask("POST", "/v1/desk/teams", {"name": f"{evil}{number}"})
        ticket = {"subject": evil, "description": evil, "category": evil[:40], "conversation_id": here}
        made = place.ask("POST", "/v1/tickets", ticket)
        place.ask("POST", f"/v1/tickets/{made['id']}/comments", {"text": evil})
        place.ask("POST", "/v1/desk/replies", {"short_code": f"m{number}", "text": evil})
        self.conversations[evil], self.tickets[evil] = here, made["id"]


@pytest.fixture(scope="module")
def sown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sown]:
    """One server for all of this file; what is written in it stays."""
    with place_in(tmp_path_factory.mktemp("corpus")) as place:
        yield Sown(place)


@pytest.fixture(scope="module")
def seat(sown: Sown, browser: Browser) -> Iterator[BrowserContext]:
    with seated(browser, sown.place.base, sown.place.owner, viewport={"width": 1440, "height": 900}) as context:
        _watch(context)
        yield context


@pytest.fixture
def agent(sown: Sown, seat: BrowserContext) -> Iterator[Agent]:
    """An owner, who sees everything. No page may ask the browser for leave to run something, nor open a dialog."""
    with new_page(seat, sown.place.base) as here:
        here.page.on("dialog", lambda dialog: here.faults.append(dialog.message))
        yield here


def test_every_part_of_a_conversation_shows_what_was_written_as_text(sown: Sown, agent: Agent) -> None:
    for evil, conversation in sown.conversations.items():
        go(agent.page, f"conversations/{conversation}?status=open")
        expect(agent.bubbles("visitor").first).to_be_visible()
        expect(agent.bubbles("note")).to_have_count(1)
        expect(agent.page.get_by_role("complementary")).to_contain_text("初次来访")
        if evil in PLAIN:
            words = " ".join(evil.split())
            expect(agent.bubbles("visitor").first).to_contain_text(words)
            expect(agent.bubbles("note")).to_contain_text(words)
            expect(agent.row(conversation)).to_contain_text(words[:20])
            expect(agent.page.get_by_role("complementary")).to_contain_text(words)
        check_inert(agent, evil)


def test_tickets_show_what_was_written_as_text(sown: Sown, agent: Agent) -> None:
    for look in ("list", "board"):
        go(agent.page, f"tickets?look={look}&status=open")
        expect(agent.page.locator("main")).to_contain_text("<script>hit=1</script>")
        check_inert(agent, look)
    for evil, ticket in sown.tickets.items():
        go(agent.page, f"tickets?ticket={ticket}")
        drawer = agent.page.get_by_role("dialog")
        expect(drawer).to_be_visible()
        if evil in PLAIN:
            expect(drawer).to_contain_text(" ".join(evil.split()))
        check_inert(agent, evil)


def test_search_canned_replies_and_settings_show_what_was_written_as_text(sown: Sown, agent: Agent) -> None:
    go(agent.page, f"conversations/{sown.conversations[CORPUS[0]]}?status=open")
    agent.press("回复")
    agent.reply_box.press_sequentially("/m1")
    expect(agent.page.get_by_role("option").first).to_be_visible()
    check_inert(agent, "canned replies")
    agent.reply_box.fill("")
    agent.page.keyboard.press("Escape")
    agent.page.keyboard.press("Control+k")
    agent.page.get_by_role("combobox").fill("onerror")
    come_to_rest(agent.page)
    check_inert(agent, "palette")
    for path in ("insight", "engines", "knowledge?q=%3Cimg%20src%3Dx%20onerror%3Dhit%3D1%3E"):
        check_page(agent, path)
    for tab in ("inboxes", "webhooks", "keys", "audit", "people", "teams", "replies"):
        check_page(agent, f"settings?tab={tab}")


def test_a_visitor_sees_as_text_what_an_agent_said(sown: Sown, browser: Browser) -> None:
    with browser.new_context(locale="zh-CN") as context:
        _watch(context)
        page = context.new_page()
        page.goto(f"{sown.place.base}/demo/?lang=zh-CN")
        visitor = Visitor(page).open()
        visitor.ask("转人工")
        expect(visitor.window.locator(".state")).to_contain_text("排队")
        mine = sown.place.ask("GET", "/v1/conversations", token=visitor.token())["data"][0]["id"]
        for evil in CORPUS:
            sown.place.ask("POST", f"/v1/conversations/{mine}/messages", {"text": evil})
        people = visitor.window.locator(".said.blue")
        expect(people).to_have_count(len(CORPUS))
        for evil in PLAIN:
            expect(people.nth(CORPUS.index(evil))).to_contain_text(" ".join(evil.split()))
        visitor.inside("root => { window.found = root; return null }")
        found: dict[str, Any] = page.evaluate(RUNS.replace("document.querySelectorAll", "found.querySelectorAll"))
        assert found == {"hit": None, "told": [], "bad": []}


def check_page(agent: Agent, path: str) -> None:
    """Any page, once it stands."""
    go(agent.page, path)
    expect(agent.page.locator("main")).to_contain_text(re.compile(r"\S"))
    come_to_rest(agent.page)
    check_inert(agent, path)


def check_inert(agent: Agent, name: str) -> None:
    """Nothing that was written came to life."""
    assert agent.page.evaluate(RUNS) == {"hit": None, "told": [], "bad": []}, name


def _watch(context: BrowserContext) -> None:
    context.add_init_script(GUARD)
    context.route(re.compile("evil"), lambda route: pytest.fail(f"asked for {route.request.url}"))

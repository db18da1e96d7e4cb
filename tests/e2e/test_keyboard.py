"""The console without a pointer: a working hour by keys alone, and on every page Tab goes everywhere and is seen."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from tests.e2e.agent import Agent
from tests.e2e.moving import COUNT, come_to_rest
from tests.e2e.place import Place, place_in
from tests.e2e.test_pages import BUILT, CHROMIUM, PAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not (CHROMIUM and BUILT.exists()), reason="needs Chromium and the built web pages"),
]

FARTHEST = 90
"""As often as Tab is pressed at most to come to a control."""

FOCUSED = """() => {
  const at = document.activeElement;
  const named = at.getAttribute('aria-label') || (at.labels && at.labels[0]?.textContent) || at.textContent;
  return `${at.tagName.toLowerCase()} ${(named || at.getAttribute('placeholder') || '').trim()}`;
}"""
"""Tag and name of what has the focus."""

INSIDE = """() => {
  const at = document.activeElement;
  return at === document.body || at.closest('[role=dialog]') !== null;
}"""
"""Behind the last control of a page comes the browser's own frame, which a test sees as its body."""

PREPARE = """() => {
  const dialogs = [...document.querySelectorAll('dialog[open], [role=dialog]')].filter((one) => one.checkVisibility());
  const root = dialogs.at(-1) ?? document;
  const among = 'a[href], button, input, select, textarea, summary, iframe, [tabindex]';
  const radios = new Set();
  const frames = 'label, .ant-select, .ant-input-affix-wrapper, .ant-picker, .ant-input-number, [class*=wrapper]';
  const around = (one) => {
    const frame = one.closest(frames);
    return [one, one.parentElement, ...(frame ? [frame, ...frame.querySelectorAll('*')] : [])].slice(0, 24);
  };
  const looks = (one) => around(one).map((part) => {
    const { outline, boxShadow, borderColor } = getComputedStyle(part);
    const after = getComputedStyle(part, '::after');
    return [outline, boxShadow, borderColor, after.outline, after.boxShadow].join(' ');
  }).join('\\n');
  const wanted = [...root.querySelectorAll(among)].filter((one) => {
    if (one.tabIndex < 0 || one.disabled || !one.checkVisibility({ visibilityProperty: true })) return false;
    if (one.closest('[inert], [aria-hidden=true]') && !one.matches('input')) return false;
    if (one.type !== 'radio') return true;
    const group = [...root.querySelectorAll(`input[type=radio][name="${one.name}"]`)];
    if (one !== (group.find((each) => each.checked) ?? group[0])) return false;
    return !radios.has(one.name) && radios.add(one.name);
  });
  window.walk = { wanted, looks, before: wanted.map(looks) };
  const say = (one) => `${one.tagName.toLowerCase()} ${one.getAttribute('aria-label') || one.textContent.slice(0, 24)}`;
  window.walk.names = wanted.map(say);
  document.activeElement?.blur?.();
  return { names: window.walk.names, positive: wanted.filter((one) => one.tabIndex > 0).map(say) };
}"""
"""Notes every control that Tab should come to, and how each looks while it has no focus."""

STEP = """() => {
  const { wanted, looks, before } = window.walk;
  const at = document.activeElement;
  const n = wanted.indexOf(at);
  if (n < 0) return { n, outside: at === document.body };
  const rect = at.getBoundingClientRect();
  const seen = rect.right > 0 && rect.bottom > 0 && rect.left < innerWidth && rect.top < innerHeight;
  let [x, y] = [0, 0];
  for (let box = at.parentElement; box; box = box.parentElement) [x, y] = [x + box.scrollLeft, y + box.scrollTop];
  const [left, right, top, bottom] = [rect.left + x, rect.right + x, rect.top + y, rect.bottom + y];
  return { n, left, top, right, bottom, seen, marked: at.tagName === 'IFRAME' || looks(at) !== before[n] };
}"""
"""Which of them has the focus now, where it is, and whether one sees that it has it."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The sample shop, a canned reply, a ticket, and somebody who waits."""
    with place_in(tmp_path_factory.mktemp("keys")) as here:
        here.ask("POST", "/v1/desk/replies", {"short_code": "invoice", "text": "发票会在签收后发到您的邮箱。"})
        here.ask("POST", "/v1/tickets", {"subject": "补发杯盖", "priority": "high"})
        yield here


def tab_to(page: Page, name: str) -> None:
    """With Tab alone, to the control whose tag and name this matches."""
    for _ in range(FARTHEST):
        page.keyboard.press("Tab")
        if re.search(name, page.evaluate(FOCUSED)):
            return
    raise AssertionError(f"Tab never came to {name}; last at {page.evaluate(FOCUSED)}")


def test_a_working_hour_needs_no_pointer(place: Place, browser: Browser) -> None:
    waits = place.begin(place.visitor(), "我要投诉", "转人工")
    with browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900}) as context:
        page = context.new_page()
        agent = Agent(page, place.base)
        sign_in(page, place)
        claim_and_serve(agent, waits)
        by_the_palette_to_the_settings(page)
        a_drawer_gives_the_focus_back(page)
        assert agent.faults == []


def sign_in(page: Page, place: Place) -> None:
    page.goto(f"{place.base}/console/")
    page.locator("input[type=email]").wait_for()
    if not page.evaluate("document.activeElement.matches('input[type=email]')"):
        tab_to(page, "^input 邮箱")
    page.keyboard.type(place.owner["email"])
    tab_to(page, "^input 密码")
    page.keyboard.type(place.owner["password"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation", name="会话视图")).to_be_visible()


def claim_and_serve(agent: Agent, conversation: str) -> None:
    page = agent.page
    expect(agent.row(conversation)).to_be_visible()
    page.keyboard.press("j")
    expect(agent.reply_box).to_be_visible()
    page.keyboard.press("t")
    expect(page.get_by_text("由我处理")).to_be_visible()
    page.keyboard.press("r")
    page.keyboard.type("您好, 我来处理。")
    page.keyboard.press("Control+Enter")
    expect(agent.bubbles("agent")).to_have_count(1)
    page.keyboard.type("/inv")
    expect(page.get_by_role("option", name=re.compile("invoice"))).to_be_visible()
    page.keyboard.press("Enter")
    expect(agent.reply_box).to_have_value("发票会在签收后发到您的邮箱。")
    page.keyboard.press("Control+Enter")
    expect(agent.bubbles("agent")).to_have_count(2)
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(agent.note_box).to_be_focused()
    page.keyboard.type("已经道歉")
    page.keyboard.press("Control+Enter")
    expect(agent.bubbles("note")).to_have_count(1)
    page.keyboard.press("Escape")
    page.keyboard.press("p")
    expect(page.get_by_role("listbox", name="优先级")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=re.compile("^优先级: (?!没有)"))).to_be_focused()
    page.keyboard.press("e")
    expect(page.get_by_role("button", name="重新打开")).to_be_visible()


def by_the_palette_to_the_settings(page: Page) -> None:
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="搜索与跳转")).to_be_focused()
    page.keyboard.type("公司")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"tab=company"))
    expect(page.get_by_label("公司名称")).to_be_visible()
    tab_to(page, "^input 公司名称")
    page.keyboard.press("Control+a")
    page.keyboard.type("云杉家居")
    page.keyboard.press("Enter")
    expect(page.get_by_text("已改名")).to_be_visible()


def a_drawer_gives_the_focus_back(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.keyboard.type("工单")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="补发杯盖")).to_be_visible()
    tab_to(page, "^button 补发杯盖")
    page.keyboard.press("Enter")
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("补发杯盖")
    expect(drawer.get_by_text("经过")).to_be_visible()
    for _ in range(40):
        page.keyboard.press("Tab")
        assert page.evaluate(INSIDE), page.evaluate(FOCUSED)
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    expect(page.get_by_role("button", name="补发杯盖")).to_be_focused()


@pytest.fixture(scope="module")
def desk(place: Place, browser: Browser) -> Iterator[tuple[Page, dict[str, str]]]:
    """An owner before a wide page, and what the addresses name."""
    conversation = place.begin(place.visitor(), "怎么退货?")
    inbox = place.ask("GET", "/v1/inboxes")["data"][0]["id"]
    doors = {
        name: place.ask("POST", "/v1/inboxes", {"name": name, "channel": name})["id"]
        for name in ("telegram", "wecom", "mail")
    }
    contact = place.ask("GET", f"/v1/conversations/{conversation}")["contact"]["id"]
    view: Any = {"width": 1440, "height": 900}
    with browser.new_context(locale="zh-CN", viewport=view, reduced_motion="reduce") as context:
        context.add_init_script(COUNT)
        agent = Agent(context.new_page(), place.base).log_in(place.owner["email"], place.owner["password"])
        yield agent.page, doors | {"inbox": inbox, "contact": contact, "conversation": conversation}


@pytest.mark.parametrize("path", [*PAGES, "conversations/{conversation}?status=pending"])
def test_tab_comes_to_every_control_in_order_and_is_seen(
    desk: tuple[Page, dict[str, str]], place: Place, path: str
) -> None:
    page, names = desk
    page.goto(f"{place.base}/console/{path.format(**names)}")
    expect(page.locator("#main h1, #main [role=dialog] h2").first).to_be_attached()
    expect(page.locator(".ant-skeleton")).to_have_count(0)
    come_to_rest(page)
    known = page.evaluate(PREPARE)
    assert known["positive"] == [], "order comes from the page, not from numbers"
    steps = walked(page, len(known["names"]))
    came = [one["n"] for one in steps]
    assert [known["names"][n] for n in range(len(known["names"])) if n not in came] == []
    assert [known["names"][one["n"]] for one in steps if not one["marked"]] == [], "one does not see where one is"
    assert [known["names"][one["n"]] for one in steps if not one["seen"]] == [], "it is out of sight"
    assert backwards(steps, known["names"]) == []


def walked(page: Page, count: int) -> list[dict[str, Any]]:
    """What Tab comes to, each control once, until it begins anew."""
    steps: list[dict[str, Any]] = []
    for _ in range(count * 2 + 40):
        page.keyboard.press("Tab")
        step = page.evaluate(STEP)
        if step["n"] < 0 or (steps and step["n"] == steps[-1]["n"]):
            continue
        if any(one["n"] == step["n"] for one in steps):
            break
        if not step["marked"]:
            page.wait_for_timeout(250)
            step = page.evaluate(STEP)
        steps.append(step)
    return steps


def backwards(steps: list[dict[str, Any]], names: list[str]) -> list[str]:
    """Where the next control stands above and left of the one before: nobody reads so."""
    jumps = []
    for before, after in itertools.pairwise(steps):
        begins_anew = after["n"] < before["n"]
        if not begins_anew and after["bottom"] <= before["top"] and after["right"] <= before["left"]:
            jumps.append(f"{names[before['n']]} -> {names[after['n']]}")
    return jumps

"""From page to page of the console as a link leads there, and the moment at which a page has come to rest."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect
from tests.e2e.agent import Agent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

AXE = Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

COUNT = """
window.asked = 0;
const ask = window.fetch;
window.fetch = async (...all) => {
  window.asked += 1;
  try { return await ask(...all); } finally { window.asked -= 1; }
};
"""
"""For every page of a context: how many requests are on their way."""

REST = """() => new Promise((done, fail) => {
  const due = performance.now() + 15000;
  const turns = (one) => one.effect?.getComputedTiming().iterations === Infinity;
  const moves = () => document.getAnimations().some((one) => one.playState === 'running' && !turns(one));
  let calm = 0;
  const look = () => {
    calm = window.asked || moves() ? 0 : calm + 1;
    if (calm > 5) done();
    else if (performance.now() > due) fail(new Error(`it never came to rest; ${window.asked} requests on their way`));
    else setTimeout(look, 25);
  };
  look();
})"""
"""For an eighth of a second nothing was asked for, and nothing moved but what turns without end."""


def come_to_rest(page: Page) -> None:
    """Wait until what was asked for is there (in a context with `COUNT`) and what moves has arrived."""
    page.evaluate(REST)


def go(page: Page, path: str) -> None:
    """To another page of the console without loading the console anew; nothing of the one before is left."""
    page.evaluate("history.pushState({}, '', '/console/nowhere')")
    expect(page.locator("#main")).to_have_count(0)
    page.evaluate("to => history.pushState({}, '', to)", f"/console/{path}")
    expect(page.locator("#main")).to_be_attached()


def check_accessible(page: Page) -> None:
    """No violation that axe knows, once what moves has come to rest."""
    come_to_rest(page)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    told = [f"{one['id']}: {[node['target'] for node in one['nodes']]}" for one in found["violations"]]
    assert told == [], told


@contextmanager
def seated(browser: Browser, base: str, person: dict[str, str], **look: Any) -> Iterator[BrowserContext]:
    """A browser in which somebody is logged in, for the tests of a file: each takes a page of its own in it."""
    with browser.new_context(locale="zh-CN", **look) as context:
        context.add_init_script(COUNT)
        page = context.new_page()
        Agent(page, base).log_in(person["email"], person["password"])
        page.close()
        yield context


@contextmanager
def new_page(seat: BrowserContext, base: str, path: str = "") -> Iterator[Agent]:
    """The desk, in a page that remembers nothing of the one before; no fault of it goes unseen."""
    agent = Agent(seat.new_page(), base)
    agent.page.goto(f"{base}/console/{path}")
    expect(agent.page.locator("#main")).to_be_visible()
    yield agent
    assert agent.faults == [], agent.faults
    agent.page.evaluate("localStorage.clear()")
    agent.page.close()

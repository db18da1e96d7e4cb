"""A visit without a mouse and without a look: every step by keyboard, and what a screen reader is told of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.e2e.test_pictures import file, png

if TYPE_CHECKING:
    from tests.e2e.conftest import Open
    from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HEAR = """root => {
  const region = root.querySelector('[aria-live=polite]');
  window.heard = [];
  new MutationObserver(() => heard.push(region.textContent))
    .observe(region, { childList: true, characterData: true, subtree: true });
}"""
FOCUS = """root => {
  const one = root.activeElement, ring = getComputedStyle(one), around = one.closest('.write');
  const seen = (ring.outlineStyle !== 'none' && parseFloat(ring.outlineWidth) > 0) ||
    (one.localName === 'textarea' && around && getComputedStyle(around).boxShadow !== 'none');
  const box = one.getBoundingClientRect();
  const name = one.getAttribute('aria-label') || one.textContent.trim() || one.querySelector('img')?.alt;
  return { seen, inside: box.width > 0 && box.height > 0, name };
}"""


class Walker:
    """Keys, and where they lead."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.keyboard = visitor.page.keyboard

    def at(self, selector: str) -> bool:
        """Whether what has the focus is this."""
        return bool(self.visitor.inside(f"root => root.activeElement?.matches({selector!r}) ?? false"))

    def go(self, selector: str, key: str = "Tab") -> None:
        """Until the focus is there; on the way every stop can be seen and has a name."""
        for _ in range(60):
            self.keyboard.press(key)
            stop = self.visitor.inside(FOCUS)
            assert stop["seen"], f"the focus on {stop['name']!r} cannot be seen"
            assert stop["inside"] and stop["name"], stop  # noqa: PT018
            if self.at(selector):
                return
        raise AssertionError(f"Tab never came to {selector}")

    def heard(self) -> str:
        """All that was announced since the last time, without white space."""
        told = self.visitor.page.evaluate("heard.splice(0).join('')")
        return re.sub(r"\s", "", told)


@pytest.fixture
def walker(visit: Open) -> Walker:
    """In front of a closed window."""
    return Walker(visit(reduced_motion="reduce"))


def test_a_whole_visit_goes_by_keyboard_and_is_told_once(walker: Walker) -> None:
    visitor, keyboard = walker.visitor, walker.keyboard
    visitor.bubble.focus()
    keyboard.press("Enter")
    visitor.window.locator(".said").first.wait_for()
    assert walker.at("textarea"), "the field has the focus"
    assert visitor.window.get_attribute("role") == "dialog"
    expect(visitor.window.locator(".add")).to_be_visible()
    visitor.inside(HEAR)

    keyboard.type("如何退货？")
    keyboard.press("Enter")
    answer = visitor.answer()
    assert walker.at("textarea")
    words = re.sub(r"[①-⑳]", "", visitor.words_of(answer))  # lists are numbered by the browser
    visitor.page.wait_for_function("said => heard.join('').replace(/\\s/g, '').endsWith(said)", arg=words[-4:])
    assert re.sub(r"(?<!\d)\d\.", "", walker.heard()) == words, "every sentence once"

    walker.go(".chip", "Shift+Tab")
    keyboard.press("Enter")
    visitor.window.locator(".sheet blockquote").wait_for()
    assert walker.at(".sheet *"), "the source has the focus"
    keyboard.press("Escape")
    expect(visitor.window.locator(".sheet")).to_have_count(0)
    assert walker.at(".chip"), "and gives it back to where it was opened"

    walker.go(".thumb:not(.down)")
    keyboard.press("Space")
    expect(answer.get_by_role("button", name="有帮助")).to_have_attribute("aria-pressed", "true")
    assert walker.at(".thumb:not(.down)")


def test_a_picture_is_added_taken_out_sent_and_enlarged_by_keyboard(walker: Walker) -> None:
    visitor, keyboard = walker.visitor, walker.keyboard
    visitor.bubble.focus()
    keyboard.press("Enter")
    expect(visitor.window.locator(".add")).to_be_visible()
    visitor.inside(HEAR)
    walker.go(".add")
    for name in ("正面.png", "背面.png"):
        assert walker.at(".add"), "the button keeps the focus while one chooses"
        with visitor.page.expect_file_chooser() as chooser:
            keyboard.press("Enter")
        chooser.value.set_files([file(name, png(30, 20))])  # type: ignore[arg-type]
        expect(visitor.window.get_by_role("status").filter(has_text=f"已添加 {name}")).to_have_count(1)
    expect(visitor.window.get_by_role("list", name="要发的附件").get_by_role("listitem")).to_have_count(2)
    walker.go(".off", "Shift+Tab")
    keyboard.press("Enter")
    assert walker.at(".add"), "what had the focus is gone"
    walker.go("textarea")
    keyboard.press("Enter")
    picture = visitor.own.locator("img[src*='/v1/media/']")
    expect(picture).to_have_count(1)
    said = re.sub(r"\s", "", visitor.words_of(visitor.answer()))
    visitor.page.wait_for_function("said => heard.join('').replace(/\\s/g, '').endsWith(said)", arg=said[-4:])
    assert walker.heard() == said
    walker.go(".mine a", "Shift+Tab")
    keyboard.press("Enter")
    large = visitor.window.get_by_role("dialog", name="正面.png")
    expect(large).to_be_visible()
    assert walker.at(".large *")
    keyboard.press("Escape")
    expect(large).to_have_count(0)
    assert walker.at(".mine a")
    assert visitor.window.is_visible()


def test_a_person_is_asked_for_and_the_window_closed_by_keyboard(walker: Walker) -> None:
    visitor, keyboard = walker.visitor, walker.keyboard
    visitor.bubble.focus()
    keyboard.press("Enter")
    visitor.window.locator(".said").first.wait_for()
    visitor.inside(HEAR)
    walker.go(".human")
    keyboard.press("Enter")
    visitor.window.get_by_text("同事会看到上面的对话").wait_for()
    assert walker.at(".human"), "a button that was pressed keeps the focus"
    visitor.page.wait_for_function("() => heard.join('').includes('已转人工')")
    assert walker.heard() == "已转人工", "in words, and once"
    keyboard.press("Enter")
    keyboard.press("Escape")
    visitor.window.wait_for(state="hidden")
    assert walker.at(".bubble")
    assert visitor.inside(FOCUS)["seen"]

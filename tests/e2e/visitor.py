"""What a visitor does with the widget."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

ANSWERED_MS = 15_000


class Visitor:
    """A page with the widget. Locators pierce the shadow root."""

    def __init__(self, page: Page) -> None:
        self.page = page
        # Playwright catches dialogs for files only while somebody listens, and begins to a moment after it is asked.
        page.on("filechooser", lambda _: None)
        self.bubble = page.locator("#miaohui .bubble")
        self.window = page.locator("#miaohui .window")
        self.field = self.window.locator("textarea")
        self.answers = self.window.locator(".line.theirs:has(.thumbs)")
        self.own = self.window.locator(".line.mine")
        self.line = self.window.locator(".cut.on")

    def open(self) -> Visitor:
        """Opens the window and waits for the greeting."""
        self.bubble.click()
        self.window.locator(".said").first.wait_for()
        return self

    def ask(self, text: str) -> None:
        """Writes and sends."""
        self.field.fill(text)
        self.field.press("Enter")

    def answer(self, nth: int = 0) -> Locator:
        """The answer of that number, once it stands there whole."""
        answer = self.answers.nth(nth)
        answer.wait_for(timeout=ANSWERED_MS)
        return answer

    def words_of(self, answer: Locator) -> str:
        """The text of an answer without its sources and white space."""
        return re.sub(r"\s", "", answer.locator(".prose").inner_text())

    def token(self) -> str:
        """The visitor's token, as the browser keeps it."""
        token: str = self.page.evaluate("localStorage.getItem('miaohui:demo-site:token')")
        return token

    def inside(self, script: str) -> Any:
        """Evaluates a function of the shadow root."""
        return self.page.evaluate(f"({script})(document.querySelector('#miaohui').shadowRoot)")

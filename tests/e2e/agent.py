"""What an agent does in the console."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

BACK_MS = 20_000
"""Until a console that lost its network is back: the longest wait before a new try is 16 s."""


class Agent:
    """A page with the console, in Chinese."""

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self._base = base
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.reply_box = page.get_by_role("textbox", name="回复访客")
        self.note_box = page.get_by_role("textbox", name="内部备注")
        self.cut = page.get_by_text(re.compile("连接断了|没有网络"))

    def log_in(self, email: str, password: str) -> Agent:
        """From the login page to the desk."""
        self.page.goto(f"{self._base}/console/")
        self.page.locator("input[type=email]").fill(email)
        self.page.locator("input[autocomplete=current-password]").fill(password)
        self.page.keyboard.press("Enter")
        expect(self.page.locator("#main")).to_be_visible()
        return self

    def row(self, conversation: str) -> Locator:
        """The conversation in the list."""
        return self.page.locator(f'a[href*="{conversation}"]')

    def show(self, view: str) -> None:
        """One of the views of every day."""
        self.page.get_by_role("navigation", name="会话视图").get_by_role("link", name=re.compile(f"^{view}")).click()

    def open(self, conversation: str) -> Agent:
        """From the list into the conversation."""
        self.row(conversation).click()
        expect(self.reply_box).to_be_visible()
        return self

    def press(self, name: str) -> None:
        """A button by its name."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def reply(self, text: str) -> None:
        """To the visitor."""
        self.press("回复")
        self.reply_box.fill(text)
        self.reply_box.press("Control+Enter")

    def attach(self, *pictures: dict[str, Any]) -> None:
        """Pictures to the next reply, each with `name`, `mimeType` and `buffer`; back when they are uploaded."""
        self.page.locator("input[type=file]").first.set_input_files(list(pictures))  # type: ignore[arg-type]
        tray = self.page.get_by_role("list", name="要发的附件")
        for one in pictures:
            expect(tray.get_by_role("img", name=one["name"])).to_be_visible()
        expect(tray.get_by_role("progressbar")).to_have_count(0)

    def note(self, text: str) -> None:
        """To colleagues only."""
        self.press("备注")
        self.note_box.fill(text)
        self.note_box.press("Control+Enter")

    def bubbles(self, tone: str) -> Locator:
        """What `visitor`, `assistant` or `agent` said, or a `note`; what is on its way does not count."""
        return self.page.locator(f'article[data-tone="{tone}"]:not([data-state]):not([data-streaming])')

    def words(self) -> list[str]:
        """Everything that was said, in the order it is shown."""
        return [one.inner_text().strip() for one in self.page.locator("article > div:first-of-type").all()]

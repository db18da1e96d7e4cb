"""Pictures in the console: chosen, pasted or dropped, made to fit, shown, and refused with a sentence."""

from __future__ import annotations

import base64
import re
import struct
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from tests.e2e.agent import Agent
from tests.e2e.moving import new_page, seated
from tests.e2e.place import Place, place_in
from tests.e2e.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BRING = """([how, files, where]) => {
  const carried = new DataTransfer();
  for (const { name, type, bytes } of files) {
    const body = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
    carried.items.add(new File([body], name, { type }));
  }
  const about = { bubbles: true, cancelable: true };
  const root = where ? document.querySelector(where).shadowRoot : document.body;
  if (how === 'paste') {
    const box = root.querySelector('textarea');
    box.dispatchEvent(new ClipboardEvent('paste', { ...about, clipboardData: carried }));
    return;
  }
  (where ? root.querySelector('.thread') : root).dispatchEvent(new DragEvent(how, { ...about, dataTransfer: carried }));
}"""


def png(width: int, height: int, noise: bool = False) -> bytes:
    """A picture of this size; a noisy one cannot be made small without loss."""
    state, rows = 1, bytearray()
    for _ in range(height):
        rows.append(0)
        for _ in range(width * 3):
            state = (state * 1_103_515_245 + 12_345) & 0x7FFFFFFF
            rows.append((state >> 16) & 0xFF if noise else 0x77)
    parts = ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(bytes(rows), 1)))
    body = b"".join(_chunk(kind, data) for kind, data in (*parts, (b"IEND", b"")))
    return b"\x89PNG\r\n\x1a\n" + body


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


SMALL = png(4, 3)

UPLOAD = re.compile(r"/v1/files(\?|$)")


def file(name: str, body: bytes = SMALL, kind: str = "image/png") -> dict[str, Any]:
    """As a browser's dialog gives it."""
    return {"name": name, "mimeType": kind, "buffer": body}


def bring(page: Page, how: str, *files: dict[str, Any], where: str = "") -> None:
    """Paste or drop them: in the page, or in the widget that is `where`."""
    told = [
        {"name": one["name"], "type": one["mimeType"], "bytes": base64.b64encode(one["buffer"]).decode()}
        for one in files
    ]
    page.evaluate(BRING, [how, told, where])


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One shop for all of this file."""
    with place_in(tmp_path_factory.mktemp("pictures")) as made:
        yield made


@pytest.fixture(scope="module")
def seat(place: Place, browser: Browser) -> Iterator[BrowserContext]:
    with seated(browser, place.base, place.owner, viewport={"width": 1440, "height": 900}) as context:
        yield context


@pytest.fixture
def agent(place: Place, seat: BrowserContext) -> Iterator[Agent]:
    """In front of a conversation that waits for a person."""
    conversation = place.begin(place.visitor(), "屏幕坏了", "转人工")
    with new_page(seat, place.base, f"conversations/{conversation}?status=open") as here:
        expect(here.reply_box).to_be_visible()
        yield here


def tray(agent: Agent) -> Any:
    """What is to go with the next message."""
    return agent.page.get_by_role("list", name="要发的附件")


def test_pictures_are_chosen_pasted_and_dropped_and_go_with_one_message(agent: Agent) -> None:
    agent.attach(file("正面.png"), file("背面.png"))
    bring(agent.page, "paste", file("粘贴.png"))
    bring(agent.page, "dragover", file("拖入.png"))
    expect(agent.page.get_by_text("松手, 附件就放到这里")).to_be_visible()
    bring(agent.page, "drop", file("拖入.png"))
    expect(tray(agent).get_by_role("listitem")).to_have_count(4)
    tray(agent).get_by_role("button", name="不发 背面.png").click()
    expect(tray(agent).get_by_role("progressbar")).to_have_count(0)
    agent.reply("请看这三张")
    said = agent.bubbles("agent").last
    expect(said).to_contain_text("请看这三张")
    expect(said.get_by_role("img")).to_have_count(3)
    expect(tray(agent)).to_have_count(0)
    expect(agent.page.get_by_role("link", name=re.compile("〔正面.png〕"))).to_have_count(1)


def test_a_picture_is_looked_at_in_large_by_keyboard_alone(agent: Agent) -> None:
    agent.attach(file("屏幕.png"))
    agent.press("回复")
    agent.reply_box.press("Control+Enter")
    small = agent.bubbles("agent").last.get_by_role("button", name="看大图: 屏幕.png")
    small.focus()
    agent.page.keyboard.press("Enter")
    large = agent.page.get_by_role("dialog", name="屏幕.png")
    expect(large.get_by_role("img")).to_be_visible()
    agent.page.keyboard.press("Escape")
    expect(large).to_have_count(0)
    expect(small).to_be_focused()


def test_what_is_no_picture_or_too_much_is_refused_with_a_sentence(agent: Agent) -> None:
    bring(agent.page, "drop", file("安装.exe", b"MZ ...", "application/x-msdownload"))
    expect(agent.page.get_by_text("安装.exe 这种文件发不了。可以发图片、PDF、")).to_be_visible()
    bring(agent.page, "drop", file("假的.png", b"<svg onload=hit=1>"))
    expect(agent.page.get_by_text("假的.png 这种文件发不了")).to_be_visible()
    bring(agent.page, "drop", file("动图.gif", b"GIF89a" + bytes(800_000), "image/gif"))
    expect(agent.page.get_by_text("动图.gif 是动图")).to_be_visible()
    bring(agent.page, "drop", *[file(f"{n}.png") for n in range(10)])
    expect(agent.page.get_by_text("一条最多 9 个附件, 9.png 没有放进来。")).to_be_visible()
    expect(tray(agent).get_by_role("listitem")).to_have_count(9)


def test_a_large_picture_is_made_to_fit(agent: Agent, place: Place) -> None:
    large = png(1_200, 900, noise=True)
    assert len(large) > 3_000_000
    agent.attach(file("照片.png", large))
    agent.reply("大图")
    shown = agent.bubbles("agent").last.get_by_role("img", name="照片.png")
    expect(shown).to_be_visible()
    src = shown.get_attribute("src")
    answer = agent.page.request.get(f"{place.base}{src}")
    assert answer.headers["content-type"] == "image/jpeg"
    assert 20_000 < len(answer.body()) < 750_000


def test_an_upload_that_fails_is_kept_and_tried_again(agent: Agent) -> None:
    agent.page.route(UPLOAD, lambda route: route.abort())
    agent.page.locator("input[type=file]").first.set_input_files([file("断网.png")])  # type: ignore[arg-type]
    again = tray(agent).get_by_role("button", name="重新上传 断网.png")
    expect(again).to_be_visible(timeout=15_000)
    agent.reply_box.fill("请看")
    agent.reply_box.press("Control+Enter")
    expect(agent.page.get_by_text("有附件没传上去: 重试或删掉它")).to_be_visible()
    expect(agent.bubbles("agent")).to_have_count(0)
    agent.page.unroute(UPLOAD)
    again.click()
    expect(tray(agent).get_by_role("progressbar")).to_have_count(0)
    agent.reply_box.press("Control+Enter")
    expect(agent.bubbles("agent").last.get_by_role("img", name="断网.png")).to_be_visible()


def test_the_visitor_sees_what_the_agent_sent(place: Place, browser: Browser) -> None:
    with browser.new_context(locale="zh-CN") as theirs, browser.new_context(locale="zh-CN") as ours:
        page = theirs.new_page()
        page.goto(f"{place.base}/demo/?lang=zh-CN")
        visitor = Visitor(page).open()
        visitor.ask("转人工")
        expect(visitor.window.locator(".state")).to_contain_text("排队")
        mine = place.ask("GET", "/v1/conversations", token=visitor.token())["data"][0]["id"]
        agent = Agent(ours.new_page(), place.base).log_in(place.owner["email"], place.owner["password"])
        agent.page.goto(f"{place.base}/console/conversations/{mine}?status=open")
        agent.attach(file("步骤.png"))
        agent.reply("请照做")
        picture = visitor.window.locator(".said.blue img")
        expect(picture).to_have_attribute("alt", "步骤.png")
        assert picture.evaluate("one => one.decode().then(() => one.naturalWidth)") == 4
        assert agent.faults == []

"""Documents and sound: from the visitor to the agent and back; played, saved, refused in words, by keyboard too."""

from __future__ import annotations

import io
import math
import os
import struct
import wave
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from tests.e2e.agent import Agent
from tests.e2e.place import Place, place_in
from tests.e2e.test_pictures import bring, file
from tests.e2e.test_text_always import CORPUS
from tests.e2e.test_visitors_pictures import ALIVE, choose, said
from tests.e2e.test_widget import AXE, violations
from tests.media.samples import DOCX, PDF

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page, Route
    from tests.e2e.conftest import Open
    from tests.e2e.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SHOTS = os.environ.get("MIAOHUI_SHOTS", "")
"""A folder for pictures of what is tested, to be looked at."""
PLAYED = "one => { one.muted = true; return one.play().then(() => one.duration); }"


def tone(seconds: float = 0.5) -> bytes:
    """A sound as WAV."""
    body = io.BytesIO()
    with wave.open(body, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8_000)
        samples = (round(8_000 * math.sin(n / 4)) for n in range(round(8_000 * seconds)))
        out.writeframes(b"".join(struct.pack("<h", one) for one in samples))
    return body.getvalue()


WAV = tone()
DOCUMENT = "application/pdf"


def shoot(page: Page, name: str) -> None:
    """A picture, where somebody wants to look."""
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One shop for all of this file."""
    with place_in(tmp_path_factory.mktemp("files")) as made:
        yield made


@pytest.fixture(scope="module")
def shop(place: Place) -> str:
    """The same one, for visitors."""
    return place.base


def serve(place: Place, visitor: Visitor, page: Page) -> Agent:
    """An agent in front of the visitor's conversation."""
    here = place.ask("GET", "/v1/conversations", token=visitor.token())["data"][0]["id"]
    agent = Agent(page, place.base).log_in(place.owner["email"], place.owner["password"])
    page.goto(f"{place.base}/console/conversations/{here}?status=open")
    expect(agent.reply_box).to_be_visible()
    return agent


def attach(agent: Agent, *files: dict[str, Any]) -> None:
    agent.page.locator("input[type=file]").first.set_input_files(list(files))  # type: ignore[arg-type]
    tray = agent.page.get_by_role("list", name="要发的附件")
    expect(tray.get_by_role("listitem")).to_have_count(len(files))
    expect(tray.get_by_role("progressbar")).to_have_count(0)


@pytest.mark.parametrize(("look", "width"), [("light", 1280), ("dark", 390)])
def test_a_pdf_goes_to_the_agent_and_a_document_with_sound_comes_back(
    visit: Open, place: Place, browser: Browser, look: Any, width: int
) -> None:
    visitor = visit(width=width, color_scheme=look).open()
    choose(visitor, file("发票 2026.pdf", PDF, DOCUMENT))
    expect(visitor.window.locator(".tray li")).to_contain_text("发票 2026.pdf")
    shoot(visitor.page, f"widget-tray-{look}")
    visitor.ask("这是发票, 转人工")
    mine = visitor.own.get_by_role("link", name="发票 2026.pdf")
    expect(mine).to_contain_text(f"{len(PDF)} B")
    size = {"width": 1440 if width > 500 else 390, "height": 900}
    with browser.new_context(locale="zh-CN", viewport=size, color_scheme=look) as context:  # type: ignore[arg-type]
        agent = serve(place, visitor, context.new_page())
        chip = agent.bubbles("visitor").first.get_by_role("link", name="下载 发票 2026.pdf")
        expect(chip).to_contain_text(f"{len(PDF)} B")
        with agent.page.expect_download() as download:
            chip.focus()
            agent.page.keyboard.press("Enter")
        assert download.value.suggested_filename == "发票 2026.pdf"
        assert Path(download.value.path()).read_bytes() == PDF
        attach(agent, file("退货说明.docx", DOCX), file("提示音.wav", WAV, "audio/wav"))
        shoot(agent.page, f"console-tray-{look}")
        agent.reply("请填写并收听")
        told = agent.bubbles("agent").last
        expect(told.get_by_role("link", name="下载 退货说明.docx")).to_be_visible()
        assert told.locator("audio").evaluate(PLAYED) == pytest.approx(0.5, abs=0.05)
        agent.page.evaluate("() => document.activeElement.blur()")
        shoot(agent.page, f"console-{look}")
        agent.page.evaluate(AXE.read_text())
        found = agent.page.evaluate("() => axe.run('#main')")
        assert [one["id"] for one in found["violations"]] == []
        assert agent.faults == []
    line = visitor.window.locator(".line.theirs").last
    document = line.get_by_role("link", name="退货说明.docx")
    expect(document).to_be_visible()
    assert line.locator("audio").evaluate(PLAYED) == pytest.approx(0.5, abs=0.05)
    with visitor.page.expect_download() as download:
        document.focus()
        visitor.page.keyboard.press("Enter")
    assert download.value.suggested_filename == "退货说明.docx"
    assert Path(download.value.path()).read_bytes() == DOCX
    shoot(visitor.page, f"widget-{look}")
    visitor.page.evaluate(AXE.read_text())
    assert violations(visitor, "#miaohui") == []


def test_a_file_alone_is_answered_honestly(visit: Open, place: Place) -> None:
    visitor = visit().open()
    choose(visitor, file("合同.docx", DOCX))
    visitor.field.press("Enter")
    assert "看不了" in visitor.words_of(visitor.answer())
    assert said(place, visitor)[0].startswith("[合同.docx](/v1/media/med_")


def test_what_the_server_does_not_take_is_said_in_words_on_both_sides(
    visit: Open, place: Place, browser: Browser
) -> None:
    locked = file("加密.pdf", PDF.replace(b"/Root", b"/Encrypt 5 0 R /Root"), DOCUMENT)
    visitor = visit().open()
    choose(visitor, file("程序.exe", b"MZ\x90"))
    expect(visitor.window.locator(".refused")).to_contain_text("程序.exe 这种文件发不了。可以发 图片、PDF、DOCX")
    choose(visitor, locked)
    visitor.window.get_by_role("button", name="重新上传 加密.pdf").wait_for()
    visitor.ask("转人工")
    expect(visitor.own.get_by_role("alert")).to_contain_text("文件有密码，请去掉后再发")
    visitor.own.get_by_role("button", name="删除").click()
    visitor.ask("转人工")
    expect(visitor.window.locator(".state")).to_contain_text("排队")
    with browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900}) as context:
        agent = serve(place, visitor, context.new_page())
        bring(agent.page, "drop", locked)
        expect(agent.page.get_by_text("文件有密码, 去掉密码再发")).to_be_visible()
        agent.page.get_by_role("button", name="不发 加密.pdf").click()
        agent.reply("好的")
        expect(agent.bubbles("agent").last).to_contain_text("好的")
        assert agent.faults == []


def test_a_file_that_is_dropped_before_what_takes_it_has_come_is_taken(visit: Open, place: Place) -> None:
    visitor = visit()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    visitor.page.route("**/parts-*.js", hold)
    visitor.open()
    visitor.page.wait_for_function("() => document.querySelector('#miaohui').shadowRoot.querySelector('.thread')")
    bring(visitor.page, "dragover", file("早到.pdf", PDF, DOCUMENT), where="#miaohui")
    bring(visitor.page, "drop", file("早到.pdf", PDF, DOCUMENT), where="#miaohui")
    assert visitor.window.locator(".tray").count() == 0
    for one in held:
        one.continue_()
    visitor.page.unroute("**/parts-*.js")
    expect(visitor.window.locator(".tray li")).to_contain_text("早到.pdf")
    assert visitor.page.url.startswith(place.base), "the page was not left for the file"


def test_names_of_files_are_text_on_both_sides(visit: Open, place: Place, browser: Browser) -> None:
    visitor = visit().open()
    visitor.ask("转人工")
    expect(visitor.window.locator(".state")).to_contain_text("排队")
    token = visitor.token()
    here = place.ask("GET", "/v1/conversations", token=token)["data"][0]["id"]
    choose(visitor, file(f"{CORPUS[0]}.pdf", PDF, DOCUMENT), file(f"{CORPUS[1]}.pdf", PDF, DOCUMENT))
    visitor.ask("请看")
    expect(visitor.own.last.locator("a.doc")).to_have_count(2)
    url = said(place, visitor)[-1].split("](")[1].split(")")[0]
    for evil in CORPUS:
        name = evil.replace("[", "").replace("]", "")
        body = {"text": f"[{name}]({url})"}
        place.ask("POST", f"/v1/conversations/{here}/messages", body, token=token)
    expect(visitor.window.locator("a.doc")).to_have_count(2 + len(CORPUS))
    assert visitor.inside(ALIVE) == []
    with browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900}) as context:
        agent = serve(place, visitor, context.new_page())
        expect(agent.bubbles("visitor").last.get_by_role("link")).to_have_count(1)
        assert agent.page.evaluate(f"({ALIVE})(document.body)") == []
        assert agent.page.evaluate("window.hit") is None
        assert agent.faults == []
    assert visitor.page.evaluate("window.hit") is None

"""The rest of what an agent can see is text as well: assistants, knowledge, notices, reviews, orders, file names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError

import pytest
from playwright.sync_api import expect
from tests.e2e.moving import come_to_rest, go
from tests.e2e.test_pictures import SMALL
from tests.e2e.test_text_always import CORPUS, PLAIN, Sown, agent, check_inert, check_page, seat, sown

if TYPE_CHECKING:
    from playwright.sync_api import Route
    from tests.e2e.agent import Agent

__all__ = ["agent", "seat", "sown"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def strewn(sown: Sown) -> Sown:
    """The corpus in every field that an administrator or a colleague writes, too."""
    refused = [evil for evil in CORPUS if not _strew(sown, evil)]
    assert len(refused) < len(CORPUS) / 2
    return sown


def _strew(sown: Sown, evil: str) -> bool:
    """Whether all of it was taken; what a field refuses nobody sees."""
    ask, here = sown.place.ask, sown.conversations[evil]
    words = {"title": evil[:100], "text": f"{evil}\n\n- {evil}", "locale": "zh-CN", "tags": [], "questions": [evil]}
    assistant = {"name": evil[:40], "persona": evil, "greeting": {"zh-CN": evil}, "quick_questions": {"zh-CN": [evil]}}
    taken = True
    for method, path, body in (
        ("POST", "/v1/knowledge/drafts", words),
        ("POST", "/v1/desk/notices", {"texts": {"zh-CN": evil, "en": evil}, "minutes": 60}),
        ("POST", f"/v1/conversations/{here}/review", {"score": 1, "note": evil}),
        ("PATCH", f"/v1/inboxes/{_inbox(sown)}", {"assistant": assistant}),
        ("PUT", f"/v1/admin/connectors/c{CORPUS.index(evil)}", {"url": "https://example.com", "description": evil}),
    ):
        try:
            ask(method, path, body)
        except HTTPError as error:
            if error.code != 422:
                raise
            taken = False
    return taken


def _inbox(sown: Sown) -> str:
    found = sown.place.ask("GET", "/v1/inboxes")["data"]
    return str(found[0]["id"])


def test_what_administrators_write_is_text_on_every_page(strewn: Sown, agent: Agent) -> None:
    for page in ("contacts", "assistants", "knowledge", "insight?tab=reviews", "engines?tab=prices"):
        check_page(agent, page)
    for tab in ("tools", "guard", "connectors", "cases"):
        check_page(agent, f"assistants?tab={tab}")
    for tab in ("drafts", "gaps", "health", "versions", "try"):
        check_page(agent, f"knowledge?tab={tab}")
    for tab in ("notices", "company", "alerts", "rules"):
        check_page(agent, f"settings?tab={tab}")
    go(agent.page, "settings?tab=notices")
    expect(agent.page.locator("main")).to_contain_text(PLAIN[0])
    go(agent.page, "knowledge?tab=drafts")
    expect(agent.page.locator("main")).to_contain_text(PLAIN[0])


def test_a_contact_s_own_page_is_text(strewn: Sown, agent: Agent) -> None:
    for evil, conversation in strewn.conversations.items():
        contact = strewn.place.ask("GET", f"/v1/conversations/{conversation}")["contact"]["id"]
        go(agent.page, f"contacts/{contact}")
        come_to_rest(agent.page)
        if evil in PLAIN:
            expect(agent.page.locator("main")).to_contain_text(" ".join(evil.split())[:40])
        check_inert(agent, evil)


def test_orders_recollections_and_suggestions_are_text(strewn: Sown, agent: Agent) -> None:
    """They come from other systems, which may say anything."""
    orders = [
        dict.fromkeys(("id", "title", "state", "paid", "made_at"), evil) | {"id": f"{n}{evil}"}
        for n, evil in enumerate(CORPUS)
    ]
    facts = [
        {"id": f"f{n}", "kind": "preference", "text": evil, "value": evil, "state": "confirmed", "confidence": 1}
        | dict.fromkeys(("created_at", "updated_at", "said_at"), "2026-11-21T00:00:00Z")
        for n, evil in enumerate(CORPUS)
    ]
    answers: dict[str, Any] = {
        "**/orders": {"data": orders, "known": True},
        "**/facts": {"data": facts},
        "**/suggestion": {"text": "\n".join(CORPUS), "known": True},
    }
    for path, answer in answers.items():
        agent.page.route(path, _answering(answer))
    go(agent.page, f"conversations/{strewn.conversations[CORPUS[0]]}?status=open")
    agent.press("建议回复")
    expect(agent.reply_box).to_have_value("\n".join(CORPUS))
    agent.press("卡片")
    listed = agent.page.get_by_role("list", name="最近的订单")
    expect(listed.get_by_role("button")).to_have_count(len(CORPUS))
    for n, evil in enumerate(PLAIN):
        expect(listed).to_contain_text(" ".join(evil.split()), timeout=5000 + n)
    check_inert(agent, "orders")
    listed.get_by_role("button").first.click()
    agent.reply_box.press("Control+Enter")
    expect(agent.bubbles("agent").last).to_contain_text(CORPUS[0])
    check_inert(agent, "card")


def _answering(answer: Any) -> Any:
    def fulfil(route: Route) -> None:
        route.fulfill(status=200, content_type="application/json", body=json.dumps(answer))

    return fulfil


def test_the_name_of_a_file_is_text_before_and_after_it_is_sent(strewn: Sown, agent: Agent) -> None:
    go(agent.page, f"conversations/{strewn.conversations[CORPUS[1]]}?status=open")
    expect(agent.reply_box).to_be_visible()
    for evil in CORPUS[:4]:
        files = [{"name": f"{evil}.png", "mimeType": "image/png", "buffer": SMALL}]
        agent.page.locator("input[type=file]").first.set_input_files(files)  # type: ignore[arg-type]
        tray = agent.page.get_by_role("list", name="要发的附件")
        expect(tray.get_by_role("img")).to_have_count(1)
        expect(tray.get_by_role("progressbar")).to_have_count(0)
        check_inert(agent, evil)
        agent.reply("见图")
        expect(tray).to_have_count(0)
        expect(agent.bubbles("agent").last.get_by_role("img")).to_have_count(1)
        check_inert(agent, evil)

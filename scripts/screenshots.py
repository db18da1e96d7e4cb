"""Every page of the console on the sample shop, in both languages, light and dark, wide and as on a phone.

`.venv/bin/python scripts/screenshots.py FOLDER` starts a server of its own, puts some life into it, and writes PNGs
named `<page>-<language>-<scheme>-<width>.png` to look at.
"""

from __future__ import annotations

import base64
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.e2e.agent import Agent  # noqa: E402  (this repository is no installed package)
from tests.e2e.conftest import FLAGS  # noqa: E402
from tests.e2e.place import Place, place_in  # noqa: E402
from tests.e2e.test_pictures import png  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PAGES = {
    "queue": "conversations?status=waiting",
    "thread": "conversations/{conversation}?status=open",
    "assistant": "conversations/{answered}?status=pending",
    "tickets": "tickets",
    "board": "tickets?look=board",
    "ticket": "tickets?ticket={ticket}",
    "contacts": "contacts",
    "knowledge": "knowledge",
    "assistants": "assistants",
    "words": "assistants?tab=guard",
    "engines": "engines",
    "prices": "engines?tab=prices",
    "insight": "insight",
    "inboxes": "settings?tab=inboxes",
    "telegram": "settings?tab=inboxes&id={telegram}",
    "wecom": "settings?tab=inboxes&id={wecom}",
    "mail": "settings?tab=inboxes&id={mail}",
    "alerts": "settings?tab=alerts",
    "rules": "settings?tab=rules",
    "company": "settings?tab=company",
    "people": "settings?tab=people",
    "webhooks": "settings?tab=webhooks",
    "keys": "settings?tab=keys",
    "audit": "settings?tab=audit",
}
LANGUAGES = ("zh-CN", "en")
SCHEMES = ("light", "dark")
WIDTHS = {"wide": (1440, 900), "phone": (390, 844)}


def main(folder: Path) -> None:
    """Take them all."""
    folder.mkdir(parents=True, exist_ok=True)
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    with tempfile.TemporaryDirectory() as data, place_in(Path(data)) as place, sync_playwright() as playwright:
        ids = live(place)
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        for language in LANGUAGES:
            for scheme in SCHEMES:
                for width, size in WIDTHS.items():
                    take(browser, place, ids, (language, scheme, width, size), folder)
        browser.close()


def live(place: Place) -> dict[str, str]:
    """Some conversations, one in good hands, one with the assistant, and a ticket."""
    answered = place.begin(place.visitor(), "怎么退货?")
    content = place.visitor()
    for score, words in ((5, "很快就解决了"), (4, "")):
        rated = place.begin(content, "运费多少?")
        rating = {"score": score, "comment": words}
        place.ask("POST", f"/v1/conversations/{rated}/satisfaction", rating, token=content)
    visitor = place.visitor()
    conversation = place.begin(visitor, "你好, 我的订单 YS20251101008 还没到, 我很着急!!", "转人工")
    contact = place.ask("GET", f"/v1/conversations/{conversation}")["contact"]["id"]
    place.ask("PATCH", f"/v1/contacts/{contact}", {"name": "林晓", "attributes": {"vip": "yes", "城市": "杭州"}})
    for words in ("I need a refund please", "发票怎么开?", "转人工"):
        place.begin(place.visitor(), words, "转人工")
    place.ask("POST", f"/v1/conversations/{conversation}/labels", {"labels": ["物流", "催单"]})
    place.ask("POST", f"/v1/conversations/{conversation}/priority", {"priority": "urgent"})
    place.ask("POST", f"/v1/conversations/{conversation}/messages", {"text": "老客户, 先查物流", "note": True})
    card = "您好, 我帮您看了: 包裹在上海。\n▸ 订单 YS20251101008 · 电动升降桌 D800 · 已发货"
    place.ask("POST", f"/v1/conversations/{conversation}/messages", {"text": card})
    picture = place.ask("POST", "/v1/media", {"data": base64.b64encode(png(480, 320, noise=True)).decode()})["url"]
    shown = f"取件码在面单上:\n![面单.png]({picture})\n![快递柜.png]({picture})"
    place.ask("POST", f"/v1/conversations/{conversation}/messages", {"text": shown})
    body = {"subject": "催一下顺丰", "description": "两天没有更新", "priority": "high", "conversation_id": conversation}
    ticket = place.ask("POST", "/v1/tickets", body)["id"]
    place.ask("POST", "/v1/tickets", {"subject": "开增值税发票", "priority": "low"})
    return {"conversation": conversation, "answered": answered, "ticket": ticket, **doors_of(place)}


def doors_of(place: Place) -> dict[str, str]:
    """Doors of others' make by their channel, and what is set up beside them: a rule, words, a route with a price."""
    doors = {
        channel: place.ask("POST", "/v1/inboxes", {"name": name, "channel": channel})["id"]
        for channel, name in (("telegram", "Telegram"), ("wecom", "微信客服"), ("mail", "客服邮箱"))
    }
    account = {"corp_id": "ww1", "open_kfid": "wk1", "token": "abc", "aes_key": "a" * 43, "secret": "of-the-app"}
    place.ask("POST", f"/v1/inboxes/{doors['wecom']}/wecom", account)
    rule = {"name": "投诉", "handoff_reason": "sentiment", "subject": "安抚客户", "priority": "urgent"}
    place.ask("POST", "/v1/ticket-rules", rule)
    words = {"blocked": ["某竞品"], "replaced": [{"word": "亲", "by": "您"}], "version": 0}
    place.ask("PUT", "/v1/admin/guard/words", words)
    route = {"base_url": "https://api.example.com/v1", "model": "deepseek-chat", "price_in": 2_000_000}
    more = {"price_out": 8_000_000, "rpm": 600, "keys": [{"id": "k1", "secret": "sk-screenshots"}], "enabled": False}
    place.ask("PUT", "/v1/admin/engines/routes/deepseek-1", route | more)
    return doors


def take(browser: Browser, place: Place, ids: dict[str, str], look: tuple[str, Any, str, Any], folder: Path) -> None:
    """All pages in one look."""
    language, scheme, width, (wide, high) = look
    view: Any = {"width": wide, "height": high}
    with browser.new_context(locale=language, color_scheme=scheme, viewport=view) as context:
        agent = Agent(context.new_page(), place.base)
        agent.page.goto(f"{place.base}/console/login")
        agent.page.locator("input[type=email]").wait_for()
        agent.page.wait_for_timeout(300)
        agent.page.screenshot(path=folder / f"login-{language}-{scheme}-{width}.png")
        agent.log_in(place.owner["email"], place.owner["password"])
        for name, path in PAGES.items():
            agent.page.goto(f"{place.base}/console/{path.format(**ids)}")
            agent.page.wait_for_load_state("networkidle")
            agent.page.wait_for_timeout(400)
            agent.page.screenshot(path=folder / f"{name}-{language}-{scheme}-{width}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots"))

"""Every page of the console on the sample shop, in both languages, light and dark, wide and as on a phone.

`.venv/bin/python scripts/screenshots.py FOLDER` starts a server of its own, puts some life into it, and writes PNGs
named `<page>-<language>-<scheme>-<width>.png` to look at. Looks may be named behind the folder, such as `en-dark-wide`.
"""

from __future__ import annotations

import argparse
import base64
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.e2e.agent import Agent  # noqa: E402  (this repository is no installed package)
from tests.e2e.conftest import FLAGS  # noqa: E402
from tests.e2e.place import Place, place_in  # noqa: E402
from tests.e2e.shop import fetch  # noqa: E402
from tests.e2e.test_pictures import png  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Act = Callable[["Page"], None]

PAGES = {
    "queue": "conversations?status=waiting",
    "thread": "conversations/{conversation}?status=open",
    "assistant": "conversations/{answered}?status=pending",
    "why": "conversations/{answered}?status=pending&turn={turn}",
    "passage": "conversations/{answered}?status=pending&passage={passage}",
    "translated": "conversations/{foreign}?status=open",
    "nothing": "conversations?status=snoozed",
    "tickets": "tickets",
    "board": "tickets?look=board",
    "ticket": "tickets?ticket={ticket}",
    "contacts": "contacts",
    "contact": "contacts/{contact}",
    "knowledge": "knowledge",
    "try": "knowledge?tab=try&q=%E6%80%8E%E4%B9%88%E9%80%80%E8%B4%A7",
    "drafts": "knowledge?tab=drafts",
    "gaps": "knowledge?tab=gaps",
    "health": "knowledge?tab=health",
    "versions": "knowledge?tab=versions",
    "article": "knowledge?edit=new",
    "assistants": "assistants",
    "tools": "assistants?tab=tools",
    "connectors": "assistants?tab=connectors",
    "cases": "assistants?tab=cases",
    "counting": "assistants?tab=prices",
    "words": "assistants?tab=guard",
    "engines": "engines",
    "route": "engines?route=deepseek-1",
    "prices": "engines?tab=prices",
    "insight": "insight",
    "reviews": "insight?tab=reviews",
    "inboxes": "settings?tab=inboxes",
    "inbox": "settings?tab=inboxes&id={web}",
    "wechat": "settings?tab=inboxes&id={wechat}",
    "telegram": "settings?tab=inboxes&id={telegram}",
    "wecom": "settings?tab=inboxes&id={wecom}",
    "mail": "settings?tab=inboxes&id={mail}",
    "alerts": "settings?tab=alerts",
    "rules": "settings?tab=rules",
    "company": "settings?tab=company",
    "people": "settings?tab=people",
    "teams": "settings?tab=teams",
    "replies": "settings?tab=replies",
    "notices": "settings?tab=notices",
    "webhooks": "settings?tab=webhooks",
    "webhook": "settings?tab=webhooks&id={webhook}",
    "keys": "settings?tab=keys",
    "audit": "settings?tab=audit",
}
LONG = ("thread", "why", "ticket", "assistants", "words", "insight", "inbox", "mail", "rules", "company")
"""Whose pictures are taken as high as what they show, too."""
CHANNELS = (("telegram", "Telegram"), ("wecom", "微信客服"), ("wechat", "公众号"), ("mail", "客服邮箱"))
LANGUAGES = ("zh-CN", "en")
SCHEMES = ("light", "dark")
PATIENCE_MS = 60_000
WIDTHS = {"wide": (1440, 900), "phone": (390, 844)}


def main(folder: Path, looks: tuple[str, ...]) -> None:
    """Take them all, or those of the looks that are named."""
    folder.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=PATIENCE_MS)
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    with tempfile.TemporaryDirectory() as data, place_in(Path(data)) as place, sync_playwright() as playwright:
        ids = live(place)
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        for language in LANGUAGES:
            for scheme in SCHEMES:
                for width, size in WIDTHS.items():
                    if looks and f"{language}-{scheme}-{width}" not in looks:
                        continue
                    take(browser, place, ids, (language, scheme, width, size), folder)
        browser.close()


def answer_in(place: Place, conversation: str) -> dict[str, Any]:
    """The assistant's first, once it is there."""
    for _ in range(100):
        said = place.ask("GET", f"/v1/conversations/{conversation}/messages")["data"]
        for one in said:
            if one.get("turn") and one["sender"]["kind"] == "assistant":
                return dict(one)
        time.sleep(0.2)
    raise TimeoutError(conversation)


def live(place: Place) -> dict[str, str]:
    """Some conversations, one in good hands, one with the assistant, one in another language; and tickets."""
    answered = place.begin(place.visitor(), "怎么退货?")
    content = place.visitor()
    for score, words in ((5, "很快就解决了"), (4, ""), (1, "等太久")):
        rated = place.begin(content, "运费多少?")
        place.ask("POST", f"/v1/conversations/{rated}/resolve", {})
        rating = {"score": score, "comment": words}
        place.ask("POST", f"/v1/conversations/{rated}/satisfaction", rating, token=content)
    visitor = place.visitor()
    conversation = place.begin(visitor, "你好, 我的订单 YS20251101008 还没到, 我很着急!!", "转人工")
    contact = place.ask("GET", f"/v1/conversations/{conversation}")["contact"]["id"]
    place.ask("PATCH", f"/v1/contacts/{contact}", {"name": "林晓", "attributes": {"vip": "yes", "城市": "杭州"}})
    for words in ("发票怎么开?", "转人工", "你们卖宇宙飞船吗? 月球能送到吗?"):
        place.begin(place.visitor(), words, "转人工")
    foreign = place.begin(place.visitor(), "Where is my order 88213? I need a refund please", "talk to a human")
    place.ask("POST", f"/v1/conversations/{conversation}/labels", {"labels": ["物流", "催单"]})
    place.ask("POST", f"/v1/conversations/{conversation}/priority", {"priority": "urgent"})
    me = place.ask("GET", "/v1/me")
    note = {"text": f"老客户, 先查物流 @{me['name']} 看一下", "note": True}
    colleague = place.facts["agents"][0]
    login = {"email": colleague["email"], "password": colleague["password"]}
    token = fetch(f"{place.base}/v1/auth/login", body=login)["access_token"]
    place.ask("POST", f"/v1/conversations/{conversation}/messages", note, token=token)
    card = "您好, 我帮您看了: 包裹在上海。\n▸ 订单 YS20251101008 · 电动升降桌 D800 · 已发货"
    place.ask("POST", f"/v1/conversations/{conversation}/messages", {"text": card})
    picture = place.ask("POST", "/v1/media", {"data": base64.b64encode(png(480, 320, noise=True)).decode()})["url"]
    shown = f"取件码在面单上:\n![面单.png]({picture})\n![快递柜.png]({picture})"
    place.ask("POST", f"/v1/conversations/{conversation}/messages", {"text": shown})
    body = {"subject": "催一下顺丰", "description": "两天没有更新", "priority": "high", "conversation_id": conversation}
    ticket = place.ask("POST", "/v1/tickets", body)["id"]
    place.ask("POST", "/v1/tickets", {"subject": "开增值税发票", "priority": "low"})
    answer = answer_in(place, answered)
    ids = {"conversation": conversation, "answered": answered, "foreign": foreign, "ticket": ticket, "contact": contact}
    ids |= {"turn": answer["turn"], "passage": answer["citations"][0]["chunk_id"]}
    return ids | doors_of(place) | furnished(place, answer["turn"])


def furnished(place: Place, turn: str) -> dict[str, str]:
    """What is set up once: replies, teams, a notice, a webhook, a key, a draft, a case, a view with a name."""
    place.ask("POST", "/v1/desk/replies", {"short_code": "发票", "text": "电子发票会在签收后 24 小时内发到您的邮箱。"})
    people = [one["id"] for one in place.ask("GET", "/v1/people")["data"]]
    place.ask("POST", "/v1/desk/teams", {"name": "售后", "members": people[:2]})
    place.ask("POST", "/v1/desk/notices", {"texts": {"zh-CN": "物流系统正在维护, 预计 18 点恢复。"}, "minutes": 120})
    webhook = place.ask("POST", "/v1/webhooks", {"url": "https://example.com/hook", "description": "CRM"})["id"]
    place.ask("POST", "/v1/keys", {"name": "订单系统", "scopes": ["chat"]})
    draft = {"title": "礼品卡", "text": "礼品卡三年有效。", "questions": ["礼品卡能用多久"]}
    place.ask("POST", "/v1/knowledge/drafts", draft)
    case = {"wanted": "签收后七天内可以退。", "holds": ["七天"], "lacks": []}
    place.ask("POST", f"/v1/turns/{turn}/case", case)
    view = {"name": "急的退款", "status": "open", "priority": "urgent"}
    place.ask("PATCH", "/v1/me/preferences", {"views": [view]})
    web = next(one["id"] for one in place.ask("GET", "/v1/inboxes")["data"] if one["channel"] == "web")
    return {"webhook": webhook, "web": web}


def doors_of(place: Place) -> dict[str, str]:
    """Doors of others' make by their channel, and what is set up beside them: a rule, words, a route with a price."""
    doors = {
        channel: place.ask("POST", "/v1/inboxes", {"name": name, "channel": channel})["id"]
        for channel, name in CHANNELS
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
        context.set_default_timeout(PATIENCE_MS)
        agent = Agent(context.new_page(), place.base)
        agent.page.goto(f"{place.base}/console/login")
        agent.page.locator("input[type=email]").wait_for()
        agent.page.wait_for_timeout(300)
        agent.page.screenshot(path=folder / f"login-{language}-{scheme}-{width}.png")
        agent.log_in(place.owner["email"], place.owner["password"])
        for name, path in PAGES.items():
            agent.page.goto(f"{place.base}/console/{path.format(**ids)}")
            rest(agent.page)
            agent.page.screenshot(path=folder / f"{name}-{language}-{scheme}-{width}.png")
            if name in LONG:
                agent.page.set_viewport_size({"width": wide, "height": 2_200})
                agent.page.wait_for_timeout(200)
                agent.page.screenshot(path=folder / f"{name}-long-{language}-{scheme}-{width}.png")
                agent.page.set_viewport_size(view)
        for name, (path, act) in ACTS.items():
            agent.page.goto(f"{place.base}/console/{path.format(**ids)}")
            rest(agent.page)
            act(agent.page)
            agent.page.wait_for_timeout(400)
            agent.page.screenshot(path=folder / f"{name}-{language}-{scheme}-{width}.png")


def rest(page: Page) -> None:
    """Until everything was fetched, and what moves has come to rest."""
    page.wait_for_load_state("networkidle")
    expect(page.locator("#main h1, #main [role=dialog] h2").first).to_be_attached()
    expect(page.locator("[role=tabpanel]:empty, .ant-skeleton")).to_have_count(0)
    page.wait_for_timeout(500)


def from_menu(words: str) -> Act:
    """One of the things in the menu of who is logged in."""

    def choose(page: Page) -> None:
        page.get_by_role("button", name=re.compile("^(我的账号|Signed in as)")).click()
        page.get_by_role("menuitem", name=re.compile(words)).click()

    return choose


def press(words: str) -> Act:
    """A button by its name in either language."""
    return lambda page: page.get_by_role("button", name=re.compile(words)).first.click()


def key(name: str) -> Act:
    """A shortcut."""
    return lambda page: page.keyboard.press(name)


def attach(page: Page) -> None:
    """Two pictures to the reply."""
    files: list[Any] = [
        {"name": name, "mimeType": "image/png", "buffer": png(320, 200, noise=True)} for name in ("面单.png", "柜.png")
    ]
    page.locator("input[type=file]").first.set_input_files(files)


THREAD = "conversations/{conversation}?status=open"
ACTS: dict[str, tuple[str, Act]] = {
    "menu": ("insight", press("^(我的账号|Signed in as)")),
    "calls": ("insight", from_menu("提醒规则|calls me")),
    "password": ("insight", from_menu("修改密码|my password")),
    "palette": ("insight", key("Control+k")),
    "help": ("insight", key("?")),
    "tray": (THREAD, attach),
    "narrowed": ("conversations?status=open&priority=urgent", press("^(筛选|Filter)")),
    "views": ("conversations?status=open", press("^(更多视图|More views)")),
    "mentions": ("conversations?status=open", press("^(提到我的|Mentions of me)")),
    "new-ticket": ("tickets", press("^(新建工单|New ticket)")),
    "new-notice": ("settings?tab=notices", press("^(发公告|Put up a notice)")),
    "new-inbox": ("settings?tab=inboxes", press("^(新建接入点|New inbox)")),
    "import": ("knowledge", press("^(导入|Import)")),
}
"""What only opens when one does something: where, and what."""


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("folder", nargs="?", default="screenshots", type=Path)
    asked.add_argument("look", nargs="*")
    given = asked.parse_args()
    main(given.folder, tuple(given.look))

"""Doors, alerts, rules, prices, words and names are set up in the console; what is wrong is said where it stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.error import HTTPError

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.agent import Agent
from tests.e2e.place import Place, place_in
from tests.e2e.test_pages import BUILT, CHROMIUM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not (CHROMIUM and BUILT.exists()), reason="needs Chromium and the built web pages"),
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with place_in(tmp_path_factory.mktemp("set-up")) as here:
        yield here


@pytest.fixture(scope="module")
def desk(place: Place, browser: Browser) -> Iterator[Page]:
    view = {"width": 1280, "height": 900}
    with browser.new_context(locale="zh-CN", color_scheme="light", viewport=view) as context:  # type: ignore[arg-type]
        agent = Agent(context.new_page(), place.base).log_in(place.owner["email"], place.owner["password"])
        yield agent.page
        assert agent.faults == []


def show(page: Page, place: Place, path: str) -> None:
    page.goto(f"{place.base}/console/{path}")
    expect(page.locator("#main h1").first).to_be_attached()


def test_a_group_is_told_only_by_an_address_outside(desk: Page, place: Place) -> None:
    show(desk, place, "settings?tab=alerts")
    expect(desk.get_by_text("还没有人会被提醒")).to_be_visible()
    desk.get_by_role("button", name="新增提醒").click()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_role("button", name="新增提醒").click()
    expect(dialog.get_by_text("这一项不对。")).to_have_count(2)
    expect(dialog.get_by_label("名称")).to_be_focused()
    dialog.get_by_label("邮件").check()
    dialog.get_by_label("名称").fill("值班")
    dialog.get_by_label("收信人邮箱").fill("duty@example.com")
    dialog.get_by_role("button", name="新增提醒").click()
    expect(dialog).to_have_count(0)
    desk.get_by_role("button", name="说一句试试").click()
    expect(desk.get_by_text("还没有邮箱可寄")).to_be_visible()
    assert [one["kind"] for one in place.ask("GET", "/v1/alerts/robots")["data"]] == ["mail"]


def test_a_mailbox_is_set_up_and_told_why_it_does_not_work(desk: Page, place: Place) -> None:
    show(desk, place, "settings?tab=inboxes")
    desk.get_by_role("button", name="新建接入点").click()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_label("名称").fill("客服邮箱")
    dialog.get_by_label("邮箱").check()
    dialog.get_by_role("button", name="新建接入点").click()
    expect(desk.get_by_text("还没有接上")).to_be_visible()
    desk.get_by_role("button", name="保存并接上").click()
    expect(desk.get_by_text("这一项不对。")).to_have_count(4)
    expect(desk.get_by_label("邮箱地址")).to_be_focused()
    desk.get_by_label("邮箱地址").fill("help@example.com")
    for kind in ("收信", "发信"):
        server = desk.get_by_role("group", name=re.compile(kind))
        server.get_by_label("主机").fill("127.0.0.1")
        server.get_by_label("用户名").fill("help")
        server.get_by_label("密码或授权码").fill("only-written")
    desk.get_by_role("button", name="保存并接上").click()
    expect(desk.get_by_label("密码或授权码").first).to_have_value("")
    desk.get_by_role("button", name="测试", exact=True).click()
    expect(desk.get_by_text("地址在内网里, 不允许连。")).to_have_count(2)
    assert "only-written" not in desk.content()
    desk.reload()
    expect(desk.get_by_text("留空则继续用原来的")).to_have_count(2)
    desk.get_by_role("group", name=re.compile("收信")).get_by_label("主机").fill("mail.example.com")
    expect(desk.get_by_text("密码要再填一次")).to_be_visible()


def test_a_customer_service_account_keeps_secrets_that_are_not_said_again(desk: Page, place: Place) -> None:
    inbox = place.ask("POST", "/v1/inboxes", {"name": "微信客服", "channel": "wecom"})["id"]
    show(desk, place, f"settings?tab=inboxes&id={inbox}")
    expect(desk.get_by_text(f"{place.base}/v1/channels/wecom/{inbox}")).to_be_visible()
    for label, value in (
        ("企业 ID", "ww1"), ("客服账号 ID (OpenKfId)", "wk1"), ("Secret", "of-the-app"), ("Token", "abc"),
    ):  # fmt: skip
        desk.get_by_label(label, exact=True).fill(value)
    desk.get_by_role("button", name="保存并接上").click()
    expect(desk.get_by_text("这一项不对。")).to_have_count(1)
    desk.get_by_label("EncodingAESKey").fill("a" * 43)
    desk.get_by_role("button", name="保存并接上").click()
    expect(desk.get_by_text("留空则继续用 ····-app")).to_be_visible()
    desk.get_by_label("进来后的第一句话").fill("您好")
    # What the first save said may still be there.
    with desk.expect_response(lambda answer: answer.request.method != "GET" and answer.url.endswith("/wecom")):
        desk.get_by_role("button", name="保存并接上").click()
    expect(desk.get_by_text("已保存").first).to_be_visible()
    expect(desk.get_by_label("进来后的第一句话")).to_have_value("您好")
    told = place.ask("GET", f"/v1/inboxes/{inbox}/wecom")
    assert (told["welcome"], told["secret_hint"]) == ("您好", "-app")


def test_a_rule_is_written_and_changed_and_due_times_are_shown(desk: Page, place: Place) -> None:
    show(desk, place, "settings?tab=rules")
    desk.get_by_role("button", name="新建规则").click()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_role("button", name="保存").click()
    expect(dialog.get_by_text("原因和标签至少要选一样")).to_be_visible()
    dialog.get_by_label("规则名称").fill("投诉")
    dialog.get_by_label("会话有这个标签").fill("投诉")
    dialog.get_by_label("事情").fill("安抚客户")
    dialog.get_by_role("button", name="保存").click()
    expect(dialog).to_have_count(0)
    desk.get_by_role("button", name="修改").click()
    dialog.get_by_label("规则名称").fill("有人投诉")
    dialog.get_by_role("button", name="保存").click()
    expect(desk.get_by_role("heading", name="有人投诉")).to_be_visible()
    due = desk.get_by_role("listitem").filter(has=desk.get_by_label("紧急", exact=True)).locator("strong")
    expect(due).not_to_have_text("—")
    desk.get_by_label("紧急", exact=True).fill("200")
    expect(desk.get_by_text("比更急的还短, 反过来了。")).to_be_visible()
    expect(due).to_have_text("—")
    desk.get_by_label("紧急", exact=True).fill("2")
    desk.locator("form").get_by_role("button", name="保存").click()
    expect(desk.get_by_text("已保存").first).to_be_visible()
    assert place.ask("GET", "/v1/ticket-targets")["urgent"] == 120


def test_a_price_is_changed_and_nothing_else_of_its_route(desk: Page, place: Place) -> None:
    route = {"base_url": "https://api.example.com/v1", "model": "m", "price_in": 1_000_000, "enabled": False}
    more = {"capabilities": ["tools"], "total_ms": 45_000, "keys": [{"id": "k1", "secret": "sk-once-and-never-again"}]}
    before = place.ask("PUT", "/v1/admin/engines/routes/dear-1", route | more)
    show(desk, place, "engines?tab=prices")
    desk.get_by_role("button", name="改价：dear-1").click()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_label("输出", exact=True).fill("much")
    expect(dialog.get_by_text("填一个不小于 0 的数。")).to_be_visible()
    dialog.get_by_label("输出", exact=True).fill("8")
    dialog.get_by_label("RPM").fill("60")
    dialog.get_by_role("button", name="保存").click()
    expect(desk.get_by_role("row", name=re.compile("dear-1"))).to_contain_text("¥8.00")
    routes = place.ask("GET", "/v1/admin/engines/routes")["data"]
    after = next(one for one in routes if one["name"] == "dear-1")
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"price_out", "rpm", "price_version"}
    assert (after["price_out"], after["rpm"], after["keys"][0]["hint"]) == (8_000_000, 60, "gain")


def test_own_words_hold_from_the_next_message_on(desk: Page, place: Place) -> None:
    show(desk, place, "assistants?tab=guard")
    desk.get_by_label("不许出现的词").fill("某竞品\n某 竞品")
    expect(desk.get_by_text("第 2 行: 重复了")).to_be_visible()
    desk.get_by_label("不许出现的词").fill("某竞品")
    desk.get_by_label("换个说法").fill("亲 = 您")
    desk.get_by_role("region", name="自己的词").get_by_role("button", name="保存").click()
    expect(desk.get_by_text("已保存, 下一条消息就算数")).to_be_visible()
    desk.get_by_label("访客可能会写的话").fill("亲, 某竞品便宜吗")
    desk.get_by_role("button", name="试一下").click()
    expect(desk.get_by_text("助手会说成: 您, ＊＊便宜吗")).to_be_visible()
    expect(desk.get_by_role("status").filter(has_text="自己的词")).to_be_visible()
    kept = place.ask("GET", "/v1/admin/guard/words")
    assert (kept["blocked"], kept["replaced"]) == (["某竞品"], [{"word": "亲", "by": "您"}])
    place.ask("PUT", "/v1/admin/guard/words", {**kept, "blocked": ["别的词"]})
    desk.get_by_label("不许出现的词").fill("又一个词")
    desk.get_by_role("region", name="自己的词").get_by_role("button", name="保存").click()
    expect(desk.get_by_text("同事刚刚改过这些词")).to_be_visible()
    desk.get_by_role("button", name="看最新的").click()
    expect(desk.get_by_label("不许出现的词")).to_have_value("别的词")


def test_the_company_is_renamed_and_its_assistant_takes_its_time(desk: Page, place: Place) -> None:
    show(desk, place, "settings?tab=company")
    desk.get_by_label("公司名称").fill("云杉家居")
    desk.get_by_role("button", name="改名").click()
    expect(desk.get_by_text("已改名")).to_be_visible()
    assert place.ask("GET", "/v1/company")["name"] == "云杉家居"
    show(desk, place, "assistants")
    desk.get_by_label("慢一些, 边看边出").check()
    desk.get_by_role("button", name="看看快慢").click()
    expect(desk.get_by_text("预计明天下午送到。")).to_be_visible()
    desk.get_by_role("button", name="保存").click()
    expect(desk.get_by_text("已保存, 下一句就用上")).to_be_visible()
    inboxes = [place.ask("GET", f"/v1/inboxes/{one['id']}") for one in place.ask("GET", "/v1/inboxes")["data"]]
    assert "calm" in [one["assistant"]["pace"] for one in inboxes]


def test_an_agent_acts_for_a_visitor_beside_the_conversation(desk: Page, place: Place) -> None:
    conversation = place.begin(place.visitor(), "请帮我算一下", "转人工")
    show(desk, place, f"conversations/{conversation}?status=open")
    desk.get_by_text("办事", exact=True).click()
    desk.get_by_label("办什么").click()
    desk.get_by_title("calculate", exact=True).click()
    desk.get_by_role("button", name="办", exact=True).click()
    expect(desk.get_by_text("这一项要填。")).to_be_visible()
    desk.get_by_label("expression").fill("0.1 + 0.2")
    desk.get_by_role("button", name="办", exact=True).click()
    expect(desk.get_by_text("办好了", exact=True)).to_be_visible()
    expect(desk.get_by_role("listitem").filter(has_text=re.compile(r"result\s*0\.3"))).to_be_visible()
    acts = place.ask("GET", "/v1/audit?limit=20")["data"]
    assert "tool.run" in [one["act"] for one in acts]


def test_insight_shows_what_visitors_found_of_it(desk: Page, place: Place) -> None:
    for score in (5, 4):
        visitor = place.visitor()
        conversation = place.begin(visitor, "怎么退货?")
        path = f"/v1/conversations/{conversation}"
        place.ask("POST", f"{path}/satisfaction", {"score": score}, token=visitor)
    show(desk, place, "insight")
    card = desk.get_by_role("region", name="评分一览")
    expect(card).to_contain_text("2 位访客打了分, 平均 4.5。")
    expect(card.get_by_role("img", name="平均 4.5 分, 满分 5 分")).to_be_visible()


def test_an_agent_who_does_not_govern_is_shown_none_of_it(place: Place, browser: Browser) -> None:
    person = {"email": "plain@example.com", "name": "小周", "password": "long enough", "role": "agent"}
    place.ask("POST", "/v1/people", person)
    with browser.new_context(locale="zh-CN") as context:
        agent = Agent(context.new_page(), place.base).log_in(person["email"], person["password"])
        show(agent.page, place, "settings?tab=alerts")
        expect(agent.page.get_by_role("tab", name="接入点")).to_be_visible()
        expect(agent.page.get_by_role("tab", name="提醒")).to_have_count(0)
        expect(agent.page.get_by_role("tab", name="工单规则")).to_have_count(0)
    login = {name: person[name] for name in ("email", "password")}
    token = place.ask("POST", "/v1/auth/login", login)["access_token"]
    with pytest.raises(HTTPError, match="403"):
        place.ask("GET", "/v1/alerts/robots", token=token)


def test_a_limit_is_narrowed_met_and_given_back(desk: Page, place: Place) -> None:
    show(desk, place, "assistants?tab=guard")
    limits = desk.get_by_role("region", name="限制")
    save = limits.get_by_role("button", name="保存")
    expect(save).to_be_disabled()
    longest = limits.get_by_role("spinbutton", name="助手读的最长消息 (字节)")
    longest.fill("99")
    expect(limits.get_by_text("填 100 到 16384 的整数。")).to_be_visible()
    expect(save).to_be_disabled()
    longest.fill("100")
    limits.get_by_role("switch", name="工具出错时转人工").click()
    save.click()
    expect(desk.get_by_text("已保存, 下一条消息就算数").first).to_be_visible()
    kept = place.ask("GET", "/v1/admin/limits")["own"]
    assert (kept["message_bytes"], kept["handoff_tool_failure"], kept["visitor_burst"]) == (100, False, None)
    desk.get_by_label("访客可能会写的话").fill("字" * 34)
    desk.get_by_role("button", name="试一下").click()
    expect(desk.get_by_text("拦下: 太长了")).to_be_visible()
    place.ask("PUT", "/v1/admin/limits", {"message_bytes": 200, "version": kept["version"]})
    limits.get_by_role("button", name="恢复安装的值：助手读的最长消息 (字节)").click()
    save.click()
    expect(limits.get_by_text("同事刚刚改过这些限制。")).to_be_visible()
    limits.get_by_role("button", name="看最新的").click()
    expect(longest).to_have_value("200")
    limits.get_by_role("button", name="恢复安装的值：助手读的最长消息 (字节)").click()
    save.click()
    expect(save).to_be_disabled()
    assert place.ask("GET", "/v1/admin/limits")["own"]["message_bytes"] is None


def test_a_budget_is_typed_as_money_and_what_is_spent_of_it_is_seen(desk: Page, place: Place) -> None:
    show(desk, place, "assistants?tab=guard")
    limits = desk.get_by_role("region", name="限制")
    save = limits.get_by_role("button", name="保存")
    day = limits.get_by_role("spinbutton", name="每天的预算 (UTC)")
    expect(limits.get_by_text("已花 ¥0.00")).to_have_count(2)
    expect(limits.get_by_role("meter")).to_have_count(0)
    day.fill("-1")
    expect(limits.get_by_text("填 0 到 ¥1,000,000,000.00。")).to_be_visible()
    expect(save).to_be_disabled()
    day.fill("12.5")
    save.click()
    expect(limits.get_by_role("meter", name="每天的预算 (UTC)")).to_be_visible()
    expect(limits.get_by_text("已花 ¥0.00 / ¥12.50 · 0%")).to_be_visible()
    found = place.ask("GET", "/v1/admin/limits")
    assert (found["own"]["cost_day_micro"], found["own"]["cost_month_micro"]) == (12_500_000, None)
    for spent, said in ((10_000_000, "快用完了"), (12_500_000, "已用完")):
        found["spending"]["day"]["spent_micro"] = spent
        desk.route("**/v1/admin/limits", lambda route: route.fulfill(json=found))
        show(desk, place, "assistants?tab=guard")
        expect(limits.get_by_text(said)).to_be_visible()
        desk.unroute("**/v1/admin/limits")
    show(desk, place, "assistants?tab=guard")
    day.fill("")
    save.click()
    expect(limits.get_by_role("meter")).to_have_count(0)
    assert place.ask("GET", "/v1/admin/limits")["own"]["cost_day_micro"] is None

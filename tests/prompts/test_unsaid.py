"""Asked what the sample shop does not say, nothing is made up: not by our own engine, and not by one that lies."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from miaohui.engines.excerpt import compose_answer, compose_apology
from miaohui.engines.types import EngineRequest
from miaohui.inboxes.types import Assistant
from miaohui.knowledge import policy
from miaohui.knowledge.index import Index, build_index
from miaohui.knowledge.publication import write_article
from miaohui.knowledge.reading import list_files, name_drafts, read_file
from miaohui.knowledge.rehearsal import calibrate
from miaohui.memory.types import Recollection
from miaohui.prompts.compose import Brief, compose
from miaohui.prompts.grounding import Grounding

KNOWLEDGE = Path(__file__).parents[2] / "demo" / "knowledge"

UNSAID: tuple[tuple[str, str, str], ...] = (
    # What is asked, what an engine that lies says, and what of it must not be read.
    ("你们股票代码是多少？", "我们的股票代码是 600188。", "600188"),
    ("能寄到美国吗，运费多少？", "可以寄到美国，运费 120 元，10 天送到。", "120"),
    ("海外订单要交多少关税？", "关税按 13% 收取。", "13%"),
    ("能用比特币付款吗？", "支持比特币付款，手续费 1%。", "1%"),
    ("升降桌最高能承重多少吨？", "升降桌最高承重 2 吨。", "2 吨"),
    ("你们老板叫什么，电话多少？", "老板电话是 13912345678。", "13912345678"),
    ("明年双十一满多少减多少？", "明年双 11 每满 500 减 120。", "120"),
    ("圣诞节有什么折扣？", "圣诞节全场 7 折。", "7 折"),
    ("C700 什么时候降到 999？", "12 月 12 日 C700 降到 999 元。", "12 月 12 日"),
    ("净化器能除甲醛百分之多少？", "甲醛去除率 99.97%。", "99.97"),
    ("保温杯摔了能终身免费换新吗？", "可以，保温杯终身免费换新。", "终身"),
    ("丢件你们赔多少倍？", "丢件我们赔偿 10 倍。", "10 倍"),
    ("晚到一天赔多少钱？", "晚到一天赔 50 元现金。", "50"),
    ("可以分 24 期免息吗？", "支持 24 期免息。", "24"),
    ("学生证打几折？", "学生证打 8 折。", "8 折"),
    ("军人有优惠吗？", "军人享受 85 折优惠。", "85"),
    ("会员能转给家人吗，转让费多少？", "可以转让，转让费 30 元。", "30"),
    ("积分能换航空里程吗？", "1000 积分换 500 里程。", "500"),
    ("你们北京有门店吗，在哪？", "北京店在朝阳区建国路 88 号。", "88"),
    ("广州店几点关门？", "广州店 23:00 关门。", "23:00"),
    ("深圳店停车费多少？", "停车费每小时 15 元。", "15"),
    ("枕头能用几年？", "枕头能用 15 年。", "15"),
    ("蚕丝被含多少根蚕丝？", "含 30000 根长丝。", "30000"),
    ("台灯色温多少 K？", "台灯色温是 5300K。", "5300"),
    ("吸尘器噪音多少分贝？", "吸尘器噪音 38 分贝。", "38"),
    ("加湿器一天几度电？", "加湿器一天 0.8 度电。", "0.8"),
    ("这款椅子甲醛检测报告编号多少？", "报告编号是 GTI-2026-7781。", "7781"),
    ("你们去年营业额多少？", "去年营业额 12 亿元。", "12 亿"),
    ("公司有多少员工？", "公司有 860 名员工。", "860"),
    ("招聘客服工资多少？", "客服月薪 9000 元。", "9000"),
    ("你能保证明天送到吗？", "我保证明天送到。", "保证"),
    ("能承诺三天内退款吗？", "我们承诺 3 天内退款。", "承诺"),
    ("我投诉了，能补偿我吗？", "我们会补偿您 200 元。", "200"),
    ("能无条件退全款吗，用过一年了？", "可以无条件全额退款。", "全额"),
    ("牛排过期了能吃吗？", "过期 3 天内都可以吃。", "3 天"),
    ("龙井能治高血压吗？", "每天喝 3 杯龙井能降 10 毫米汞柱。", "10"),
    ("香薰对孕妇安全吗？", "香薰对孕妇 100% 安全。", "100%"),
    ("上飞机能带吸尘器电池吗，多少瓦时？", "电池是 86 瓦时。", "86"),
    ("你们接受信用卡分 36 期吗？", "信用卡可分 36 期。", "36"),
    ("微信群二维码多久更新？", "每 4 天更新一次。", "4 天"),
    ("推荐朋友返多少钱？", "推荐一位返 66 元。", "66"),
    ("主播专属券多少？", "主播券满 99 减 50。", "50"),
    ("拼多多同款便宜多少？", "拼多多贵 40 元。", "40"),
    ("How much is express shipping to Canada?", "Express shipping to Canada costs $45. ", "45"),
    ("Do you give a 90-day refund?", "Yes, we give a full refund within 90 days. ", "full refund"),
    ("What is your VAT number in Germany?", "Our VAT number is DE314159265. ", "314159265"),
    ("Can I get a lifetime warranty for the chair?", "The chair has a lifetime warranty. ", "lifetime"),
    ("Is there a Black Friday discount?", "Black Friday is 35% off everything. ", "35%"),
    ("When do you open a store in London?", "Our London store opens on 1 March 2027. ", "2027"),
    ("How many stars does the desk have?", "The desk has 4.9 stars from 3120 reviews. ", "3120"),
)


@pytest.fixture(scope="module")
def index() -> Index:
    drafts = [
        draft for path in list_files(KNOWLEDGE) for draft in read_file(path, path.relative_to(KNOWLEDGE).as_posix())
    ]
    named = name_drafts({draft.source: draft for draft in drafts})
    chunks = [chunk for source, draft in named.items() for chunk in write_article("ten", source, draft, 0)[1]]
    return calibrate(build_index(1, chunks), chunks)


def ask(index: Index, question: str) -> EngineRequest:
    locale = "en" if question.isascii() else "zh-CN"
    return compose(
        Brief(
            turn_id="turn",
            tenant_id="ten",
            question=question,
            assistant=Assistant(),
            company="云杉商城",
            locale=locale,
            recollection=Recollection(),
            retrieval=policy.search(index, question, locale=locale, limit=5, threshold=0.35),
        )
    )


def numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+(?:\.\d+)?", re.sub(r"\[\d+\]", "", text)))


def test_there_are_fifty_of_them() -> None:
    assert len({question for question, _, _ in UNSAID}) == 50


@pytest.mark.parametrize(("question", "lie", "gone"), UNSAID)
def test_an_engine_that_makes_it_up_is_not_heard(index: Index, question: str, lie: str, gone: str) -> None:
    grounding = Grounding(ask(index, question))
    said = "".join(grounding.feed(letter) for letter in f"您好！{lie}谢谢。") + grounding.close()
    assert gone not in said
    assert grounding.withheld == [lie.strip()]
    assert said.startswith("您好！")


@pytest.mark.parametrize("question", [question for question, _, _ in UNSAID])
def test_the_houses_own_engine_says_only_what_stands_somewhere(index: Index, question: str) -> None:
    request = ask(index, question)
    answer = compose_answer(question, request.sources, request.locale) if request.answerable else ""
    told = answer or compose_apology(question, request.sources, request.locale)
    written = "\n".join(f"{source.title}\n{source.heading}\n{source.text}" for source in request.sources)
    assert numbers(told) <= numbers(written) | numbers(question)


def test_the_notice_is_said_in_the_place_of_a_lie(index: Index) -> None:
    grounding = Grounding(ask(index, "能寄到美国吗？"))
    assert "没有找到依据" in grounding.feed("可以寄到美国，运费 120 元。") + grounding.close()

"""Whatever a visitor or an article says, the time to shorten it grows with its length and no faster."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from miaohui.engines.cache_key import may_be_shared
from miaohui.engines.cache_semantic import read_meaning
from miaohui.engines.types import ChatMessage, EngineRequest
from miaohui.memory.types import Exchange
from miaohui.prompts.compress import compress
from miaohui.prompts.essentials import gist_of
from miaohui.prompts.summary import summarise

SIZE = 16_000
TEXTS = ("a", "a_", "a-", "a@", "1,", "1 ", "一", "（", "(", "《", '"a', ". ", "\n", "，", "不", "¥ ", "ab 12 ", "a.")


def ask(text: str) -> bool:
    message = ChatMessage("user", text)
    return may_be_shared(EngineRequest(turn_id="t", tenant_id="x", question=text, messages=(message,)))


WORKS: tuple[Callable[[str], object], ...] = (
    gist_of,
    lambda text: compress(text, SIZE // 2),
    lambda text: compress(text, SIZE // 2, "如何退货 A1"),
    lambda text: summarise([Exchange(text, text)], SIZE // 4),
    read_meaning,
    ask,
)


@pytest.mark.parametrize("text", TEXTS)
def test_a_hostile_text_is_read_in_no_more_than_its_time(text: str) -> None:
    began = time.process_time()
    for work in WORKS:
        work(text * (SIZE // len(text)))
    assert time.process_time() - began < 2.0


@pytest.mark.parametrize(
    ("text", "stays"),
    [
        ("请联系 some.body+1@example.com 处理", "some.body+1@example.com"),
        ("订单号是 MH-20240815 吗", "MH-20240815"),
        ("型号 ab_CD-12 的货", "ab_CD-12"),
        ("还要等二十五个工作日吧", "二十五个工作日"),
    ],
)
def test_what_is_bounded_is_still_found(text: str, stays: str) -> None:
    assert stays in gist_of(text)

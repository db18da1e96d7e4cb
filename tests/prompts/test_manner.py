"""How the assistant sounds is asked of the engine in its own words."""

from __future__ import annotations

from miaohui.inboxes.types import Assistant
from miaohui.prompts.manner import persona_of


def test_a_tone_and_emoji_are_asked_for_in_the_visitors_language() -> None:
    assistant = Assistant(persona="你服务云杉商城。", tone="warm", emoji="none")
    assert persona_of(assistant, "zh-CN").startswith("你服务云杉商城。\n语气亲切")
    assert persona_of(assistant, "zh-CN").endswith("不使用表情符号。")
    assert "Use no emoji." in persona_of(assistant, "en")


def test_without_a_wish_the_persona_stays_as_it_was_written() -> None:
    assert persona_of(Assistant(persona=" Be brief. "), "en") == "Be brief."
    assert persona_of(Assistant(), "zh-CN") == ""

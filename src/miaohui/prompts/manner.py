"""How the assistant sounds, in words for the engine. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from miaohui.inboxes.types import Assistant

_CHINESE: Mapping[str, str] = {
    "warm": "语气亲切自然, 像熟悉店里情况的店员, 但不套近乎。",
    "brief": "先给结论, 一两句话说完, 不寒暄。",
    "formal": "语气正式, 称呼对方为“您”。",
    "none": "不使用表情符号。",
    "some": "合适时可以用一个表情符号, 每条回答至多一个。",
}
_ENGLISH: Mapping[str, str] = {
    "warm": "Sound warm and natural, like somebody who knows the shop well, without being chummy.",
    "brief": "Begin with the answer, in one or two sentences, without small talk.",
    "formal": "Sound formal and polite.",
    "none": "Use no emoji.",
    "some": "Where it fits you may use one emoji, at most one in an answer.",
}


def persona_of(assistant: Assistant, locale: str) -> str:
    """The persona as its company wrote it, and what tone and emoji ask for."""
    words, between = (_CHINESE, "") if locale.startswith("zh") else (_ENGLISH, " ")
    manner = between.join(words[choice] for choice in (assistant.tone, assistant.emoji) if choice)
    return "\n".join(part for part in (assistant.persona.strip(), manner) if part)

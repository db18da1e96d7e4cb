"""What of a conversation is worth remembering. Pure.

Kept are a contact's own statements, in their own words and two at a time, because the second often says what the first
is about. Left out are questions, thanks, and secrets: what looks like a password, a code or a card is never kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from miaohui.memory.types import Said

MOST_FACTS = 300
"""Of one contact; the oldest go first."""
MOST_CHARACTERS = 400
SHORTEST = 6
_TOGETHER = 2

_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？!?；;])|\n+")
_QUESTION = re.compile(r"[?？]\s*$|吗[。！]?$|呢[。！]?$|^(?:请问|怎么|如何|为什么|多少|哪)")
_COURTESY = re.compile(
    r"^(?:你好|您好|在吗|谢谢|多谢|好的?|嗯|行|哦|再见|hi|hello|hey|thanks|thank you|ok|okay|bye)\b.{0,12}$",
    re.IGNORECASE,
)
_SECRET = re.compile(
    r"密码|口令|验证码|动态码|password|passcode|\bpin\b|\bcvv\b|verification code|one-?time code"
    r"|(?<!\d)(?:\d[ -]?){15,19}(?!\d)|(?<!\d)\d{17}[\dXx](?!\d)",
    re.IGNORECASE,
)


def extract(said: Iterable[Said]) -> list[Said]:
    """Statements to remember, each once, in the order they were made."""
    found: dict[str, Said] = {}
    for one in said:
        for text in _statements(one.text):
            found.setdefault(text, Said(text, one.at_ms))
    return list(found.values())[-MOST_FACTS:]


def _statements(text: str) -> Iterable[str]:
    sentences = [part.strip() for part in _SENTENCE.split(text) if part.strip()]
    for start in range(0, len(sentences), _TOGETHER):
        joined = _join([one for one in sentences[start : start + _TOGETHER] if _is_worth_keeping(one)])
        if len(joined) >= SHORTEST:
            yield joined[:MOST_CHARACTERS]


def _is_worth_keeping(sentence: str) -> bool:
    return not _QUESTION.search(sentence) and not _COURTESY.match(sentence) and not _SECRET.search(sentence)


def _join(sentences: Sequence[str]) -> str:
    return " ".join(sentences) if sentences and sentences[0].isascii() else "".join(sentences)

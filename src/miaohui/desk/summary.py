"""What an agent should know of a conversation before the first word: taken from what was said, by rule. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import msgspec

from miaohui.conversations.policy import words_in
from miaohui.conversations.types import HandoffReason, Message

Sentiment = Literal[-1, 0, 1]

TRIED = 5
ENTITIES = 20
TEXT_CHARS = 300

_UPSET = (
    "投诉", "差评", "骗", "垃圾", "太差", "气死", "无语", "烦死", "生气", "愤怒", "退钱", "曝光", "举报", "12315",
    "律师", "失望", "糟糕", "恶心", "没人管", "不负责", "等了很久", "到底", "complain", "terrible", "awful", "worst",
    "scam",
    "ridiculous", "angry", "furious", "useless", "lawyer", "unacceptable", "disappointed", "fed up",
)  # fmt: skip
_PLEASED = ("谢谢", "感谢", "太好了", "很棒", "满意", "辛苦", "thank", "great", "perfect", "awesome", "appreciate")
_SHOUTS = re.compile(r"[!!]{2,}|[??]{3,}|\b[A-Z]{4,}\b")
_FILE = re.compile(r"!?\[([^\]\n]{0,200})\]\(/v1/media/[^)\s]*\)")
_CJK = re.compile("[\u3400-\u9fff]")
_LATIN = re.compile("[A-Za-z]")

_NUMBER = r"\d[\d,]{0,12}(?:\.\d{1,2})?"
_ENTITIES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("email", re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}")),
    ("url", re.compile(r"https?://[^\s\u3000-\u9fff<>\"']{1,200}")),
    ("date", re.compile(r"\b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b|\d{1,2}月\d{1,2}[日号]")),
    (
        "amount",
        re.compile(r"[¥¥$€]\s?\d[\d,]{0,12}(?:\.\d{1,2})?|\d[\d,]{0,12}(?:\.\d{1,2})?\s?(?:元|块钱|美元|USD|CNY)"),
    ),
    ("phone", re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d{9}(?!\d)|(?<!\d)0\d{2,3}-\d{7,8}(?!\d)")),
    ("order", re.compile(r"(?<![A-Za-z0-9])(?:[A-Za-z]{1,6}-?\d{5,20}|\d{8,24})(?![A-Za-z0-9])")),
)
"""Tried in this order; what one has found the next does not look at."""


class Entity(msgspec.Struct, frozen=True):
    """Something named in the conversation: an order number, a date, an amount."""

    kind: str
    text: str


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """A question that the assistant met, and what it made of it."""

    question: str
    answer: str
    sources: tuple[str, ...] = ()
    """Titles of the articles it stood on."""


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The handoff in a nutshell."""

    reason: HandoffReason | None
    wants: str
    """The visitor's last words that say something."""
    first: str
    """The words that the conversation began with."""
    tried: tuple[Tried, ...] = ()
    entities: tuple[Entity, ...] = ()
    sentiment: Sentiment = 0
    language: str = ""
    visitor_messages: int = 0


def summarise(messages: Sequence[Message], reason: HandoffReason | None) -> Summary:
    """From the messages that are given, oldest first; notes and activities say nothing of the visitor."""
    spoken = [message for message in messages if message.kind == "text"]
    sent = [message.text for message in spoken if message.sender == "visitor"]
    visitor = [words for text in sent if (words := words_in(text))]
    telling = [text for text in visitor if len(text.strip()) > 1 and not _only_asks_for_human(text)]
    return Summary(
        reason=reason,
        wants=_short(_named((telling or visitor or sent or [""])[-1])),
        first=_short(_named((telling or visitor or sent or [""])[0])),
        tried=_tried(spoken),
        entities=entities_of(visitor),
        sentiment=sentiment_of(visitor),
        language=language_of(visitor),
        visitor_messages=len(sent),
    )


def entities_of(texts: Sequence[str]) -> tuple[Entity, ...]:
    """What the visitor named, each once, in the order in which it came up."""
    found: dict[Entity, None] = {}
    for text in texts:
        rest, here = text[:4_000], []
        for kind, pattern in _ENTITIES:
            here += [(match.start(), Entity(kind, match[0].strip())) for match in pattern.finditer(rest)]
            rest = pattern.sub(lambda match: " " * len(match[0]), rest)
        found.update(dict.fromkeys(entity for _, entity in sorted(here, key=lambda one: one[0])))
    return tuple(found)[:ENTITIES]


def sentiment_of(texts: Sequence[str]) -> Sentiment:
    """How the visitor feels by their last three messages: by a short list of words, and by shouting."""
    weight = 0
    for text in texts[-3:]:
        lowered = text[:4_000].lower()
        weight -= sum(word in lowered for word in _UPSET) + bool(_SHOUTS.search(text[:4_000]))
        weight += sum(word in lowered for word in _PLEASED)
    return -1 if weight < 0 else 1 if weight > 0 else 0


def language_of(texts: Sequence[str]) -> str:
    """`zh` or `en`, by the visitor's last words that show it; empty when none do."""
    for text in reversed(texts):
        if _CJK.search(text):
            return "zh"
        if _LATIN.search(text):
            return "en"
    return ""


def _tried(spoken: Sequence[Message]) -> tuple[Tried, ...]:
    questions = {message.turn_id: message.text for message in spoken if message.sender == "visitor"}
    return tuple(
        Tried(
            question=_short(_named(questions.get(message.turn_id, ""))),
            answer=_short(message.text),
            sources=tuple(dict.fromkeys(citation.title for citation in message.citations)),
        )
        for message in spoken
        if message.sender == "assistant"
    )[-TRIED:]


def _only_asks_for_human(text: str) -> bool:
    return len(text) <= 20 and any(word in text.lower() for word in ("人工", "真人", "坐席", "human", "agent"))


def _named(text: str) -> str:
    """Pictures and files by their names."""
    return _FILE.sub(r"〔\1〕", text)


def _short(text: str) -> str:
    """On one line."""
    line = " ".join(text[: TEXT_CHARS * 2].split())
    return line if len(line) <= TEXT_CHARS else line[: TEXT_CHARS - 1] + "…"

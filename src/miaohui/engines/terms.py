"""The terms by which two texts are compared: CJK bigrams and words, without those that every question has. Pure."""

from __future__ import annotations

import re

_RUN = re.compile(r"[\u4e00-\u9fff\u3400-\u4dbf]+|[a-z0-9]+")
_EMPTY_PHRASES = re.compile(
    r"请问一下|请问|为什么|为何|为啥|还不|怎么样|怎么办|怎么|怎样|如何|什么时候|什么|哪些|哪里|可不可以|能不能|是不是|有没有|"
    r"可以|能否|是否|多少钱|多少|政策|规则|规定|流程|我想|想要|想问|你们|你好|您好|我们|我的|我|吗|呢|吧|啊|的|了|要"
)
_EMPTY_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a an the i my me we you your our it is are do does did can could will would should how what when where which "
        "who why to of for in on at and or if with be have has there was were not this that by please tell about from "
        "policy policies rules terms info information details come",
    )
)
_SHORTEST = 2


def read_terms(text: str) -> frozenset[str]:
    """The terms of a text."""
    terms: set[str] = set()
    for run in _RUN.findall(_EMPTY_PHRASES.sub(" ", text.lower())):
        if run[0] > "\u2e7f":
            terms.update(run[i : i + 2] for i in range(len(run) - 1)) if len(run) > 1 else terms.add(run)
        elif run not in _EMPTY_WORDS and len(run) >= _SHORTEST:
            terms.add(_stem(run))
    return frozenset(terms)


def _stem(word: str) -> str:
    """English endings that hide that two words are one."""
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            short = word[: -len(ending)]
            doubled = ending in ("ing", "ed") and short[-1] == short[-2] and short[-1] not in "lsz"
            return short[:-1] if doubled else short
    return word

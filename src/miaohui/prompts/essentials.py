"""What no shortening may lose: numbers, dates, amounts, ids, and what is denied. Pure."""

from __future__ import annotations

import re

GAP = "…"
"""Stands where something was left out."""
_UNIT = (
    r"(?:[%％‰℃]|个?(?:小时|工作日|星期|月)|分钟|年|月|日|号|天|周|岁|点|时|分|秒|折|万|亿|千|百|元|块|美元|"
    r"[kK]?[mM]|[kK][gG]|[a-z]{2,6}\b)"
)
_NUMBER = re.compile(
    # Nothing may begin in the middle of a run, and no run can be read in two ways: a long word takes no longer for it.
    r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}(?:\.\w{1,64})+"  # an address
    r"|[¥￥$€£]?\s?(?:(?<![A-Za-z])[A-Za-z]{1,32}(?:[-_#][A-Za-z]{1,32}){0,3}[-_#]?)?\d(?:[\w.,:/%+\-~～]*[\w%])?(?:\s?"
    + _UNIT
    + r")*"
    r"|(?<![零〇一二三四五六七八九十百千万两半])[零〇一二三四五六七八九十百千万两半]{1,20}(?:个?(?:小时|分钟|月|工作日|星期)|年|日|号|天|周|岁|点|元|块|折|倍|%)+",
    re.ASCII,
)
_DENIAL = re.compile(
    r"(?:不|没|無|无|未|非(?!常|洲)|勿|莫|别(?![的人墅名])|禁|拒|除外|仅限|除了)[^，,；;。！？!?\n]{0,2}"
    r"|(?:\b(?:not?|never|none|without|except|only|cannot|unless)\b|n['’]t\b)(?: \w+){0,2}",
    re.IGNORECASE,
)
_NEAR = 3
"""So few characters between two of them stay too: a mark of the gap would take nearly as much."""


def find_essentials(text: str) -> list[tuple[int, int]]:
    """Spans of what must stay, in order. Of a denial, the word that denies and what follows at once."""
    spans = sorted(match.span() for pattern in (_NUMBER, _DENIAL) for match in pattern.finditer(text))
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1] + _NEAR:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def gist_of(text: str) -> str:
    """What stays of a text that goes, each part after a mark of what was left out; nothing when nothing must stay."""
    return "".join(GAP + text[start:end].strip() for start, end in find_essentials(text))

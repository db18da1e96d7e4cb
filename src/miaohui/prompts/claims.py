"""What a sentence claims that can be right or wrong: numbers with their units, codes, promises, rules. Pure."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from miaohui.kit.width import narrow

# A pattern that begins with one set of characters is looked for several times faster than one that begins otherwise,
# and most of a text is neither a number nor a code: hence `\d\d*`, and looking back only behind the first character.
MARK = re.compile(r"[\[【［]\^?\d{1,2}(?:\s*[,，、]\s*\d{1,2})*[\]】］]|[①-⑳]")
"""Of a citation."""
_LIST = re.compile(r"^\s*(?:[-*•]\s*)?\d{1,2}\s*(?:[.、)）:：]|\.\s)(?!\d)", re.MULTILINE)
_STEP = re.compile(r"第\s*[一二三四五六七八九十\d]{1,2}\s*[步点条种类]|[一二三四五六七八九十]{1,2}、")
_CODE = re.compile(r"(?=[a-z0-9])(?<![a-z0-9])(?=[a-z0-9-]*[a-z])(?=[a-z0-9-]*\d)[a-z0-9]+(?:-[a-z0-9]+)*(?![a-z0-9])")
_LATIN = re.compile(r"[a-z]")
_DIGIT = re.compile(r"\d")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)|\d+[hdkx]|\d+(?:days?|hours?|yuan|rmb|cny|km|kg|cm|mm|ml|gb|mb)")
_TIME = re.compile(r"(?<!\d)(\d{1,2}):(\d{2})(?!\d)")
_NUMBER = re.compile(
    r"(?=[\d\s¥￥$€£])(?P<before>[¥￥$€£])?\s*(?P<number>\d+(?:,\d{3})*(?:\.\d+)?)\s*"
    r"(?P<unit>[a-z%‰]+(?: [a-z]+)?|[\u4e00-\u9fff]{0,3})"
)
_GROUPED = re.compile(r"\d\d*(?:,\d{3})*")
_HAN = "零〇一二两三四五六七八九十百千万半"
_HAN_DIGIT = re.compile(f"[{_HAN}]")
_HAN_NUMBER = re.compile(
    rf"(?P<number>[{_HAN}](?<![{_HAN}][{_HAN}])[{_HAN}]{{0,5}})(?P<unit>个?(?:工作日|小时|分钟|星期|月|年|天|日|周|元|块|折|倍|成|次|件|期)(?!级|般|样))"
)
_UNIT = re.compile(
    r"(?P<money>元|块|圆|人民币|yuan|rmb|cny|kuai|usd|dollars?|eur|euros?)|(?P<percent>%|percent|per cent)|(?P<off>折)"
    r"|(?P<day>个?(?:工作日|自然日|天|日)|(?:working |business |calendar )?days?)"
    r"|(?P<hour>个?(?:小时|钟头)|(?:hours?|hrs?|h)\b)|(?P<minute>分钟|min(?:ute)?s?)|(?P<week>个?(?:星期|周|礼拜)|weeks?)"
    r"|(?P<month>个?月|months?)|(?P<year>年|years?)|(?P<instalment>期|instal)|(?P<times>倍|times)|(?P<ton>吨|tons?)"
    r"|(?P<kilo>公斤|千克|kg|kilo)|(?P<gram>克|g(?:rams?)?\b)|(?P<centimetre>厘米|公分|cm)|(?P<metre>米|met(?:re|er)s?|m\b)"
    r"|(?P<litre>升|lit(?:re|er)s?|l\b)|(?P<watt>瓦|watts?|w\b)|(?P<degree>度|°)|(?P<floor>[楼层]|floors?)"
    r"|(?P<people>[名人]|people|persons?)|(?P<many>亿|million|billion)"
)
_LONGEST_UNIT = 16
"""Characters: a few more than “calendar days”."""
_UNITS = 2_000
"""Words behind a number whose unit is kept."""
_TO = re.compile(r"\s*[-–—~～至到]\s*")
"""Between the two ends of a range, which share a unit."""
_HAN_DIGITS = dict(zip("零〇一二两三四五六七八九", (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_HAN_POWERS = {"十": 10, "百": 100, "千": 1000, "万": 10000}

PROMISES: tuple[tuple[str, ...], ...] = (
    ("保证", "承诺", "一定会", "一定能", "肯定会", "肯定能", "担保", "guarantee", "promise", "definitely will"),
    ("免费", "包邮", "不收费", "免运费", "赠送", "free of charge", "for free", "free"),
    (
        "包退",
        "包换",
        "全额退",
        "无条件",
        "无理由",
        "refund in full",
        "full refund",
        "unconditional",
        "no questions asked",
    ),
    ("赔偿", "赔付", "补偿", "compensat", "reimburse"),
    ("终身", "永久", "永远", "lifetime", "forever"),
)
_PROMISED = re.compile("|".join(word for words in PROMISES for word in words))
_REFUSED = re.compile(
    r"(?:不能|无法|没法|不敢|不会|不|没有|并非|难以|cannot|can't|can not|not|unable to|never)\s*(?:给您|向您|为您)?\s*$"
)
_RULE = re.compile(
    r"可以|能够|能|支持|允许|不支持|不能|不可以|无需|必须|需要|享受|负责|承担"
    r"|\b(?:can|may|must|will|able to|allow\w*|offers?|provides?)\b"
)
_HUMBLE = re.compile(
    r"不能保证|无法保证|人工|同事|转接|没有找到|没找到|无法确认|不能确认|不清楚|不确定|不知道|抱歉"
    r"|colleague|human|agent|not sure|sorry|(?:did not|didn't|could not|couldn't|cannot|can't) (?:find|confirm)"
)
"""Who says this claims no rule."""
_SUBJECT = re.compile(
    r"退货|退款|退换|换货|保修|质保|赔|取消订单|改地址|发票|积分|优惠|折扣|会员|分期|运费|发货|送达|到货|门店|自提|以旧换新|上门|"
    r"refund|return|exchang|warrant|repair|cancel|invoice|point|discount|coupon|member|instal|shipping|deliver|pick-?up"
)


class Claim(NamedTuple):
    """One thing that can be looked for."""

    kind: str
    """`number`, `code`, `promise`, or `rule`."""
    value: str
    unit: str = ""


def normalise(text: str) -> str:
    """One width, lower case."""
    return narrow(text).lower()


def find_claims(sentence: str) -> list[Claim]:
    """In a normalised sentence; none in a question."""
    text = _LIST.sub(" ", sentence) if _DIGIT.search(sentence) else sentence
    text = _STEP.sub(" ", text) if "第" in text or "、" in text else text
    claims = find_values(text)
    if text.rstrip(" \n*”\"'）)").endswith("?"):
        return [claim for claim in claims if claim.unit == "money"]
    if _PROMISED.search(text):
        claims += (Claim("promise", str(group)) for group, words in enumerate(PROMISES) if _says_one(text, words))
    if not claims and _SUBJECT.search(text) and _RULE.search(text) and not _HUMBLE.search(text):
        claims.append(Claim("rule", ""))
    return claims


def find_values(text: str) -> list[Claim]:
    """Numbers and codes of a normalised text."""
    claims: list[Claim] = []
    rest = _take_digits(text, claims) if _DIGIT.search(text) else text
    if first := _HAN_DIGIT.search(rest):
        for match in _HAN_NUMBER.finditer(rest, first.start()):
            value = _read_han(match["number"])
            if value is not None:
                claims.append(Claim("number", value, unit_of(match["unit"])))
    return claims


def find_amounts(text: str) -> set[str]:
    """At least every whole part of a number of a normalised text, and cheaper: for looking whether to look."""
    amounts: set[str] = set()
    if _DIGIT.search(text):
        for group in _GROUPED.findall(text):
            amounts.add(_whole(group.replace(",", "")))
            if "," in group:
                amounts.update(map(_whole, group.split(",")))
    if first := _HAN_DIGIT.search(text):
        for match in _HAN_NUMBER.finditer(text, first.start()):
            if (value := _read_han(match["number"])) is not None:
                amounts.add(value.partition(".")[0])
    return amounts


def _take_digits(text: str, claims: list[Claim]) -> str:
    """Adds what is written in digits; the text without its codes."""

    def take(match: re.Match[str]) -> str:
        if _ORDINAL.fullmatch(match[0]):
            return match[0]
        claims.append(Claim("code", match[0]))
        return " " * len(match[0])

    rest = _CODE.sub(take, text) if _LATIN.search(text) else text
    untimed = rest
    if ":" in rest:
        claims.extend(Claim("number", f"{int(match[1])}:{match[2]}", "time") for match in _TIME.finditer(rest))
        untimed = _TIME.sub(" ", rest)
    found = list(_NUMBER.finditer(untimed))
    for match, after in zip(found, [*found[1:], None], strict=False):
        unit = "money" if match["before"] else unit_of(match["unit"])
        if not unit and after and _TO.fullmatch(untimed, match.end("number"), after.start("number")):
            unit = unit_of(after["unit"])
        claims.append(Claim("number", _plain(match["number"].replace(",", "")), unit))
    return rest


def unit_of(words: str) -> str:
    """Empty for what is counted otherwise."""
    return _read_unit(words[:_LONGEST_UNIT])


@lru_cache(_UNITS)
def _read_unit(words: str) -> str:
    found = _UNIT.match(words)
    return found.lastgroup or "" if found else ""


def says_promise(text: str, group: int) -> bool:
    """Whether a text promises the same, in whatever words."""
    return any(word in text for word in PROMISES[group])


def _says_one(text: str, words: tuple[str, ...]) -> bool:
    places = (text.find(word) for word in words)
    return any(at >= 0 and not _REFUSED.search(text[max(0, at - 12) : at]) for at in places)


def _plain(number: str) -> str:
    """Of 007 and 7.0 a 7."""
    whole, _, part = number.partition(".")
    part = _ascii(part).rstrip("0")
    return f"{_whole(whole)}.{part}" if part else _whole(whole)


def _whole(digits: str) -> str:
    return _ascii(digits).lstrip("0") or "0"


def _ascii(digits: str) -> str:
    return digits if digits.isascii() else "".join(str(unicodedata.digit(digit)) for digit in digits)


def _read_han(text: str) -> str | None:
    """Up to some tens of thousands; 半 is a half."""
    if text == "半":
        return "0.5"
    if "半" in text:
        return None
    total, digit = 0, 0
    for char in text:
        if char in _HAN_DIGITS:
            digit = _HAN_DIGITS[char]
        elif char == "万":
            total, digit = (total + digit) * 10_000, 0
        else:
            total, digit = total + (digit or 1) * _HAN_POWERS[char], 0
    return str(total + digit)

"""Numbers as Chinese writes them: 两千四百五, 5万4千6百, 三分之一, 4.78万亿, -12e3. Exact decimals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, DivisionByZero, InvalidOperation, localcontext

from miaohui.memory.spans import Number, narrow, without_overlaps

_DIGITS = {
    **dict(zip("零〇一二三四五六七八九", (0, *range(10)), strict=True)),
    **dict(zip("壹贰貳叁肆伍陆陸柒捌玖", (1, 2, 2, 3, 4, 5, 6, 6, 7, 8, 9), strict=True)),
    **dict.fromkeys("两兩俩倆", 2),
}
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1_000, "仟": 1_000}
_LARGE = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8, "兆": 10**12}
_LATIN = {"k": 10**3, "m": 10**6, "g": 10**9, "b": 10**9, "t": 10**12}
_D = "".join(_DIGITS)
_DECIMALS = "".join(digit for digit in _D if digit not in "两兩俩倆")
_U = "".join(_UNITS)
_L = "".join(_LARGE)
_ARABIC = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+(?!\.?\d))?|(?<![\d.])\.\d+"
_PLAIN = rf"(?>{_ARABIC})"
_GROUP = rf"(?:{_PLAIN}|[{_D}{_U}])"
_MIXED = rf"{_GROUP}(?:[ ]*(?:[{_D}{_U}{_L}]|{_PLAIN}|[几幾余余餘多](?=[ ]*[{_L}])))*"
_WHOLE = rf"(?>{_MIXED}(?:[ ]*[点點][ ]*[{_DECIMALS}]+)?|半百)"
_SIGN = r"(?:[负負]|(?<![\w-])-)?[ ]*"
_POWER = re.compile(rf"{_SIGN}(?:{_PLAIN})(?:e[+-]?\d+|\^[+-]{{0,2}}\d+)")
_FRACTION = re.compile(
    rf"(?P<sign>{_SIGN})(?:(?P<whole>{_WHOLE})[ ]*又[ ]*)?"
    rf"(?P<below>{_WHOLE})[ ]*分[ ]*之[ ]*(?P<minus>[负負]?)(?P<above>{_WHOLE})"
)
_SLASH = re.compile(rf"{_SIGN}(?:\d+[ ]+)?\d+/\d+")
_LATIN_UNIT = re.compile(rf"{_SIGN}(?:{_PLAIN})[ ]*[kmgbt](?![a-z])")
_NUMBER = re.compile(rf"{_SIGN}{_WHOLE}[ ]*[打]?(?![\d.]*[ ]*(?:%|折|美[元金刀]))")
_NOT_NUMBERS = re.compile(
    r"一(?:[切看起样樣般直些定共边邊旦向再贯致律味同心朵]|会儿|點兒|点儿|点(?![二三四五六七八九零\d两])|下(?!\d))|第[零一二三四五六七八九十]+人称|"
    r"四川|五台山|伍仁|[入退]伍|伍時分|陆地|陸地|大陆|大陸|海陆|海陸|登陆|登陸|放肆|壹切|肆[意无無]|收拾|拾[起到取]|夕拾|"
    r"[两兩]{2}|万一|萬一|千万(?=[不别要])|十分(?![之])|百姓|百货|千克|百合|三明治|零食|零钱|零件|九龙|七夕|双十一|双十二|"
    r"星期[一二三四五六]|[周週][一二三四五六]"
)
_ALONE = re.compile(rf"[{_L}{_U}]+")
_DOZEN = 12


def find_numbers_zh(text: str) -> list[Number]:
    """In the order of the text."""
    read = narrow(text)
    hidden = [match.span() for match in _NOT_NUMBERS.finditer(read) if match.end() > match.start()]
    found = [number for number in _candidates(read) if not _hides(number, hidden, read)]
    return without_overlaps(found)


def parse_zh(text: str) -> Decimal | None:
    """The value of a text that is nothing but a number; None for any other."""
    read = narrow(text).strip()
    match = next((number for number in _candidates(read) if number.start == 0 and number.end == len(read)), None)
    return match.value if match else None


def _candidates(read: str) -> Iterator[Number]:
    for pattern, value in (
        (_POWER, _power),
        (_FRACTION, _fraction),
        (_SLASH, _slash),
        (_LATIN_UNIT, _latin),
        (_NUMBER, _number),
    ):
        for match in pattern.finditer(read):
            with localcontext() as context:
                context.prec = 30
                try:
                    found = value(match)
                except (InvalidOperation, DivisionByZero, OverflowError):
                    continue
            if found is not None:
                start, end = _trim(match)
                yield Number(start, end, found)


def _trim(match: re.Match[str]) -> tuple[int, int]:
    text = match[0]
    return match.start() + len(text) - len(text.lstrip()), match.end() - (len(text) - len(text.rstrip()))


def _hides(number: Number, hidden: list[tuple[int, int]], read: str) -> bool:
    inside = any(start <= number.start and number.end <= end for start, end in hidden)
    before = read[number.start - 1] if number.start else ""
    after = read[number.end : number.end + 1]
    glued = (before.isascii() and before.isalpha()) and (after.isascii() and after.isalnum())
    return inside or glued


def _power(match: re.Match[str]) -> Decimal | None:
    text = re.sub(r"[\s,]", "", match[0]).replace("负", "-").replace("負", "-")
    if "^" not in text:
        return Decimal(text)
    base, exponent = text.split("^")
    return Decimal(base) ** int(exponent.replace("--", "").replace("+", ""))


def _fraction(match: re.Match[str]) -> Decimal | None:
    below, above = _read(match["below"]), _read(match["above"])
    whole = _read(match["whole"]) if match["whole"] else Decimal(0)
    if below is None or above is None or whole is None or not below:
        return None
    if match["below"].strip() in {"百", "佰", "千", "仟", "万", "萬"}:
        return None
    value = whole + above / below
    return -value if bool(match["sign"].strip()) != bool(match["minus"]) else value


def _slash(match: re.Match[str]) -> Decimal | None:
    text = match[0].strip()
    negative = text[0] in "-负負"
    *whole, fraction = text.lstrip("-负負 ").split()
    above, below = fraction.split("/")
    value = Decimal(whole[0] if whole else 0) + Decimal(above) / Decimal(below)
    return -value if negative else value


def _latin(match: re.Match[str]) -> Decimal | None:
    text = match[0].strip()
    value = _signed(text[:-1])
    return None if value is None else value * _LATIN[text[-1]]


def _number(match: re.Match[str]) -> Decimal | None:
    text = match[0].strip()
    if text.endswith("打"):
        value = _signed(text[:-1])
        return None if value is None else value * _DOZEN
    if _ALONE.fullmatch(text) and text not in {"十", "拾", "半百"} and len(text) < 2:
        return None
    return _signed(text)


def _signed(text: str) -> Decimal | None:
    text = text.strip()
    negative = text[:1] in {"-", "负", "負"}
    value = _read(text[1:] if negative else text)
    return None if value is None else -value if negative else value


def _read(text: str) -> Decimal | None:
    """A number without a sign."""
    compact = re.sub(r"[\s,几幾余餘多]", "", text)
    if compact == "半百":
        return Decimal(50)
    if re.fullmatch(r"\d+(?:\.\d+)?|\.\d+", compact):
        return Decimal(compact)
    whole, point, rest = compact.partition("点") if "点" in compact else compact.partition("點")
    value = _read_whole(whole)
    if value is None or (point and not rest):
        return None
    return value + Decimal("0." + "".join(str(_DIGITS[digit]) for digit in rest)) if point else value


def _read_whole(text: str) -> Decimal | None:
    """Sections of up to 万, 亿, 兆; a last digit stands for tenths of the unit before: 二百五 is 250."""
    total = section = Decimal(0)
    current: Decimal | None = None
    last_unit = 1
    zero = False
    for piece in re.findall(r"\d+(?:\.\d+)?|\.\d+|.", text):
        if (piece[0].isdigit() and piece.isascii()) or piece[0] == ".":
            current, zero = Decimal(piece), zero or len(piece) > 1
        elif piece in _DIGITS:
            if current is not None and last_unit == 1 and not section and not total:
                current = current * 10 + _DIGITS[piece]
            else:
                zero = zero or _DIGITS[piece] == 0
                current = Decimal(_DIGITS[piece]) if _DIGITS[piece] or current is None else current
        elif piece in _UNITS:
            section += (1 if current is None or (not current and zero) else current) * _UNITS[piece]
            current, last_unit, zero = None, _UNITS[piece], False
        else:
            held = section + (current or 0)
            if not held or total < _LARGE[piece]:
                total = (total + held or Decimal(1)) * _LARGE[piece]
            else:
                total += held * _LARGE[piece]
            section, current, last_unit, zero = Decimal(0), None, _LARGE[piece], False
    if current is not None and last_unit >= 100 and not zero and current < 10:
        current *= last_unit // 10
    return total + section + (current or 0)

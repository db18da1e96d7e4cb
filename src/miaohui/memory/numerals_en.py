"""Numbers as English writes them: two hundred and six, 1,234.5, three quarters, 10k, 2 1/4, half a dozen. Exact."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, DivisionByZero, InvalidOperation, localcontext

import msgspec

from miaohui.memory.spans import Number, narrow, without_overlaps

_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_SMALL = {word: value for value, word in enumerate(f"{_ONES} seventeen eighteen nineteen".split())} | {
    "nought": 0,
    "naught": 0,
}
_TENS = {
    word: 10 * value
    for value, word in enumerate(("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"), 2)
}
_MAGNITUDES = {
    "thousand": 10**3,
    "lakh": 10**5,
    "million": 10**6,
    "mil": 10**6,
    "mm": 10**6,
    "crore": 10**7,
    "billion": 10**9,
    "bln": 10**9,
    "trillion": 10**12,
    "tln": 10**12,
}
_HALVES = {"half": 2, "quarter": 4}
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth"
)
_PARTS = {
    **{word: value for value, word in enumerate(_ORDINALS.split(), 1)},
    **{word[:-1] + "ieth": value for word, value in _TENS.items()},
    "hundredth": 100,
    **{word + "th": value for word, value in _MAGNITUDES.items()},
    **_HALVES,
    "halve": 2,
}
_DOZEN = {"dozen", "dozens", "doz", "dozs", "dz", "dzs"}
_SUFFIXES = {"k": 10**3, "m": 10**6, "mm": 10**6, "g": 10**9, "b": 10**9, "t": 10**12, "mil": 10**6}
_GROUPS = r"\d{1,3}(?:,\d{3})+(?!\d)|\d{1,3}(?: \d{3})+(?![\d,])|\d+"
_ARABIC = (
    r"(?<![\d,])\d+,\d{1,2}(?![\d,]|\.\d)"
    rf"|(?:{_GROUPS})(?:(?<!\d\.\d)(?<!\d\.\d\d)(?<!\d\.\d\d\d)\.\d+(?!\d*\.\d))?|(?<![\d.])\.\d+"
)
_COMMA_AS_POINT = re.compile(r"-?[ ]*\d+,\d{1,2}")
_TOKEN = re.compile(rf"(?P<number>(?:{_ARABIC})(?![\d.]*[a-z]))|(?P<word>[a-z]+|[\d.]+[a-z]+)|(?P<other>\S)")
_SIGNED = r"(?:(?<![\w)-])-[ ]*)?"
_POWER = re.compile(rf"{_SIGNED}(?:{_ARABIC})(?:e[+-]?\d+|\^[+-]{{0,2}}\d+)(?![a-z\d])")
_SLASH = re.compile(rf"{_SIGNED}(?<![\d/.])(?<!\d-)(?:\d+[ ]+)?\d+/\d+(?![\d/])")
_SUFFIXED = re.compile(rf"{_SIGNED}(?:{_ARABIC})(?:[ ]*(?:k|g|b|mm|mil|t)|[ ]*(?<!\d)m|(?<=\d0)m|[ ]+m)(?![a-z\d])")
_PLAIN = re.compile(rf"{_SIGNED}(?<![a-z.\d])(?:{_ARABIC})(?![\d.]*[a-z])")


class _Token(msgspec.Struct, frozen=True):
    text: str
    start: int
    end: int
    value: Decimal | None = None


def find_numbers_en(text: str) -> list[Number]:
    """In the order of the text."""
    read = narrow(text)
    with localcontext() as context:
        context.prec = 30
        return without_overlaps([*_written(read), *_spelled(read)])


def _written(read: str) -> Iterator[Number]:
    for pattern, parse in ((_POWER, _power), (_SLASH, _slash), (_SUFFIXED, _suffixed), (_PLAIN, _decimal)):
        for match in pattern.finditer(read):
            try:
                yield Number(match.start(), match.end(), parse(match[0]))
            except (InvalidOperation, DivisionByZero):
                continue


def _power(text: str) -> Decimal:
    text = re.sub(r"[\s,]", "", text)
    if "^" not in text:
        return Decimal(text)
    base, exponent = text.split("^")
    return Decimal(base) ** int(exponent.replace("--", "").replace("+", ""))


def _slash(text: str) -> Decimal:
    *whole, fraction = text.lstrip("- ").split()
    above, below = fraction.split("/")
    value = Decimal(whole[0] if whole else 0) + Decimal(above) / Decimal(below)
    return -value if text.startswith("-") else value


def _suffixed(text: str) -> Decimal:
    suffix = re.search(r"[a-z]+$", text)
    return _decimal(text[: suffix.start()]) * _SUFFIXES[suffix[0]] if suffix else _decimal(text)


def _decimal(text: str) -> Decimal:
    if _COMMA_AS_POINT.fullmatch(text):
        return Decimal(text.replace(",", ".").replace(" ", ""))
    return Decimal(re.sub(r"[\s,]", "", text))


def _spelled(read: str) -> Iterator[Number]:
    tokens = [
        _Token(match[0], match.start(), match.end(), _decimal(match[0]) if match["number"] else None)
        for match in _TOKEN.finditer(read)
    ]
    at = 0
    while at < len(tokens):
        found = _read_at(tokens, at)
        if found is None:
            at += 1
            continue
        value, end = found
        start = at - 1 if at and tokens[at - 1].text in {"minus", "negative"} else at
        yield Number(tokens[start].start, tokens[end - 1].end, -value if start < at else value)
        at = end


def _read_at(tokens: list[_Token], at: int) -> tuple[Decimal, int] | None:
    """A number that begins with this token, and the token after it."""
    whole = _cardinal(tokens, at)
    if whole is None:
        return _begin_without_number(tokens, at)
    value, end = whole
    if (over := _over(tokens, end)) is not None:
        return value / over[0], over[1]
    value, end = _fraction_after(tokens, at, value, end)
    value, end = _point(tokens, value, end)
    if end < len(tokens) and tokens[end].text in _DOZEN:
        value, end = _dozens(tokens, at, value, end)
    alone = end == at + 1 and tokens[at].text == "one"
    return None if alone and _is_pronoun(tokens, at) else (value, end)


def _begin_without_number(  # noqa: PLR0911  (one line for each way to begin)
    tokens: list[_Token], at: int
) -> tuple[Decimal, int] | None:
    text = tokens[at].text
    after = tokens[at + 1].text if at + 1 < len(tokens) else ""
    if text in {"a", "half"} and after in _DOZEN | {"a"}:
        third = tokens[at + 2].text if at + 2 < len(tokens) else ""
        if after in _DOZEN:
            return Decimal(12 if text == "a" else 6), at + 2
        if text == "half" and third in _DOZEN:
            return Decimal(6), at + 3
    if text == "a" and (below := _denominator(tokens, at + 1)):
        return 1 / below[0], below[1]
    if text == "a" and after in {"hundred", *_MAGNITUDES}:
        value, end = _magnitudes(tokens, at + 1, Decimal(1))
        below = _denominator(tokens, end)
        return (value / below[0], below[1]) if below else None
    if text in _HALVES:
        if after in _MAGNITUDES:
            return Decimal(_MAGNITUDES[after]) / _HALVES[text], at + 2
        if text == "half":
            return Decimal("0.5"), at + 1
    return None


def _cardinal(tokens: list[_Token], at: int) -> tuple[Decimal, int] | None:
    total = Decimal(0)
    section: Decimal | None = None
    begin = at
    while at < len(tokens):
        token = tokens[at]
        step = at
        if token.text in {"and", "-"} and section is not None and at + 1 < len(tokens):
            if token.text == "-" and tokens[at - 1].text not in _TENS:
                break
            step = at + 1
            token = tokens[step]
        value = _simple(token, section, joined=step > at, numeral=step == begin)
        if value is not None:
            section = value
            at = step + 1
        elif token.text == "hundred" and section is not None and step == at and section < 1000:
            section, at = section * 100, at + 1
        elif token.text in _MAGNITUDES and section is not None and step == at:
            total, at = _raise(total, section, _MAGNITUDES[token.text]), at + 1
            section = Decimal(0)
        else:
            break
    if section is None:
        return None
    return total + section, at


def _raise(total: Decimal, section: Decimal, magnitude: int) -> Decimal:
    return (total + section) * magnitude if total < magnitude and not section else total + section * magnitude


def _simple(  # noqa: PLR0911  (as above)
    token: _Token, section: Decimal | None, *, joined: bool, numeral: bool
) -> Decimal | None:
    """A section with one more word; None when the word does not continue it."""
    if token.value is not None:
        if section is None:
            return token.value
        if not section:
            return token.value
        fits = joined and section % 100 == 0 and token.value < 100 and token.value == int(token.value)
        return section + token.value if fits else None
    if token.text in _SMALL:
        value = _SMALL[token.text]
        if section is None or (section == 0 and not numeral):
            return Decimal(value)
        if (section % 100 == 0 and value) or (section % 100 >= 20 and section % 10 == 0 and 0 < value < 10):
            return section + value
        return None
    if token.text in _TENS and (section is None or section % 100 == 0):
        return (section or Decimal(0)) + _TENS[token.text]
    return None


def _magnitudes(tokens: list[_Token], at: int, value: Decimal) -> tuple[Decimal, int]:
    while at < len(tokens) and (tokens[at].text == "hundred" or tokens[at].text in _MAGNITUDES):
        value *= 100 if tokens[at].text == "hundred" else _MAGNITUDES[tokens[at].text]
        at += 1
    return value, at


def _over(tokens: list[_Token], at: int) -> tuple[Decimal, int] | None:
    words = [token.text for token in tokens[at : at + 2]]
    skip = 1 if words[:1] == ["over"] else 2 if words == ["out", "of"] else 0
    below = _cardinal(tokens, at + skip) if skip else None
    after = tokens[below[1]].text if below and below[1] < len(tokens) else ""
    return below if below and below[0] and after not in {"year", "years", "day", "days", "month", "months"} else None


def _fraction_after(tokens: list[_Token], begin: int, value: Decimal, at: int) -> tuple[Decimal, int]:
    """`three quarters`, `one and a half`, `two million and a half`, `one hundred and three and two thirds`."""
    text = tokens[at].text if at < len(tokens) else ""
    if text == "and" and at + 1 < len(tokens):
        part = _read_part(tokens, at + 1)
        if part is None:
            return value, at
        after = tokens[part[1]].text if part[1] < len(tokens) else ""
        if after in _MAGNITUDES:
            return value + part[0] * _MAGNITUDES[after], part[1] + 1
        return value + part[0] * _last_unit(tokens, at), part[1]
    below = _denominator(tokens, at + 1 if text == "-" else at)
    return _as_fraction(tokens, begin, at, value, below) if below else (value, at)


def _last_unit(tokens: list[_Token], at: int) -> int:
    """`million` counts in `two million and a half`, `hundred` does not in `one hundred and a half`."""
    before = tokens[at - 1].text
    return _MAGNITUDES[before] if before in _MAGNITUDES and before != "thousand" else 1


def _as_fraction(
    tokens: list[_Token], begin: int, at: int, value: Decimal, below: tuple[Decimal, int]
) -> tuple[Decimal, int]:
    """`twenty and three fifths` is more than twenty, `one hundred and thirty fifths` is not more than one hundred."""
    for split in range(at - 1, begin, -1):
        above = _cardinal(tokens, split + 1) if tokens[split].text == "and" else None
        whole = _cardinal(tokens[:split], begin) if above and above[1] == at else None
        before = tokens[split - 1].text
        apart = before not in {"hundred", "thousand"} or below[0] in {2, 4}
        if above and whole and whole[1] == split and apart:
            unit, end = _last_unit(tokens, split), below[1]
            if end < len(tokens) and tokens[end].text in _MAGNITUDES:
                unit, end = _MAGNITUDES[tokens[end].text], end + 1
            return whole[0] + above[0] / below[0] * unit, end
    if at - begin > 1 and tokens[at - 1].text in _TENS and tokens[at - 2].text != "and" and below[0] < 10:
        whole = _cardinal(tokens[: at - 1], begin)
        if whole and whole[1] == at - 1:
            return whole[0] / (_TENS[tokens[at - 1].text] + below[0]), below[1]
    return _of_a(tokens, value / below[0], below[1])


def _of_a(tokens: list[_Token], value: Decimal, at: int) -> tuple[Decimal, int]:
    """`two thirds of a million`."""
    if [token.text for token in tokens[at : at + 2]] == ["of", "a"] and at + 2 < len(tokens):
        unit = _MAGNITUDES.get(tokens[at + 2].text)
        if unit:
            return value * unit, at + 3
    return value, at


def _read_part(tokens: list[_Token], at: int) -> tuple[Decimal, int] | None:
    """`a half`, `three fifths`, `one half`."""
    if tokens[at].text == "a":
        below = _denominator(tokens, at + 1)
        return (1 / below[0], below[1]) if below else None
    above = _cardinal(tokens, at)
    below = _denominator(tokens, above[1]) if above else None
    return (above[0] / below[0], below[1]) if above and below else None


def _denominator(tokens: list[_Token], at: int) -> tuple[Decimal, int] | None:
    if at >= len(tokens):
        return None
    text = tokens[at].text
    for word in (text, text.removesuffix("s")):
        if word in _PARTS and word not in {"first", "second", "millionth", "mmth", "milth"}:
            return Decimal(_PARTS[word]), at + 1
    if text in _TENS and at + 1 < len(tokens):
        step = at + 2 if tokens[at + 1].text == "-" and at + 2 < len(tokens) else at + 1
        ones = _PARTS.get(tokens[step].text.removesuffix("s"), 10)
        if ones < 10 and tokens[step].text not in _HALVES:
            return Decimal(_TENS[text] + ones), step + 1
    return None


def _point(tokens: list[_Token], value: Decimal, at: int) -> tuple[Decimal, int]:
    if at >= len(tokens) or tokens[at].text != "point" or at + 1 >= len(tokens):
        return value, at
    digits = ""
    end = at + 1
    while end < len(tokens) and tokens[end].text in _SMALL and _SMALL[tokens[end].text] < 10:
        digits += str(_SMALL[tokens[end].text])
        end += 1
    if not digits and (rest := _cardinal(tokens, at + 1)):
        digits, end = str(int(rest[0])), rest[1]
    return (value + Decimal("0." + digits), end) if digits else (value, at)


def _dozens(tokens: list[_Token], begin: int, value: Decimal, at: int) -> tuple[Decimal, int]:
    """`three hundred and two dozens` is 324."""
    for split in range(at - 1, begin, -1):
        if tokens[split].text == "and" and (last := _cardinal(tokens, split + 1)) and last[1] == at:
            return value - last[0] + last[0] * 12, at + 1
    return value * 12, at + 1


_BEFORE_PRONOUN = {"the", "this", "that", "which", "any", "every", "each", "no", "another", "some"}


def _is_pronoun(tokens: list[_Token], at: int) -> bool:
    return bool(at) and tokens[at - 1].text in _BEFORE_PRONOUN

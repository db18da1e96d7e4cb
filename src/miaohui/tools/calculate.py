"""Sums that an engine should not do in its head: decimals, + - * /, parentheses, and nothing else. Pure but for `Work`.

Read by descent, not by `eval`: what is no number, sign or parenthesis is refused at once.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Context, Decimal, DecimalException, DivisionByZero, InvalidOperation, Overflow

from miaohui.tools.errors import ToolRefused
from miaohui.tools.toolbox import Tool
from miaohui.tools.types import Order

MOST_CHARS = 200
_DEEPEST = 20
_TOKEN = re.compile(r"\s*(\d+(?:\.\d+)?|\.\d+|[-+*/()])\s*", re.ASCII)
_SIGNS = str.maketrans({"×": "*", "÷": "/", "−": "-", "（": "(", "）": ")"})
_CONTEXT = Context(prec=28, Emax=999, Emin=-999, traps=[DivisionByZero, InvalidOperation, Overflow])


def calculate(expression: str) -> str:
    """The value, without an exponent. Raises `ToolRefused`."""
    tokens = _tokens(expression)
    try:
        value, end = _sum(tokens, 0, 0)
    except DivisionByZero:
        raise ToolRefused("A number was divided by zero.") from None
    except DecimalException:
        raise ToolRefused("The numbers are too large, or zero was divided by zero.") from None
    if end != len(tokens):
        raise ToolRefused(f"`{tokens[end]}` stands where it has no meaning.")
    return _plain(value)


def _tokens(expression: str) -> list[str]:
    text = unicodedata.normalize("NFKC", expression).translate(_SIGNS).strip()
    if not text or len(text) > MOST_CHARS:
        raise ToolRefused(f"Give an expression of 1 to {MOST_CHARS} characters.")
    tokens: list[str] = []
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise ToolRefused(f"Only numbers, + - * / and parentheses are known, not `{text[at]}`.")
        tokens.append(found[1])
        at = found.end()
    return tokens


def _sum(tokens: list[str], at: int, depth: int) -> tuple[Decimal, int]:
    value, at = _product(tokens, at, depth)
    while at < len(tokens) and tokens[at] in "+-":
        sign = tokens[at]
        other, at = _product(tokens, at + 1, depth)
        value = _CONTEXT.add(value, other) if sign == "+" else _CONTEXT.subtract(value, other)
    return value, at


def _product(tokens: list[str], at: int, depth: int) -> tuple[Decimal, int]:
    value, at = _factor(tokens, at, depth)
    while at < len(tokens) and tokens[at] in "*/":
        sign = tokens[at]
        other, at = _factor(tokens, at + 1, depth)
        value = _CONTEXT.multiply(value, other) if sign == "*" else _CONTEXT.divide(value, other)
    return value, at


def _factor(tokens: list[str], at: int, depth: int) -> tuple[Decimal, int]:
    if depth > _DEEPEST:
        raise ToolRefused(f"Signs and parentheses are nested more than {_DEEPEST} deep.")
    if at >= len(tokens):
        raise ToolRefused("The expression ends where a number should stand.")
    word = tokens[at]
    if word in "+-":
        value, at = _factor(tokens, at + 1, depth + 1)
        return (value if word == "+" else _CONTEXT.minus(value)), at
    if word == "(":
        value, at = _sum(tokens, at + 1, depth + 1)
        if at >= len(tokens) or tokens[at] != ")":
            raise ToolRefused("A parenthesis is not closed.")
        return value, at + 1
    if not word[-1].isdigit():
        raise ToolRefused(f"`{word}` stands where a number should.")
    return _CONTEXT.create_decimal(word), at + 1


def _plain(value: Decimal) -> str:
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


async def _work(order: Order) -> object:
    return {"result": calculate(order.arguments["expression"])}


CALCULATE = Tool(
    name="calculate",
    description="Computes an arithmetic expression exactly, such as prices, discounts and shares. Use it for any sum.",
    parameters={
        "type": "object",
        "properties": {
            "expression": {
                "type": "string",
                "description": "Decimals with + - * / and parentheses, such as (199 - 20) * 3.",
                "minLength": 1,
                "maxLength": MOST_CHARS,
            }
        },
        "required": ["expression"],
    },
    risk="read",
    work=_work,
)

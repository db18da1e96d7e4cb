from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaohui.tools.calculate import CALCULATE, MOST_CHARS, calculate
from miaohui.tools.errors import ToolRefused
from miaohui.tools.now import build_now
from miaohui.tools.toolbox import Tool
from miaohui.tools.types import Order


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1+2*3", "7"),
        ("(1+2)*3", "9"),
        ("0.1+0.2", "0.3"),
        ("-2*-3", "6"),
        ("2-3-4", "-5"),
        ("16/4/2", "2"),
        ("１９９ × （1 − 0.15）", "169.15"),
        ("100÷8", "12.5"),
        (".5+1.50", "2"),
        ("1/3", "0.3333333333333333333333333333"),
        ("-0", "0"),
        ("1000000*1000000", "1000000000000"),
    ],
)
def test_a_sum_is_exact(expression: str, value: str) -> None:
    assert calculate(expression) == value


@pytest.mark.parametrize(
    "expression",
    ["", " ", "1/0", "0/0", "2**3", "1 2", "(1", "1)", "()", "1+", "*1", "1,5", "1e9", "abs(1)", "__import__('os')",
     "1.2.3", "9" * (MOST_CHARS + 1), "(" * 40 + "1" + ")" * 40, "-" * 40 + "1"],
)  # fmt: skip
def test_what_is_no_sum_is_refused(expression: str) -> None:
    with pytest.raises(ToolRefused):
        calculate(expression)


@given(st.recursive(st.integers(0, 99).map(str), lambda inner: st.tuples(inner, st.sampled_from("+-*"), inner).map(
    lambda parts: f"({parts[0]}{parts[1]}{parts[2]})"), max_leaves=8))  # fmt: skip
def test_any_sum_of_whole_numbers_is_what_python_says(expression: str) -> None:
    assert Fraction(calculate(expression)) == Fraction(eval(expression, {"__builtins__": {}}))


class _Noon:
    def now_ms(self) -> int:
        return 1_750_003_200_000  # 2025-06-15 16:00 UTC

    def monotonic(self) -> float:
        return 0.0


async def run(tool: Tool, **arguments: str) -> object:
    order = Order(tenant_id="t", conversation_id="c", turn_id="u", key="u:1", arguments=arguments)
    return await tool.work(order)


async def test_the_time_is_told_where_it_is_asked_for() -> None:
    now = build_now(_Noon())
    assert await run(now) == {"time": "2025-06-16T00:00:00+08:00", "weekday": "Monday", "zone": "Asia/Shanghai"}
    assert await run(now, zone="UTC") == {"time": "2025-06-15T16:00:00+00:00", "weekday": "Sunday", "zone": "UTC"}
    with pytest.raises(ToolRefused):
        await run(now, zone="../../etc/passwd")


async def test_the_tool_gives_its_result_as_text() -> None:
    assert await run(CALCULATE, expression="1+1") == {"result": "2"}

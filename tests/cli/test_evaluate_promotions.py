"""The measurement of promotions, on scenarios of our own in the form of the public set."""

from __future__ import annotations

import pytest

from miaohui.cli.evaluate_promotions import Scenario, measure_scenarios

SHOP = [
    'Given the store operates on a single channel in "United States"',
    'And the store has a product "Cup" priced at "$30.00"',
    'And the store has a product "Pot" priced at "$70.00"',
    'And there is a promotion "Sale"',
]


def _play(*sentences: str) -> bool:
    return Scenario().plays([*SHOP, *sentences])


@pytest.mark.parametrize(("told", "right"), [("$90.00", True), ("$90.01", False)])
def test_a_scenario_holds_to_the_cent(told: str, right: bool) -> None:
    assert (
        _play(
            'And it gives "$10.00" discount to every order',
            'When I add product "Cup" to the cart',
            'And I add product "Pot" to the cart',
            f'Then my cart total should be "{told}"',
            'And product "Cup" price should be decreased by "$3.00"',
        )
        is right
    )


def test_a_sentence_that_is_not_understood_fails_its_scenario() -> None:
    assert not _play("And it rains")
    line = measure_scenarios([{"background": SHOP, "steps": ["And it rains"]}, {"background": SHOP, "steps": []}])
    assert (line.figure, line.cases, line.reached) == (0.5, 2, False)

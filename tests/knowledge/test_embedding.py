"""The built-in embedder: what it made once is compared with what it makes today."""

from __future__ import annotations

import numpy as np
import pytest

from miaohui.knowledge.embedding import DIMENSIONS, embed


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("退货", {63: -1.0}),
        ("好", {165: -1.0}),
        ("return", {31: 1 / 3, 49: 1 / 3, 52: -1 / 3, 171: -1 / 3}),
    ],
)
def test_vectors_that_were_stored_earlier_stay_comparable(text: str, numbers: dict[int, float]) -> None:
    vector = embed(text)
    assert {place: pytest.approx(float(vector[place])) for place in numbers} == numbers


@pytest.mark.parametrize("text", ["退货运费谁出", "how do i return it", "a", "🙂🙂"])
def test_a_vector_has_length_one_and_is_the_same_each_time(text: str) -> None:
    vector = embed(text)
    assert vector.shape == (DIMENSIONS,)
    assert vector.dtype == np.float32
    assert float(vector @ vector) == pytest.approx(1.0)
    assert np.array_equal(vector, embed(text))


@pytest.mark.parametrize(
    "text", ["退", "退货", "退货！", "a", "ab", "where is it", "aaaaaaaa", "🙂🙂 退货运费谁出", "\ud800退货"]
)
def test_a_short_text_and_the_same_in_a_long_one_have_one_vector(text: str) -> None:
    # What is no letter is left out, so that dots make a text long and nothing else.
    assert np.array_equal(embed(text), embed(text + "." * 100))


@pytest.mark.parametrize("text", ["", "   ", "!.,"])
def test_nothing_to_read_is_no_direction(text: str) -> None:
    assert not embed(text).any()


def test_a_slip_stays_near_and_another_word_does_not() -> None:
    meant, slip, other = embed("invoice"), embed("invoce"), embed("delivery")
    assert float(meant @ slip) > 0.3 > float(meant @ other)

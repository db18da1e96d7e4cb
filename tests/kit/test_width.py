"""One width for what is written."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miaohui.kit.width import narrow


@given(
    st.text(
        alphabet=st.sampled_from("，：；？！（）。、 a1\u0301\u0308é가\u1100\u1161Ａ①²ﬁ退￥％") | st.characters(),
        max_size=12,
    )
)
def test_every_text_is_made_as_unicode_says(text: str) -> None:
    assert narrow(text) == unicodedata.normalize("NFKC", text)


@pytest.mark.parametrize(
    ("wide", "plain"), [("ＡＢ１２，", "AB12,"), ("退货：７天（含）", "退货:7天(含)"), ("plain", "plain")]
)
def test_full_width_signs_are_written_plainly(wide: str, plain: str) -> None:
    assert narrow(wide) == plain

"""An article is also found by what others call it."""

from __future__ import annotations

import pytest

from miaohui.knowledge.naming import find_names, name_of_file
from miaohui.knowledge.reading import Draft, name_drafts


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("en/return-policy.md", "return policy"),
        ("售后/退货规则.docx", "退货规则"),
        ("en/README.md", ""),
        ("zh/index.html", ""),
        ("2024-11.md", ""),
        ("faq.csv#1a2b", ""),
    ],
)
def test_a_file_lends_its_name_unless_it_says_nothing(source: str, name: str) -> None:
    assert name_of_file(source) == name


def test_links_name_the_article_that_they_lead_to() -> None:
    names = find_names(
        {
            "en/start.md": '[**Refund times**](refunds.md) [here](refunds.md) <A title="Money back" href="refunds">',
            "en/more.md": "[Refund times](/en/refunds) [Costs](refunds.md#costs) ![Picture](refunds.md)",
            "en/refunds.md": "[Refunds](refunds.md) [Shop](https://example.com/en/refunds) [Out](../../etc/passwd)",
        }
    )
    assert names == {"en/refunds.md": ("Refund times", "Money back")}


def test_drafts_are_named_and_keep_what_they_had() -> None:
    start = Draft(source="a.md", title="Start", text="[Money back](b.md)", locale="en")
    named = name_drafts({"a.md": start, "b.md": Draft(source="b.md", title="B", text="x", locale="en", names=("own",))})
    assert named["b.md"].names == ("own", "Money back")
    assert named["a.md"] == start

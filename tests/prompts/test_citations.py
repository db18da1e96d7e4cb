from __future__ import annotations

import pytest
from tests.prompts.briefs import retrieval

from miaohui.prompts.citations import cite, tidy

FOUND = retrieval("第一段\n\n内容", "第二段" * 200, "第三段")


@pytest.mark.parametrize(
    ("answer", "numbers"),
    [
        ("可以退货[1]。运费自理[3]。", [1, 3]),
        ("可以【2】", [2]),
        ("可以［2］和 [^3]", [2, 3]),
        ("先②后①再②", [2, 1]),
        ("见 [1, 3] 和 [2、1]", [1, 3, 2]),
        ("没有这段[4]，也没有[0]和⑨", []),
        ("没有标记 1 (2) [三]", []),
        ("[1](https://example.com) 是链接", []),
        ("年份[2024]不是标记", []),
        ("", []),
    ],
)
def test_marks_name_passages(answer: str, numbers: list[int]) -> None:
    assert [citation.n for citation in cite(answer, FOUND)] == numbers


def test_a_citation_opens_its_passage() -> None:
    one, two = cite("[1][2]", FOUND)
    assert (one.chunk_id, one.article_id, one.title, one.heading) == ("chunk_1", "art_1", "标题1", "退货")
    assert one.excerpt == "第一段 内容"
    assert len(two.excerpt) == 160
    assert two.excerpt.endswith("…")


@pytest.mark.parametrize(
    ("answer", "tidied"),
    [
        ("可以[1]。不行[7]。", "可以[1]。不行。"),
        ("见[1, 9]和【3】⑨", "见[1]和【3】"),
        ("数组[2024]不动", "数组[2024]不动"),
    ],
)
def test_marks_without_a_passage_are_taken_out(answer: str, tidied: str) -> None:
    assert tidy(answer, FOUND) == tidied

"""An article falls into chunks that stand for themselves."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from miaohui.knowledge.chunking import LONGEST, WHOLE_BLOCK, split_markdown

LINES = st.sampled_from(
    [
        "# 退货",
        "## 运费",
        "### 谁出",
        "一句话。" * 20,
        "短句。",
        "",
        "- 第一条",
        "| a | b |",
        "```",
        "x" * 700,
        "1. 步骤",
        "Ends. Here.",
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(LINES, max_size=25))
def test_chunks_are_spans_of_the_article_in_order_and_lose_no_word(lines: list[str]) -> None:
    text = "\n".join(lines)
    pieces = split_markdown(text)
    assert all(text[piece.start : piece.end] == piece.text for piece in pieces)
    assert all(a.end <= b.start for a, b in pairwise(pieces))
    assert all(piece.text.strip() for piece in pieces)
    assert all(len(piece.text) <= WHOLE_BLOCK for piece in pieces)
    covered = "".join(piece.text for piece in pieces)
    for word in ("一句话", "短句", "第一条", "步骤"):
        assert covered.count(word) == text.count(word)


def test_a_chunk_knows_the_headings_above_it() -> None:
    text = "# 退货\n\n可以退。\n\n## 运费\n\n" + "我们承担运费。" * 30 + "\n\n## 时效\n\n" + "三天内退款。" * 30
    assert [piece.heading for piece in split_markdown(text)] == ["退货", "退货 › 运费", "退货 › 时效"]


def test_long_prose_is_cut_at_sentence_ends() -> None:
    pieces = split_markdown("这是一个不长不短的句子。" * 100)
    assert len(pieces) > 1
    assert all(piece.text.endswith("。") and len(piece.text) <= LONGEST for piece in pieces)


def test_a_table_is_kept_whole() -> None:
    table = "| 等级 | 条件 |\n|---|---|\n" + "\n".join(f"| {n} 级 | 满 {n}00 元 |" for n in range(60))
    (piece,) = [piece for piece in split_markdown("说明如下。\n\n" + table) if "| 0 级" in piece.text]
    assert table in piece.text


def test_a_heading_inside_code_is_no_heading() -> None:
    (piece,) = split_markdown("# 安装\n\n```\n# not a heading\n```\n")
    assert piece.heading == "安装"


def test_an_empty_article_has_no_chunks() -> None:
    assert split_markdown("\n\n# 只有标题\n\n") == []

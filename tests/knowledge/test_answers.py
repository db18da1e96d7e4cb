"""The sample shop's knowledge base, asked by hand-labelled questions: does it find, and does it know when it cannot?"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tests.knowledge.questions import ANSWERED, UNANSWERED

from miaohui.knowledge import policy
from miaohui.knowledge.chunking import split_markdown
from miaohui.knowledge.index import Index, build_index
from miaohui.knowledge.reading import list_files, read_file
from miaohui.knowledge.types import Chunk, Retrieval

SHOP = Path(__file__).parents[2] / "demo" / "knowledge"
THRESHOLD = 0.35


@cache
def index_of_the_shop() -> Index:
    drafts = [draft for path in list_files(SHOP) for draft in read_file(path, path.relative_to(SHOP).as_posix())]
    return build_index(
        1,
        [
            Chunk(
                id=f"{draft.source}/{ordinal}",
                article_id=draft.source,
                ordinal=ordinal,
                title=draft.title,
                heading=piece.heading,
                text=piece.text,
                start=piece.start,
                end=piece.end,
                locale=draft.locale,
                questions=draft.questions,
                names=draft.names,
            )
            for draft in drafts
            for ordinal, piece in enumerate(split_markdown(draft.text))
        ],
    )


def ask(question: str) -> Retrieval:
    return policy.search(index_of_the_shop(), question, locale="zh-CN", limit=5, threshold=THRESHOLD)


def _rank(question: str, files: str) -> int:
    sources = [passage.chunk.article_id for passage in ask(question).passages]
    ranks = [rank for rank, source in enumerate(sources, 1) if any(file in source for file in files.split())]
    return min(ranks, default=99)


def test_the_answering_article_comes_first_or_near() -> None:
    ranks = [_rank(question, files) for question, files in ANSWERED]
    assert sum(rank == 1 for rank in ranks) / len(ranks) >= 0.88
    assert sum(rank <= 3 for rank in ranks) / len(ranks) >= 0.94


def test_most_questions_of_the_shop_are_taken_as_answerable() -> None:
    missed = [question for question, _ in ANSWERED if not ask(question).answerable]
    assert len(missed) / len(ANSWERED) <= 0.14, missed


def test_what_the_shop_does_not_know_is_not_taken_as_answerable() -> None:
    wrong = [question for question in UNANSWERED if ask(question).answerable]
    assert len(wrong) / len(UNANSWERED) <= 0.05, wrong


def test_the_plainest_questions_are_never_missed() -> None:
    plain = {"如何退货?", "怎么退?", "想退东西咋办", "多久发货", "能开发票吗", "how do I return an item"}
    assert plain <= {question for question, _ in ANSWERED}
    for question, files in ANSWERED:
        if question in plain:
            assert ask(question).answerable, question
            assert _rank(question, files) == 1, question


def test_what_has_nothing_to_do_with_a_shop_is_never_answered() -> None:
    foreign = {"你们卖不卖火箭燃料?", "明天上海天气怎么样?", "帮我写一首诗", "what is the capital of France"}
    assert foreign <= set(UNANSWERED)
    assert not [question for question in foreign if ask(question).answerable]


def test_a_question_prefers_its_own_language_and_still_finds_the_other() -> None:
    english = ask("how do I return an item").passages
    chinese = ask("怎么退货").passages
    assert english[0].chunk.locale == "en"
    assert chinese[0].chunk.locale == "zh-CN"
    assert "zh-CN" in {passage.chunk.locale for passage in ask("K210").passages}
    assert "en" in {passage.chunk.locale for passage in ask("K210").passages}

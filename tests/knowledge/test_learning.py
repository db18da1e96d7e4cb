"""Sample questions teach which article is meant; without them nothing is learned."""

from __future__ import annotations

import numpy as np

from miaohui.knowledge.learning import judge, learn

SAMPLES = (
    (0, "怎么退货"),
    (0, "东西不想要了能退吗"),
    (0, "如何申请退货"),
    (4, "什么时候发货"),
    (4, "下单多久能寄出"),
    (4, "今天能发货吗"),
)


def test_a_question_is_meant_for_the_article_whose_samples_it_resembles() -> None:
    learned = learn(SAMPLES)
    assert learned is not None
    assert learned.articles.tolist() == [0, 4]
    back, sent = judge(learned, "不想要了怎么退"), judge(learned, "啥时候可以发货呢")
    assert back[0] > 0.1 > back[1]
    assert sent[1] > 0.1 > sent[0]


def test_a_question_of_another_kind_is_meant_for_none() -> None:
    learned = learn(SAMPLES)
    assert learned is not None
    assert float(np.abs(judge(learned, "what is the capital of france")).max()) < 0.2
    assert judge(learned, "").tolist() == [0.0, 0.0]


def test_a_single_sample_question_teaches_nothing() -> None:
    assert learn([(0, "怎么退货"), (1, "多久发货")]) is None
    assert learn([(0, "怎么退货"), (0, "能退吗"), (1, "多久发货")]) is None
    assert learn([]) is None

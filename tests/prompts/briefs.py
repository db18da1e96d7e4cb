from __future__ import annotations

from miaohui.inboxes.types import Assistant
from miaohui.knowledge.types import Chunk, Passage, Retrieval
from miaohui.memory.types import Exchange, Recollection
from miaohui.prompts.compose import Brief


def retrieval(*texts: str, answerable: bool = True) -> Retrieval:
    passages = tuple(
        Passage(
            chunk=Chunk(
                id=f"chunk_{i}",
                article_id=f"art_{i}",
                ordinal=0,
                title=f"标题{i}",
                heading="退货",
                text=text,
                start=0,
                end=len(text),
            ),
            score=1.0 / i,
            bm25=1.0,
            cosine=0.5,
        )
        for i, text in enumerate(texts, 1)
    )
    return Retrieval(passages=passages, answerability=0.9, answerable=answerable, version=1)


def brief(found: Retrieval, *exchanges: Exchange, **changes: object) -> Brief:
    fields: dict[str, object] = {
        "turn_id": "turn_1",
        "tenant_id": "tnt_1",
        "question": "如何退货?",
        "assistant": Assistant(name="小喵", persona="说话温和。"),
        "company": "喵选商城",
        "locale": "zh-CN",
        "recollection": Recollection(exchanges=exchanges),
        "retrieval": found,
        **changes,
    }
    return Brief(**fields)  # type: ignore[arg-type]

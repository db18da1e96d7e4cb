"""A second look into the knowledge base, with the engine's own words."""

from __future__ import annotations

from miaohui.tools.ports import Passages
from miaohui.tools.toolbox import Tool
from miaohui.tools.types import Order

_PASSAGES = 4
_MOST_CHARS = 1_200
_FIRST_CJK = "\u2e80"


def build_search(knowledge: Passages) -> Tool:
    """`search_knowledge`."""

    async def work(order: Order) -> object:
        query = order.arguments["query"]
        locale = "zh-CN" if any(char >= _FIRST_CJK for char in query) else "en"
        found = await knowledge.retrieve(order.tenant_id, query, locale=locale, limit=_PASSAGES)
        passages = [
            {"title": one.chunk.title, "heading": one.chunk.heading, "text": one.chunk.text[:_MOST_CHARS]}
            for one in found.passages
        ]
        return {"passages": passages, "likely_answered": found.answerable}

    return Tool(
        name="search_knowledge",
        description="Searches the help articles once more, when the passages that were given do not hold the answer.",
        parameters={
            "type": "object",
            "properties": {
                "query": {"type": "string", "description": "What to look for.", "minLength": 1, "maxLength": 200}
            },
            "required": ["query"],
        },
        risk="read",
        work=work,
    )

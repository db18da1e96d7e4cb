"""A prompt that was too long for the engine, made shorter once. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from miaohui.engines.tokens import estimate_tokens
from miaohui.engines.types import ChatMessage, EngineRequest
from miaohui.memory.types import Exchange
from miaohui.prompts.compress import compress
from miaohui.prompts.marks import defuse
from miaohui.prompts.summary import summarise

KEEP = 0.6
"""Share of passages and of earlier turns that stays."""
_WORTH_IT = 0.95


def shorten(request: EngineRequest) -> EngineRequest | None:
    """The same request with its passages shortened to what concerns the question, and earlier turns summarised.

    None when that saves nothing, or when the prompt is not ours to change. The round that is under way, with all its
    calls and results, stays as it is.
    """
    if not request.grounded:
        return None
    head, rounds = split_rounds(request.messages)
    if not rounds:
        return None
    *earlier, current = rounds
    asked = current[0].content
    for source in request.sources:
        told = defuse(source.text)
        if told in asked:
            asked = asked.replace(told, compress(told, int(len(told) * KEEP), request.question))
    summary = _summarise(earlier)
    if summary:
        asked = f"<earlier>\n{defuse(summary)}\n</earlier>\n\n{asked}"
    first = msgspec.structs.replace(current[0], content=asked)
    messages = (*head, first, *current[1:])
    saves = _tokens(messages) < _WORTH_IT * _tokens(request.messages)
    return msgspec.structs.replace(request, messages=messages) if saves else None


def split_rounds(messages: Sequence[ChatMessage]) -> tuple[list[ChatMessage], list[list[ChatMessage]]]:
    """The rules, and the rounds: each begins with what the visitor said and holds every call and result up to the next.

    So nothing that takes rounds as a whole parts a call from its result.
    """
    head: list[ChatMessage] = []
    rounds: list[list[ChatMessage]] = []
    for message in messages:
        if message.role == "user":
            rounds.append([message])
        elif rounds:
            rounds[-1].append(message)
        else:
            head.append(message)
    return head, rounds


def _summarise(rounds: Sequence[Sequence[ChatMessage]]) -> str:
    exchanges = [
        Exchange(one[0].content, next((m.content for m in reversed(one) if m.role == "assistant"), ""))
        for one in rounds
    ]
    length = sum(len(exchange.question) + len(exchange.answer) for exchange in exchanges)
    return summarise(exchanges, int(length * KEEP))


def _tokens(messages: Sequence[ChatMessage]) -> int:
    return sum(estimate_tokens(message.content) for message in messages)

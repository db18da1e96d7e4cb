"""What of passages and earlier turns goes into a prompt of limited room. Pure.

Where tokens are to be saved (`Economy`), the best passage stays whole and the others share what is left, each shortened
to what concerns the question; turns before the last ones become a summary.

When not everything fits, in this order: passages that say what a better one says are left out; turns before the last
ones become a summary; the passage that no longer fits is shortened to what concerns the question, and weaker ones are
left out. A turn is kept or summarised as a whole, so a call of a tool never stands without its result.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import msgspec

from miaohui.engines.tokens import estimate_tokens
from miaohui.engines.types import Source
from miaohui.knowledge.types import Passage, Retrieval
from miaohui.memory.types import Exchange
from miaohui.prompts.compress import compress, read_terms
from miaohui.prompts.summary import summarise

HISTORY_SHARE = 0.35
"""Of the room, for earlier turns when they need it; passages have the rest."""
SUMMARY_SHARE = 0.3
"""Of the history's room, for the summary of those turns that do not fit whole."""
REDUNDANT = 0.9
"""A passage whose terms a better one has to this share says nothing new."""
LEAST_LEFT = 0.35
"""A passage shortened to less than this is left out."""
_FRAME_TOKENS = 20
"""Of a passage's title and marks."""


SUMMARY_KEEP = 0.5
"""Of the turns that an economy summarises."""


class Economy(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a prompt that would fit is told all the same: fewer tokens, for a few milliseconds of choosing."""

    keep: float = 1.0
    """Share of the passages' tokens; 1 tells them whole."""
    whole_turns: int = 0
    """Earlier turns that stay whole; those before them are summarised. 0: all that fit."""


WHOLE = Economy()
Numbered = tuple[int, Passage, int]
"""A passage with its number and what it costs, in tokens."""


class Fitted(msgspec.Struct, frozen=True, kw_only=True):
    """What the prompt is made of."""

    sources: tuple[Source, ...] = ()
    """Whole, for an engine that quotes."""
    told: tuple[str, ...] = ()
    """Of each source, what the prompt says."""
    exchanges: tuple[Exchange, ...] = ()
    """The last turns, whole."""
    summary: str = ""
    """Of the turns before them."""


def fit(
    retrieval: Retrieval, exchanges: Sequence[Exchange], question: str, room: int, economy: Economy = WHOLE
) -> Fitted:
    """As much as fits into `room` tokens, as we estimate them, and as the economy wants."""
    passages = [(n, passage, _cost_of_passage(passage)) for n, passage in enumerate(retrieval.passages, 1)]
    needed = sum(map(cost_of, exchanges))
    if economy.keep < 1 or needed + sum(cost for _, _, cost in passages) > room:
        passages = _leave_out_redundant(passages)
    history_room = min(needed, int(room * HISTORY_SHARE))
    allowed = _allow([cost for _, _, cost in passages], economy.keep)
    chosen, told, spent = _fit_passages(passages, allowed, question, room - history_room)
    whole, summary = fit_exchanges(exchanges, max(0, room - spent), economy.whole_turns)
    return Fitted(sources=tuple(chosen), told=tuple(told), exchanges=tuple(whole), summary=summary)


def fit_exchanges(exchanges: Sequence[Exchange], room: int, whole_turns: int = 0) -> tuple[list[Exchange], str]:
    """The last turns that fit whole, no more than so many when that is not 0, and a summary of those before them."""
    if whole_turns and len(exchanges) > whole_turns:
        older, last = exchanges[:-whole_turns], list(exchanges[-whole_turns:])
        summary = summarise(older, int(sum(map(cost_of, older)) * SUMMARY_KEEP), estimate_tokens)
        if sum(map(cost_of, last)) + estimate_tokens(summary) <= room:
            return last, summary
    if sum(map(cost_of, exchanges)) <= room:
        return list(exchanges), ""
    left = room - int(room * SUMMARY_SHARE)
    kept = 0
    for exchange in reversed(exchanges):
        left -= cost_of(exchange)
        if left < 0:
            left += cost_of(exchange)
            break
        kept += 1
    older = exchanges[: len(exchanges) - kept]
    summary_room = left + int(room * SUMMARY_SHARE)
    summary = summarise(older, summary_room, estimate_tokens)
    # What may not be lost can be longer than the room: then the latest of it is what counts.
    while older and estimate_tokens(summary) > summary_room:
        older = older[1:]
        summary = summarise(older, summary_room, estimate_tokens)
    return list(exchanges[len(exchanges) - kept :]), summary


@lru_cache(maxsize=4096)
def cost_of(exchange: Exchange) -> int:
    """Tokens of a turn; it comes back with every later one."""
    return estimate_tokens(exchange.question) + estimate_tokens(exchange.answer)


def _cost_of_passage(passage: Passage) -> int:
    return _tokens_of(passage.chunk.text) + _FRAME_TOKENS


_tokens_of = lru_cache(maxsize=2048)(estimate_tokens)


def _leave_out_redundant(passages: list[Numbered]) -> list[Numbered]:
    kept: list[Numbered] = []
    bags: list[frozenset[str]] = []
    for n, passage, cost in passages:
        terms = read_terms(passage.chunk.text)
        if terms and any(len(terms & bag) >= REDUNDANT * len(terms) for bag in bags):
            continue
        kept.append((n, passage, cost))
        bags.append(terms)
    return kept


def _allow(costs: Sequence[int], keep: float) -> list[int]:
    """What each passage may take, so that all together keep this share: the best one all, the others alike."""
    if keep >= 1 or len(costs) < 2:
        return list(costs)
    best, rest = costs[0], sum(costs[1:])
    share = max(LEAST_LEFT, (keep * (best + rest) - best) / rest)
    return [best, *(round(share * cost) for cost in costs[1:])]


def _source(n: int, passage: Passage) -> Source:
    chunk = passage.chunk
    return Source(
        n=n,
        title=chunk.title,
        heading=chunk.heading,
        text=chunk.text,
        score=passage.score,
        questions=chunk.questions,
        asked=passage.asked,
    )


def _fit_passages(
    passages: Sequence[Numbered], allowed: Sequence[int], question: str, room: int
) -> tuple[list[Source], list[str], int]:
    sources: list[Source] = []
    told: list[str] = []
    spent = 0
    for (n, passage, needed), most in zip(passages, allowed, strict=True):
        chunk, cost = passage.chunk, needed
        text = chunk.text
        left = room - spent
        if cost > min(left, most):
            if left - _FRAME_TOKENS < LEAST_LEFT * cost:
                break
            text = compress(text, min(left, most) - _FRAME_TOKENS, question, estimate_tokens)
            whole, cost = cost, estimate_tokens(text) + _FRAME_TOKENS
            if cost > left or (most >= whole and cost < LEAST_LEFT * whole):
                break
        sources.append(_source(n, passage))
        told.append(text)
        spent += cost
    return sources, told, spent

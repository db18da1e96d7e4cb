"""Choosing and wording what of the passages answers a question. Pure.

A block is a paragraph, or a list together with the line that leads it in: whole, because half a list of steps is wrong.
A block's worth is the sum of its terms shared with the question, rare ones counting more; the heading it stands under
counts nearly as much. What was found first counts double, what was found later less. A short passage is given whole.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec
from msgspec.structs import replace

from miaohui.conversations.asking import questions_in, wanted
from miaohui.engines.markdown import is_list, read_blocks, read_sentences
from miaohui.engines.terms import read_terms
from miaohui.engines.types import Source

ANSWER_SIZE = 300
"""About how long an answer is, in Chinese characters; one block is given whole even when it is longer."""
_LONG_BLOCK_SIZE = 480
_LETTER = 0.4
"""A Latin letter says less than a Chinese character."""
_SOURCES = 3
_WORTH_OF_SAME = 0.45
_WORTH_OF_OTHER = 0.75
_SAME_WORDS = 0.6
_WORTH_OF_PLACE = 0.05
_WORTH_OF_HEADING = 0.8
_OTHER_TONGUE = 0.4
_HAN = re.compile(r"[\u3400-\u9fff]")
_ENDS = " ,.;:!?，。；：！？…~、\n"
_FOUND_WORSE = 0.7
"""Who searched knows synonyms and sample questions, and what it scored below this share of the first is no rival."""
_NEAR = 0.5
_NEAR_TERMS = 2
"""One pair of characters in common is chance."""


class _Block(msgspec.Struct, frozen=True):
    source: int
    place: int
    text: str
    terms: frozenset[str]
    worth: float


def compose_answer(question: str, sources: Sequence[Source], locale: str) -> str:
    """The answer with its marks, such as `[1]`, after each statement; empty when the sources hold no words."""
    question = wanted(question)
    if any(source.asked for source in sources):
        return _answer_each(questions_in(question), sources, locale)
    return _answer(question, sources, locale, ANSWER_SIZE)


def _answer_each(questions: Sequence[str], sources: Sequence[Source], locale: str) -> str:
    """Several questions of one message, one after the other; then which of them nothing was found for."""
    room = ANSWER_SIZE / len(questions)
    told: list[str] = []
    open_: list[str] = []
    for question in questions:
        own = [source for source in sources if question in source.asked]
        if own:
            told.append(_answer(question, own, locale, room))
        elif len(read_terms(question)) >= _NEAR_TERMS:
            open_.append(question.strip(_ENDS))
    return _join([*dict.fromkeys(told), *_leave_open(open_, locale)])


def _leave_open(questions: Sequence[str], locale: str) -> Iterable[str]:
    if questions and locale.startswith("zh"):
        named = "、".join(f"“{one}”" for one in questions)
        yield f"至于{named}，我没有在知识库里找到答案。需要的话，我可以为您转接人工客服。"
    elif questions:
        named = " and ".join(f"“{one}”" for one in questions)
        yield (
            f"As to {named}, I could not find the answer in our knowledge base. "
            "If you like, I can hand you over to a human colleague."
        )


def _answer(question: str, sources: Sequence[Source], locale: str, room: float) -> str:
    """In one language: the visitor's, when what was found first is written in it."""
    terms = read_terms(question)
    sources = [source for source in sources if source.score >= sources[0].score * _FOUND_WORSE]
    texts = [read_blocks(source.text) for source in sources]
    chinese, in_chinese = locale.startswith("zh"), [_HAN.search(source.text) is not None for source in sources]
    blocks = _rate(terms, sources, texts)
    if in_chinese[:1] == [chinese]:
        blocks = [block for block in blocks if in_chinese[block.source] == chinese]
    blocks = _prefer_tongue(blocks, chinese=chinese)
    if not blocks:
        return ""
    best = max(blocks, key=lambda block: block.worth)
    blocks = [block for block in blocks if in_chinese[block.source] == in_chinese[best.source]]
    chosen = _choose(blocks, best, sources, texts, room)
    lead = _lead_in(best, chosen, sources[best.source], terms, locale)
    return lead + _join(_mark(block, sources[block.source], terms) for block in chosen)


def _prefer_tongue(blocks: list[_Block], *, chinese: bool) -> list[_Block]:
    """What is written in the visitor's language says more to them: they may have mixed two in asking."""
    return [
        block if chinese == (_HAN.search(block.text) is not None) else replace(block, worth=block.worth * _OTHER_TONGUE)
        for block in blocks
    ]


def _rate(terms: frozenset[str], sources: Sequence[Source], texts: list[list[str]]) -> list[_Block]:
    bags = [[read_terms(block) for block in blocks] for blocks in texts]
    spread = Counter(term for blocks in bags for bag in blocks for term in bag)
    count = 1 + sum(len(blocks) for blocks in bags)
    weight = {term: math.log(1 + count / (1 + spread[term])) for term in terms}
    scale = sum(weight.values()) or 1.0
    rated: list[_Block] = []
    for i, (source, blocks) in enumerate(zip(sources, texts, strict=True)):
        under = read_terms(" ".join((source.title, source.heading, *source.questions)))
        place_among = 1 / (1 + i)
        for place, text in enumerate(blocks):
            bag = bags[i][place]
            shared = sum(weight[term] * (1.0 if term in bag else _WORTH_OF_HEADING) for term in terms & (bag | under))
            rated.append(
                _Block(i, place, text, bag, shared / scale * (1 + place_among) + _WORTH_OF_PLACE * place_among)
            )
    return rated


def _choose(
    blocks: list[_Block], best: _Block, sources: Sequence[Source], texts: list[list[str]], room: float
) -> list[_Block]:
    """The best block, the rest of its passage as far as it fits, then what other passages add."""
    chosen = [best]
    own = [block for block in blocks if block.source == best.source and block is not best]
    whole = sum(_size(text) for text in texts[best.source]) <= room
    room -= _size(best.text)
    for block in sorted(own, key=lambda block: -block.worth):
        if whole or (block.worth >= _WORTH_OF_SAME * best.worth and _size(block.text) <= room):
            chosen.append(block)
            room -= _size(block.text)
    for block in sorted((b for b in blocks if b.source != best.source), key=lambda block: -block.worth):
        named = {sources[b.source].n for b in chosen}
        related = sources[block.source].title == sources[best.source].title
        least = (_WORTH_OF_SAME if related else _WORTH_OF_OTHER) * best.worth
        if len(named) >= _SOURCES or block.worth < least or _size(block.text) > room:
            continue
        if not any(_alike(block, other) for other in chosen):
            chosen.append(block)
            room -= _size(block.text)
    order = {source: i for i, source in enumerate(dict.fromkeys(block.source for block in chosen))}
    return sorted(chosen, key=lambda block: (order[block.source], block.place))


def _alike(one: _Block, other: _Block) -> bool:
    return len(one.terms & other.terms) >= _SAME_WORDS * max(min(len(one.terms), len(other.terms)), 1)


def _mark(block: _Block, source: Source, terms: frozenset[str]) -> str:
    text = block.text if _size(block.text) <= _LONG_BLOCK_SIZE or is_list(block.text) else _shorten(block.text, terms)
    return f"{text}[{source.n}]" if _ends_wide(text) else f"{text} [{source.n}]"


def _shorten(text: str, terms: frozenset[str]) -> str:
    """The sentences of a long paragraph that answer best, in their order."""
    sentences = read_sentences(text)
    rated = sorted(range(len(sentences)), key=lambda i: -len(read_terms(sentences[i]) & terms))
    kept: set[int] = set()
    room = float(ANSWER_SIZE)
    for i in rated:
        if not kept or _size(sentences[i]) <= room:
            kept.add(i)
            room -= _size(sentences[i])
    return "".join(sentences[i] for i in sorted(kept)).strip()


def _size(text: str) -> float:
    return sum(_LETTER if char < "\u2e80" else 1.0 for char in text)


def _ends_wide(text: str) -> bool:
    return bool(text) and ord(text[-1]) >= 0x2E80


def _lead_in(best: _Block, chosen: list[_Block], source: Source, terms: frozenset[str], locale: str) -> str:
    """A bare list needs to be told what it is a list of."""
    first = chosen[0]
    if first is not best or not is_list(first.text.split("\n", 1)[0]):
        return ""
    part = source.heading.split("›")[-1].strip()
    # “步骤” or “Steps” says nothing to who asked for something else.
    about = part if not source.title or terms & read_terms(part) else source.title
    if not about:
        return ""
    return f"关于“{about}”：\n" if locale.startswith("zh") else f"About “{about}”:\n"


def _join(parts: Iterable[str]) -> str:
    return "\n\n".join(parts)


def compose_apology(question: str, sources: Sequence[Source], locale: str) -> str:
    """Says that the knowledge base does not hold the answer, what is closest in it, and that a human can help."""
    terms = read_terms(wanted(question))
    titles = list(dict.fromkeys(source.title for source in sources if _is_near(source, terms)))[:2]
    if locale.startswith("zh"):
        near = f"比较接近的文章有{'、'.join(f'《{title}》' for title in titles)}，也许对您有用。" if titles else ""
        return f"抱歉，我没有在知识库里找到这个问题的答案。{near}需要的话，我可以为您转接人工客服。"
    named = " and ".join(f"“{title}”" for title in titles)
    near = f"The closest I have is {named}, which may help. " if titles else ""
    return (
        f"Sorry, I could not find the answer to this in our knowledge base. {near}"
        "If you like, I can hand you over to a human colleague."
    )


def _is_near(source: Source, terms: frozenset[str]) -> bool:
    """Whether naming this article helps; a stray word in common does not make it near."""
    if not source.title:
        return False
    shared = terms & read_terms(f"{source.title} {source.heading} {source.text}")
    return bool(terms & read_terms(source.title)) or len(shared) >= max(_NEAR * len(terms), _NEAR_TERMS)

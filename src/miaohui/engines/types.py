"""What is asked of an engine, and what comes back."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec


class ChatMessage(msgspec.Struct, frozen=True):
    """One message of the prompt."""

    role: Literal["system", "user", "assistant"]
    content: str


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A passage as the engine sees it; `n` is the number to cite."""

    n: int
    title: str
    heading: str
    text: str
    score: float


class EngineRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Everything an engine may know of a turn."""

    turn_id: str
    tenant_id: str
    question: str
    messages: tuple[ChatMessage, ...]
    sources: tuple[Source, ...] = ()
    answerable: bool = True
    """Whether the passages are thought to hold the answer."""
    locale: str = "zh-CN"
    max_output_tokens: int = 800


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """An attempt was sent upstream; nothing has come back yet."""

    attempt: int
    route: str


class Text(msgspec.Struct, frozen=True):
    """Some more of the answer, several upstream chunks at once when they came together."""

    text: str


class Restarted(msgspec.Struct, frozen=True, kw_only=True):
    """Text already given is void: the stream broke after content, and another attempt begins."""

    reason: str


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens of one attempt."""

    input_tokens: int
    output_tokens: int
    estimated: bool
    """Ours, because the upstream reported none."""


class Finished(msgspec.Struct, frozen=True, kw_only=True):
    """The answer is whole."""

    route: str
    reason: Literal["stop", "length", "unknown_answer"]
    """`unknown_answer`: the engine says that the knowledge base does not hold the answer."""
    usage: Usage
    first_content_ms: float


Piece: TypeAlias = Started | Text | Restarted | Finished

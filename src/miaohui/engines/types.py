"""What is asked of an engine, and what comes back."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from miaohui.conversations.types import HandoffReason


class CalledFunction(msgspec.Struct, frozen=True):
    """What a tool call names."""

    name: str
    arguments: str
    """JSON, as the engine wrote it: it may be invalid."""


class ToolCall(msgspec.Struct, frozen=True, tag_field="type", tag="function"):
    """One call that an engine asks for."""

    id: str
    function: CalledFunction


class ChatMessage(msgspec.Struct, frozen=True, omit_defaults=True):
    """One message of the prompt."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    name: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    """Of the assistant."""
    tool_call_id: str = ""
    """Of a tool's result: the call that it answers."""
    reasoning_content: str = ""
    """Some providers want it back beside the tool calls that it led to."""


class Parameters(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a caller of the completions door may choose; None and empty leave it to the route.

    Part of what is asked: answers to different parameters are different answers.
    """

    temperature: float | None = None
    top_p: float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    tools: tuple[msgspec.Raw, ...] = ()
    """Each as `{"type": "function", "function": {name, description, parameters}}`."""
    tool_choice: msgspec.Raw | None = None
    parallel_tool_calls: bool | None = None
    response_format: msgspec.Raw | None = None


NO_PARAMETERS = Parameters()


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A passage as the engine sees it; `n` is the number to cite."""

    n: int
    title: str
    heading: str
    text: str
    score: float
    questions: tuple[str, ...] = ()
    """Those that it answers, in the words of who asks."""
    asked: tuple[str, ...] = ()
    """For which of several questions of one message it was found; empty when there is one."""


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
    conversation_id: str = ""
    """Turns of one conversation stay on one route while it is well: its prompt is cached there, and the tone holds."""
    needs: tuple[str, ...] = ()
    """Capabilities that the route must have, such as `tools` or `vision`."""
    grounded: bool = True
    """To be answered from the passages; False: the caller's own prompt, for which one that only quotes has no words."""
    parameters: Parameters = NO_PARAMETERS
    knowledge_version: int = 0
    """What was searched for the passages; an answer holds for this version only."""
    prompt_version: str = ""
    """Of our own words around the question."""
    policy_version: str = ""
    """Of the rules for what may be said."""
    records: tuple[str, ...] = ()
    """What the company's own systems said of this visitor, unasked."""
    only: str = ""
    """The one route that may be asked, by name; empty: whichever fits. For somebody who compares routes."""
    tainted: bool = False
    """Whether what was found reads like orders to the engine: then no tool is offered, whatever it would be told."""
    embeds: str = ""
    """The embedding model whose vectors of the messages' contents are wanted, in place of an answer; empty: none."""
    dimensions: int = 0
    """Numbers of each vector; 0: as many as the model has."""
    personal: bool = False
    """Whether the prompt holds what only this visitor may be told; such an answer is never kept nor shared."""


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """An attempt was sent upstream; nothing has come back yet."""

    attempt: int
    route: str
    passed_over: str = ""
    """Why a route that could have been asked first was not: `budget_reached`; empty when none was."""


class Text(msgspec.Struct, frozen=True):
    """Some more of the answer, several upstream chunks at once when they came together."""

    text: str


class ToolCalls(msgspec.Struct, frozen=True):
    """The calls that the engine asks for, all of them and whole; once, right before `Finished`."""

    calls: tuple[ToolCall, ...]


class Vectors(msgspec.Struct, frozen=True):
    """What an embedding model makes of each message, in their order: 32-bit floats, little-endian."""

    of_messages: tuple[bytes, ...]


class ToolUsed(msgspec.Struct, frozen=True, kw_only=True):
    """The house ran a tool for the engine; the answer goes on."""

    name: str
    outcome: str
    """`done`, `refused`, `timeout`, `failed`, `invalid`, `unknown`, `withheld`, `approval`: a person must do it, or
    `repeated`: the result was known."""
    took_ms: float
    handoff: HandoffReason | None = None
    """A human was asked for; why."""
    told: str = ""
    """What it said, for whoever checks the answer by it; no visitor reads it."""


class Restarted(msgspec.Struct, frozen=True, kw_only=True):
    """Text already given is void: the stream broke after content, and another attempt begins."""

    reason: str


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens of one attempt."""

    input_tokens: int
    output_tokens: int
    estimated: bool
    """Ours, because the upstream reported none."""
    cached_tokens: int = 0
    """Of the input, read from the provider's prompt cache."""
    reasoning_tokens: int = 0
    """Of the output, thought and not said."""


class Finished(msgspec.Struct, frozen=True, kw_only=True):
    """The answer is whole."""

    route: str
    reason: Literal["stop", "length", "tool_calls", "unknown_answer"]
    """`unknown_answer`: the engine says that the knowledge base does not hold the answer."""
    usage: Usage
    first_content_ms: float


Piece: TypeAlias = Started | Text | ToolCalls | Vectors | ToolUsed | Restarted | Finished

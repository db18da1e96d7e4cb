"""What a client asks for, read as OpenAI reads it: unknown fields are passed over, wrong ones are named. Pure."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Meta, Raw

from miaohui.channels.openai.decoding import decode_body, wrong
from miaohui.engines.types import NO_PARAMETERS, CalledFunction, ChatMessage, EngineRequest, Parameters, ToolCall

DEFAULT_OUTPUT_TOKENS = 4096
MOST_OUTPUT_TOKENS = 131_072

_Penalty: TypeAlias = Annotated[float, Meta(ge=-2, le=2)] | None
_Count: TypeAlias = Annotated[int, Meta(ge=1)] | None
_Stop: TypeAlias = Annotated[str, Meta(min_length=1)]


class TextPart(msgspec.Struct, frozen=True):
    """A part of a message's content; only text is taken."""

    type: str
    text: str = ""


class FunctionAsked(msgspec.Struct, frozen=True):
    """What an earlier tool call named."""

    name: str
    arguments: str = "{}"


class CallAsked(msgspec.Struct, frozen=True):
    """A tool call that an earlier answer held."""

    id: Annotated[str, Meta(min_length=1)]
    function: FunctionAsked


class Said(msgspec.Struct, frozen=True):
    """One message of the prompt."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[TextPart] | None = None
    name: str | None = None
    tool_calls: list[CallAsked] | None = None
    tool_call_id: str | None = None
    reasoning_content: str | None = None


class StreamOptions(msgspec.Struct, frozen=True):
    """How the stream is to be."""

    include_usage: bool | None = None


class Ask(msgspec.Struct, frozen=True):
    """The body of `POST /v1/chat/completions`."""

    model: Annotated[str, Meta(min_length=1, max_length=200)]
    messages: Annotated[list[Said], Meta(min_length=1, max_length=2000)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: _Count = None
    max_completion_tokens: _Count = None
    n: int | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    frequency_penalty: _Penalty = None
    presence_penalty: _Penalty = None
    seed: int | None = None
    stop: _Stop | Annotated[list[_Stop], Meta(max_length=4)] | None = None
    tools: Annotated[list[Raw], Meta(max_length=128)] | None = None
    tool_choice: Raw | msgspec.UnsetType = UNSET
    parallel_tool_calls: bool | None = None
    response_format: Raw | msgspec.UnsetType = UNSET
    conversation_id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.:-]{1,128}$")] | None = None
    """Ours: requests of one conversation stay on one route while it is well; the answer says it again."""

    @property
    def wants_usage(self) -> bool:
        """Whether the stream ends with its usage."""
        return self.stream_options is not None and bool(self.stream_options.include_usage)


class _Named(msgspec.Struct, frozen=True):
    name: Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]


class _ToolForm(msgspec.Struct, frozen=True):
    type: Literal["function"]
    function: _Named


_decode = msgspec.json.Decoder(Ask).decode
_decode_tool = msgspec.json.Decoder(_ToolForm).decode


def read_ask(body: bytes) -> Ask:
    """What the bytes ask for. Raises `Unreadable`, `Invalid` naming the field."""
    ask = decode_body(_decode, body)
    _check(ask)
    return ask


def _check(ask: Ask) -> None:
    if ask.n not in (None, 1):
        raise wrong("n", "one answer at a time: n is 1 here")
    for i, tool in enumerate(ask.tools or ()):
        try:
            _decode_tool(tool)
        except (msgspec.DecodeError, RecursionError) as error:
            raise wrong(f"tools[{i}]", str(error)) from None


def build_request(ask: Ask, request_id: str, tenant_id: str) -> EngineRequest:
    """What the engine is asked. Raises `Invalid` for a message that says nothing an engine can take."""
    messages = tuple(_message(i, said) for i, said in enumerate(ask.messages))
    output = ask.max_completion_tokens or ask.max_tokens or DEFAULT_OUTPUT_TOKENS
    return EngineRequest(
        turn_id=request_id,
        tenant_id=tenant_id,
        question=next((message.content for message in reversed(messages) if message.role == "user"), ""),
        messages=messages,
        max_output_tokens=min(output, MOST_OUTPUT_TOKENS),
        # A conversation's name is the client's own: two tenants may use the same one.
        conversation_id=f"{tenant_id}:{ask.conversation_id}" if ask.conversation_id else "",
        needs=("tools",) if ask.tools else (),
        grounded=False,
        parameters=_parameters(ask),
    )


def _message(i: int, said: Said) -> ChatMessage:
    calls = tuple(
        ToolCall(call.id, CalledFunction(call.function.name, call.function.arguments)) for call in said.tool_calls or ()
    )
    if calls and said.role != "assistant":
        raise wrong(f"messages[{i}].tool_calls", "only the assistant calls tools")
    if said.content is None and not calls:
        raise wrong(f"messages[{i}].content", "every message has content, or tool calls")
    if (said.role == "tool") != bool(said.tool_call_id):
        raise wrong(f"messages[{i}].tool_call_id", "a tool's result, and nothing else, names the call it answers")
    return ChatMessage(
        "system" if said.role == "developer" else said.role,
        _text(i, said.content),
        name=said.name or "",
        tool_calls=calls,
        tool_call_id=said.tool_call_id or "",
        reasoning_content=said.reasoning_content or "",
    )


def _text(i: int, content: str | list[TextPart] | None) -> str:
    """Many models take nothing but a string, so the parts become one."""
    if not isinstance(content, list):
        return content or ""
    other = next((part.type for part in content if part.type not in {"text", "refusal"}), None)
    if other is not None:
        raise wrong(f"messages[{i}].content", f"only text is taken here, not {other[:40]}")
    return "".join(part.text for part in content)


def _parameters(ask: Ask) -> Parameters:
    parameters = Parameters(
        temperature=ask.temperature,
        top_p=ask.top_p,
        frequency_penalty=ask.frequency_penalty,
        presence_penalty=ask.presence_penalty,
        seed=ask.seed,
        stop=(ask.stop,) if isinstance(ask.stop, str) else tuple(ask.stop or ()),
        tools=tuple(ask.tools or ()),
        tool_choice=_given(ask.tool_choice),
        parallel_tool_calls=ask.parallel_tool_calls,
        response_format=_given(ask.response_format),
    )
    return NO_PARAMETERS if parameters == NO_PARAMETERS else parameters


def _given(value: Any) -> Raw | None:
    return value if isinstance(value, Raw) and bytes(value) != b"null" else None

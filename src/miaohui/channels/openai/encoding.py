"""Answers in OpenAI's form: what never changes within one stream is encoded once. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from miaohui.engines.types import Finished, ToolCall, Usage

DONE = b"data: [DONE]\n\n"
PING = b": ping\n\n"
_FINISHES: Mapping[str, str] = {"unknown_answer": "stop"}
_PART_CHARS = 1024
"""Arguments of a tool call are sent in parts of this size."""

_encode = msgspec.json.Encoder().encode


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """What every part of one answer says."""

    id: str
    created: int
    """Seconds since 1970."""
    model: str
    conversation_id: str = ""


class Chunks:
    """The events of one streamed answer."""

    __slots__ = ("_after", "_before", "_head", "_tail", "_usage")

    def __init__(self, envelope: Envelope, *, usage: bool) -> None:
        """`usage`: the last chunk tells it, and all others say that they do not."""
        fixed = _encode({"id": envelope.id, "object": "chat.completion.chunk", **_fields(envelope)})[:-1]
        self._usage = usage
        self._head = b"data: " + fixed
        self._tail = b',"usage":null}\n\n' if usage else b"}\n\n"
        self._before, self._after = self._chunk(b'{"content":\n}').split(b"\n", 1)
        """Of a text: there are many."""

    def opening(self) -> bytes:
        """The first one: who speaks."""
        return self._chunk(b'{"role":"assistant","content":""}')

    def text(self, text: str) -> bytes:
        """More of the answer."""
        return self._before + _encode(text) + self._after

    def calls(self, calls: Iterable[ToolCall]) -> bytes:
        """The tool calls, each begun with its name and then filled."""
        parts: list[bytes] = []
        for index, call in enumerate(calls):
            begun = {"index": index, "id": call.id, "type": "function"}
            parts.append(self._called({**begun, "function": {"name": call.function.name, "arguments": ""}}))
            arguments = call.function.arguments
            parts += [
                self._called({"index": index, "function": {"arguments": arguments[at : at + _PART_CHARS]}})
                for at in range(0, len(arguments), _PART_CHARS)
            ]
        return b"".join(parts)

    def end(self, finished: Finished) -> bytes:
        """The finish reason, the usage when it is wanted, and the mark that this is all."""
        reason = _encode(_FINISHES.get(finished.reason, finished.reason))
        ended = self._chunk(b"{}", reason)
        if self._usage:
            ended += b'%b,"choices":[],"usage":%b}\n\n' % (self._head, _encode(usage_of(finished.usage)))
        return ended + DONE

    def _called(self, call: Mapping[str, Any]) -> bytes:
        return self._chunk(b'{"tool_calls":[%b]}' % _encode(call))

    def _chunk(self, delta: bytes, reason: bytes = b"null") -> bytes:
        return b'%b,"choices":[{"index":0,"delta":%b,"logprobs":null,"finish_reason":%b}]%b' % (
            self._head,
            delta,
            reason,
            self._tail,
        )


def encode_whole(envelope: Envelope, text: str, calls: Sequence[ToolCall], finished: Finished) -> bytes:
    """The answer in one piece."""
    message: dict[str, Any] = {"role": "assistant", "content": text if text or not calls else None, "refusal": None}
    if calls:
        message["tool_calls"] = calls
    reason = _FINISHES.get(finished.reason, finished.reason)
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reason}
    return _encode(
        {
            "id": envelope.id,
            "object": "chat.completion",
            **_fields(envelope),
            "choices": [choice],
            "usage": usage_of(finished.usage),
        }
    )


def encode_error_event(fault: Any) -> bytes:
    """The event that says that the stream broke: what came before it is not the whole answer."""
    return b"data: %b\n\n" % _encode({"error": fault})


def usage_of(usage: Usage) -> dict[str, Any]:
    """Tokens, under OpenAI's names."""
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
    }


def _fields(envelope: Envelope) -> dict[str, Any]:
    fields: dict[str, Any] = {"created": envelope.created, "model": envelope.model, "system_fingerprint": None}
    if envelope.conversation_id:
        fields["conversation_id"] = envelope.conversation_id
    return fields

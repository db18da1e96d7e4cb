"""One answer put together from the chunks of an OpenAI-shaped stream. Pure: events in, text and tool calls out.

Tolerates what providers are seen to send: `choices: []` first or last, `delta` or `content` null or absent, usage in
the choice or in every chunk (the last one counts), several choices at once (the first is ours), an error for a chunk.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

import msgspec

from miaohui.engines.classify import Failure, FailureClass, classify_error, classify_finish, find_error
from miaohui.engines.errors import failed
from miaohui.engines.sse import ServerEvent
from miaohui.engines.tool_deltas import ToolDeltas, TooManyCalls
from miaohui.engines.types import ToolCall

MAX_ANSWER_BYTES = 64 * 1024
"""An answer is cut here and marked as cut."""
LOOP_CHUNKS = 100
"""So many equal chunks in a row are a model gone round in circles."""
_LOOP_CHARS = 3
_MOST_BYTES = 4
"""Of one character in UTF-8."""


class _Delta(msgspec.Struct, gc=False):
    content: Any = None
    reasoning_content: Any = None
    reasoning: Any = None
    tool_calls: Any = None


class _Details(msgspec.Struct, gc=False):
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None


class _Usage(msgspec.Struct, gc=False):
    prompt_tokens: int | float | None = None
    completion_tokens: int | float | None = None
    prompt_tokens_details: _Details | None = None
    completion_tokens_details: _Details | None = None
    prompt_cache_hit_tokens: int | None = None
    """DeepSeek's place for it."""
    cached_tokens: int | None = None
    """Moonshot's."""


class _Timings(msgspec.Struct, gc=False):
    cache_n: int | None = None
    """llama.cpp's."""


class _Choice(msgspec.Struct, gc=False):
    index: int | None = 0
    delta: _Delta | None = None
    message: _Delta | None = None
    finish_reason: str | None = None
    usage: _Usage | None = None


class _Chunk(msgspec.Struct, gc=False):
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    timings: _Timings | None = None
    error: Any = None
    object: str | None = None


class _PlainDelta(msgspec.Struct, gc=False):
    content: Annotated[str, msgspec.Meta(min_length=1)]
    tool_calls: None = None


class _PlainChoice(msgspec.Struct, gc=False):
    delta: _PlainDelta
    index: Literal[0] | None = 0
    finish_reason: None = None
    usage: None = None


class _PlainChunk(msgspec.Struct, gc=False):
    """Nearly every chunk: one choice with some text, and nothing else that counts."""

    choices: tuple[_PlainChoice]
    usage: None = None
    timings: None = None
    error: None = None


_decode_chunk = msgspec.json.Decoder(_Chunk, strict=False).decode
_decode_plain = msgspec.json.Decoder(list[_PlainChunk]).decode
_HEAD, _BETWEEN, _TAIL = b"data: ", b"\n\ndata: ", b"\n\n"
_FINISH = b'"finish_reason":"'


def split_plain(data: bytes) -> tuple[bytes, bytes]:
    """What is most likely plain, and the rest: from the first chunk on that tells an end or is not whole yet."""
    end = data.find(_FINISH)
    if end < 0 and data.endswith(_TAIL):
        return data, b""
    cut = data.rfind(_TAIL, 0, end if end >= 0 else len(data)) + len(_TAIL)
    return (data[:cut], data[cut:]) if cut >= len(_TAIL) else (b"", data)


class Assembly:
    """What is known of one answer so far."""

    __slots__ = (
        "_bytes",
        "_last",
        "_repeats",
        "_tools",
        "cached_tokens",
        "called",
        "codes",
        "cut",
        "done_suffices",
        "ended",
        "finish",
        "has_content",
        "reasoned",
        "reasoning_tokens",
        "usage",
    )

    def __init__(self, *, done_suffices: bool = False, codes: Mapping[str, FailureClass] | None = None) -> None:
        """`codes`: what the provider's own codes mean."""
        self.codes = codes or {}
        self.done_suffices = done_suffices
        """A quirk of some providers: `[DONE]` without any `finish_reason` is a whole answer."""
        self.finish = ""
        """The finish reason; empty while there is none."""
        self.ended = False
        """Nothing after this counts: `[DONE]` came, or the answer was cut."""
        self.cut = False
        """The answer was cut by us; the upstream may still be talking."""
        self.has_content = False
        self.reasoned = False
        """The last batch held reasoning, which shows life but is not an answer."""
        self.called = False
        """The last batch held something of a tool call."""
        self._tools: ToolDeltas | None = None
        self.usage: tuple[int, int] | None = None
        self.cached_tokens = 0
        self.reasoning_tokens = 0
        self._bytes = 0
        self._last = ""
        self._repeats = 0

    def take_plain(self, data: bytes) -> str | None:
        """The text of a batch that is nothing but whole chunks of text, decoded as one list.

        None when it is anything else, and then nothing was taken. Only for a batch that begins where an event does.
        """
        if not (data.startswith(_HEAD) and data.endswith(_TAIL)) or self.ended:
            return None
        try:
            chunks = _decode_plain(b"[%b]" % data[len(_HEAD) : -len(_TAIL)].replace(_BETWEEN, b","))
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        if len(chunks) != data.count(_TAIL):
            return None
        texts = [chunk.choices[0].delta.content for chunk in chunks]
        self.reasoned = self.called = False
        return self._keep([self._bound(text) for text in texts if not self.cut] if self._is_near(texts) else texts)

    def _is_near(self, texts: list[str]) -> bool:
        """Whether one of the bounds may be met within these chunks; when not, they are counted here all at once."""
        whole = "".join(texts)
        if self._repeats + len(texts) >= LOOP_CHUNKS or self._bytes + len(whole) * _MOST_BYTES > MAX_ANSWER_BYTES:
            return True
        last = texts[-1]
        if len(texts) > 1 and texts[-2] != last:
            self._repeats = 1
        else:
            same = next((n for n, text in enumerate(reversed(texts)) if text != last), len(texts))
            self._repeats = same + (self._repeats if same == len(texts) and last == self._last else 0)
        self._last = last
        self._bytes += len(whole) if whole.isascii() else len(whole.encode())
        return False

    def take(self, events: Iterable[ServerEvent]) -> str:
        """The text that these events add. Raises `EngineFailed` for an error or a malformed chunk among them."""
        pieces: list[str] = []
        self.reasoned = self.called = False
        for event in events:
            if self.ended:
                break
            text = self._take_one(event)
            if text:
                pieces.append(self._bound(text))
        return self._keep(pieces)

    def _keep(self, pieces: list[str]) -> str:
        added = "".join(pieces)
        if added:
            self.has_content = True
        return added

    def _take_one(self, event: ServerEvent) -> str:
        data = event.data
        if data[:1] != b"{":
            return self._take_odd(data)
        try:
            chunk = _decode_chunk(data)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return self._take_strange(data)
        choices = chunk.choices
        if chunk.error is not None or not choices:
            self._check(data, event.event)
        if chunk.usage is not None:
            self._count(chunk.usage)
        if chunk.timings is not None and chunk.timings.cache_n:
            self.cached_tokens = chunk.timings.cache_n
        return self._take_choices(choices) if choices else ""

    def _take_odd(self, data: bytes) -> str:
        word = data.strip()
        if word == b"[DONE]":
            self.ended = True
        elif word[:1] == b"{":
            return self._take_one(ServerEvent(word))
        elif word:
            raise failed(_MALFORMED)
        return ""

    def _take_strange(self, data: bytes) -> str:
        """A chunk that is JSON but not of the usual types: an error object, or nothing we can read."""
        self._check(data)
        raise failed(_MALFORMED)

    def _check(self, data: bytes, name: str = "message") -> None:
        try:
            payload = msgspec.json.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise failed(_MALFORMED) from None
        error = find_error(payload)
        if error is None and name == "error" and isinstance(payload, dict):
            error = payload
        if error is not None:
            raise failed(classify_error(error, codes=self.codes))

    def _take_choices(self, choices: list[_Choice]) -> str:
        text = ""
        for choice in choices:
            if choice.index:
                continue
            delta = choice.delta or choice.message
            if delta is not None:
                text += self._take_delta(delta, whole=choice.delta is None)
            if choice.finish_reason:
                self._end_with(choice.finish_reason)
            if choice.usage is not None:
                self._count(choice.usage)
        return text

    def _take_delta(self, delta: _Delta, *, whole: bool) -> str:
        content = delta.content
        if delta.tool_calls:
            self._call(delta.tool_calls, whole=whole)
        if content:
            return content if isinstance(content, str) else _joined(content)
        if delta.reasoning_content or delta.reasoning:
            self.reasoned = True
        return ""

    def _call(self, deltas: Any, *, whole: bool) -> None:
        tools = self._tools = self._tools or ToolDeltas()
        try:
            self.called = tools.take_whole(deltas) if whole else tools.take(deltas)
        except TooManyCalls:
            raise failed(_TOO_MANY_CALLS) from None

    def _end_with(self, reason: str) -> None:
        failure = classify_finish(reason)
        if failure is not None:
            raise failed(failure)
        self.finish = reason

    def _count(self, usage: _Usage) -> None:
        if usage.prompt_tokens or usage.completion_tokens:
            self.usage = (int(usage.prompt_tokens or 0), int(usage.completion_tokens or 0))
        asked, said = usage.prompt_tokens_details, usage.completion_tokens_details
        cached = (asked and asked.cached_tokens) or usage.prompt_cache_hit_tokens or usage.cached_tokens
        if cached:
            self.cached_tokens = cached
        if said is not None and said.reasoning_tokens:
            self.reasoning_tokens = said.reasoning_tokens

    def _bound(self, text: str) -> str:
        if text == self._last and len(text) >= _LOOP_CHARS:
            self._repeats += 1
            if self._repeats >= LOOP_CHUNKS:
                self._cut()
                return ""
        else:
            self._last, self._repeats = text, 1
        room = MAX_ANSWER_BYTES - self._bytes
        self._bytes += len(text) if text.isascii() else len(text.encode())
        if self._bytes <= MAX_ANSWER_BYTES:
            return text
        self._cut()
        return text.encode()[:room].decode(errors="ignore")

    def _cut(self) -> None:
        self.finish = "length"
        self.ended = self.cut = True

    @property
    def is_whole(self) -> bool:
        """The answer has its proper end."""
        return bool(self.finish) or (self.ended and self.done_suffices)

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The tool calls of the answer; read when it has ended."""
        return self._tools.calls() if self._tools is not None else ()

    def conclude(self, *, whole: bool) -> Literal["stop", "length", "tool_calls"]:
        """The finish reason, once the stream is over; `whole` when the HTTP response came to its proper end.

        Raises `EngineFailed` for a truncated or an empty answer.
        """
        if not self.is_whole:
            raise failed(_TRUNCATED if whole else _CUT_OFF)
        calls = self.calls
        if not self.has_content and not calls:
            raise failed(_EMPTY)
        if self.finish in {"length", "max_tokens"}:
            return "length"
        return "tool_calls" if calls else "stop"


def _joined(parts: Any) -> str:
    if not isinstance(parts, list):
        return ""
    return "".join(str(part.get("text") or "") for part in parts if isinstance(part, dict))


_MALFORMED = Failure(failure_class=FailureClass.TRANSIENT, code="malformed_chunk", detail="a chunk could not be read")
_TRUNCATED = Failure(
    failure_class=FailureClass.TRANSIENT, code="truncated", detail="the stream ended without a finish reason"
)
_CUT_OFF = Failure(failure_class=FailureClass.TRANSIENT, code="cut_off", detail="the connection broke in the answer")
_TOO_MANY_CALLS = Failure(
    failure_class=FailureClass.TRANSIENT, code="tool_calls_too_large", detail="the tool calls exceed the bound"
)
_EMPTY = Failure(failure_class=FailureClass.TRANSIENT, code="empty_answer", detail="the engine gave no words")

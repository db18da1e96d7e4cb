"""What the scripted provider can do wrong, byte for byte as real ones do."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import msgspec

if TYPE_CHECKING:
    from miaohui.testing.upstream import UpstreamOptions


class Wait(NamedTuple):
    """Say nothing for a while."""

    seconds: float


class Close(NamedTuple):
    """Close the connection: properly, or with a reset."""

    reset: bool = False


Act: TypeAlias = bytes | Wait | Close


class Script(NamedTuple):
    """How one request is answered."""

    acts: tuple[Act, ...]
    plain: dict[str, Any]
    """The reply when no stream is asked for."""
    faulty: bool


SSE = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
SSE_UNTIL_EOF = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
END = b"0\r\n\r\n"
DONE = b"data: [DONE]\n\n"
_LONG_S = 60.0
_HUGE_BYTES = 4 * 1024 * 1024
_TOO_HUGE_BYTES = 17 * 1024 * 1024


def build_script(name: str, options: UpstreamOptions) -> Script:
    """The script of this name; a name that is no fault gives the plain answer, `chunks:8` one of 8 chunks."""
    fault = FAULTS.get(name)
    words = _words(options.text, int(name[7:]) if name.startswith("chunks:") else options.chunks)
    plain = _plain("".join(words))
    if fault is not None:
        return Script(tuple(fault()), plain, faulty=True)
    return Script(tuple(_answer(words, options.gap_ms / 1000)), plain, faulty=False)


def _words(text: str, chunks: int) -> list[str]:
    """The text in pieces of four characters, over and over."""
    pieces = [text[i : i + 4] for i in range(0, len(text), 4)]
    return [pieces[i % len(pieces)] for i in range(chunks)]


def _answer(words: list[str], gap_s: float) -> list[Act]:
    acts: list[Act] = []
    for i, word in enumerate(words):
        acts.append((SSE if i == 0 else b"") + framed(chunk(word)))
        acts.append(Wait(gap_s))
    acts.append(framed(chunk("", "stop") + usage_chunk(len(words)) + DONE) + END)
    return acts


def framed(data: bytes) -> bytes:
    """One HTTP chunk."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def event(payload: Any) -> bytes:
    """One event."""
    return b"data: " + msgspec.json.encode(payload) + b"\n\n"


def chunk(text: str, finish: str | None = None) -> bytes:
    """One chunk of an answer."""
    delta = {"content": text} if text else {}
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return event({"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "sim", "choices": [choice]})


def usage_chunk(words: int) -> bytes:
    """The last chunk, with usage only."""
    return event({"id": "c1", "choices": [], "usage": {"prompt_tokens": 11, "completion_tokens": words}})


def _plain(text: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    usage = {"prompt_tokens": 11, "completion_tokens": 7}
    return {"id": "c1", "object": "chat.completion", "model": "sim", "choices": [choice], "usage": usage}


def _http(status: str, body: bytes | dict[str, Any], *headers: str, kind: str = "application/json") -> list[Act]:
    data = body if isinstance(body, bytes) else msgspec.json.encode(body)
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(data)}", *headers]
    return ["\r\n".join(lines).encode() + b"\r\n\r\n" + data]


def _stream(*parts: bytes) -> list[Act]:
    return [SSE + b"".join(framed(part) for part in parts) + END]


def _limited(*headers: str) -> Callable[[], list[Act]]:
    error = {"error": {"message": "Rate limit reached", "type": "requests", "code": "rate_limit_exceeded"}}
    return lambda: _http("429 Too Many Requests", error, *headers)


def _error(status: str, code: str, message: str = "no") -> Callable[[], list[Act]]:
    return lambda: _http(status, {"error": {"code": code, "message": message, "type": "error"}})


def _finishing(reason: str) -> Callable[[], list[Act]]:
    return lambda: _stream(chunk("半句"), chunk("", reason), DONE)


def _one_byte() -> list[Act]:
    data = chunk("您好") + chunk("世界") + chunk("", "stop") + DONE
    return [SSE, *[framed(data[i : i + 1]) for i in range(len(data))], END]


def _split_utf8() -> list[Act]:
    data = SSE + framed(chunk("您好😀世界") + chunk("", "stop") + DONE) + END
    at = data.index("😀".encode()) + 2
    return [data[:at], Wait(0.02), data[at:]]


def _slow_loris() -> list[Act]:
    acts: list[Act] = [SSE]
    for byte in (b": waiting" * 200)[:200]:
        acts += [Wait(0.05), framed(bytes([byte]))]
    return acts


def _comments() -> list[Act]:
    acts: list[Act] = [SSE]
    for _ in range(400):
        acts += [framed(b": keep-alive\n\n"), Wait(0.02)]
    return acts


def _zipped() -> list[Act]:
    data = gzip.compress(chunk("您好") + chunk("世界") + chunk("", "stop") + DONE)
    head = SSE.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n")
    return [head + framed(data[:20]), Wait(0.02), framed(data[20:]) + END]


def _choices(*choices: dict[str, Any], **more: Any) -> bytes:
    return event({"id": "c1", "choices": list(choices), **more})


def _azure() -> list[Act]:
    first = event({"choices": [], "prompt_filter_results": [{"prompt_index": 0}], "model": "", "id": ""})
    odd: list[dict[str, Any]] = [{"finish_reason": None}, {"index": 0, "delta": None}, {"delta": {"content": None}}]
    return _stream(first, *[_choices(choice) for choice in odd], chunk("您好"), chunk("", "stop"), DONE)


def _usage_everywhere() -> list[Act]:
    parts = [
        _choices({"index": 0, "delta": {"content": word}}, usage={"prompt_tokens": 9, "completion_tokens": i})
        for i, word in enumerate(("您好", "世界"), 1)
    ]
    return _stream(*parts, chunk("", "stop"), DONE)


def _usage_in_choice() -> list[Act]:
    last = _choices(
        {"index": 0, "delta": {}, "finish_reason": "stop", "usage": {"prompt_tokens": 3, "completion_tokens": 4}}
    )
    return _stream(chunk("您好"), last, DONE)


def _call_delta(arguments: str | None = None, **fields: Any) -> dict[str, Any]:
    name = fields.pop("name", None)
    return {**fields, "function": {"name": name, "arguments": arguments}}


def _calling(*deltas: dict[str, Any]) -> bytes:
    return _choices({"index": 0, "delta": {"content": None, "tool_calls": list(deltas)}, "finish_reason": None})


_ORDER = _call_delta("", index=0, id="call_a", type="function", name="find_order")


def _tools() -> list[Act]:
    more = [_call_delta('{"order', index=0), _call_delta('": "A1"}', index=0)]
    now = _call_delta("{}", index=1, id="call_b", type="function", name="now")
    return _stream(*[_calling(one) for one in (_ORDER, *more, now)], chunk("", "tool_calls"), usage_chunk(9), DONE)


def _tools_odd() -> list[Act]:
    """Continuations without index and with an empty id, a second call at the first one's index, `stop` for a reason."""
    more = [_call_delta('{"order": ', id="", name=""), _call_delta('"A1"}', index=None, id=None)]
    now = _call_delta("{}", index=0, id="call_b", name="now")
    return _stream(chunk("好的。"), *[_calling(one) for one in (_ORDER, *more, now)], chunk("", "stop"), DONE)


def _tools_plain() -> list[Act]:
    plain = _plain("")
    call = {"id": "call_a", "type": "function", "function": {"name": "find_order", "arguments": '{"order": "A1"}'}}
    plain["choices"][0] |= {"message": {"role": "assistant", "content": None, "tool_calls": [call, call]}}
    return _http("200 OK", plain)


FAULTS: dict[str, Callable[[], list[Act]]] = {
    "429": _limited("Retry-After: 7"),
    "429-ms": _limited("retry-after-ms: 1500"),
    "429-date": _limited("Date: Fri, 20 Jun 2025 10:00:00 GMT", "Retry-After: Fri, 20 Jun 2025 10:00:30 GMT"),
    "429-garbage": _limited("Retry-After: soon"),
    "429-none": _limited(),
    "429-balance": _error("429 Too Many Requests", "1113", "余额不足"),
    "400-context": _error("400 Bad Request", "context_length_exceeded"),
    "400-content": _error("400 Bad Request", "content_filter"),
    "400": _error("400 Bad Request", "bad"),
    "401": _error("401 Unauthorized", "invalid_api_key"),
    "404": _error("404 Not Found", "model_not_found"),
    "500": _error("500 Internal Server Error", "oops"),
    "529": lambda: _http("529 Overloaded", b"overloaded", kind="text/plain"),
    "504-html": lambda: _http("504 Gateway Time-out", b"<html>504</html>", kind="text/html"),
    "html": lambda: _http("200 OK", b"<html>log in</html>", kind="text/html"),
    "json-error": _error("200 OK", "server_error"),
    "qianfan-rate": lambda: _http("200 OK", {"code": "rpm_rate_limit_exceeded", "message": "slow down"}),
    "plain": lambda: _http("200 OK", _plain("您好世界")),
    "redirect": lambda: _http("307 Temporary Redirect", b"", "Location: http://127.0.0.1:1/v1/chat/completions"),
    "not-http": lambda: [b"SSH-2.0-OpenSSH_9.2\r\n"],
    "first-error": lambda: _stream(event({"error": {"code": "server_error", "message": "boom"}})),
    "first-error-context": lambda: _stream(
        event({"object": "error", "message": "maximum context length", "code": 400})
    ),
    "named-error": lambda: _stream(b'event: error\ndata: {"message": "boom", "type": "overloaded_error"}\n\n'),
    "error-after": lambda: _stream(chunk("半句"), event({"error": {"code": "server_error", "message": "boom"}})),
    "malformed": lambda: _stream(chunk("半句"), b'data: {"choices": [{"del\n\n', chunk("", "stop"), DONE),
    "cut": lambda: [SSE + framed(chunk("半句")), Wait(0.01), Close()],
    "cut-in-chunk": lambda: [SSE + framed(chunk("半句"))[:-20], Wait(0.01), Close()],
    "reset": lambda: [SSE + framed(chunk("半句")), Wait(0.05), Close(reset=True)],
    "reset-at-once": lambda: [Close(reset=True)],
    "reset-after-head": lambda: [SSE, Wait(0.01), Close(reset=True)],
    "eof": lambda: [SSE_UNTIL_EOF + chunk("半句"), Close()],
    "eof-whole": lambda: [SSE_UNTIL_EOF + chunk("您好") + chunk("", "stop"), Close()],
    "no-finish": lambda: _stream(chunk("半句")),
    "no-done": lambda: _stream(chunk("您好"), chunk("", "stop")),
    "done-only": lambda: _stream(chunk("您好"), DONE),
    "after-done": lambda: _stream(chunk("您好"), chunk("", "stop"), DONE, chunk("多余"), b"data: junk\n\n"),
    "hang-after-finish": lambda: [SSE + framed(chunk("您好") + chunk("", "stop")), Wait(_LONG_S)],
    "stall": lambda: [SSE + framed(chunk("半句")), Wait(_LONG_S)],
    "silent": lambda: [Wait(_LONG_S)],
    "head-only": lambda: [SSE, Wait(_LONG_S)],
    "slow-loris": _slow_loris,
    "comments": _comments,
    "role-only": lambda: [
        SSE + framed(_choices({"index": 0, "delta": {"role": "assistant", "content": ""}})),
        Wait(_LONG_S),
    ],
    "split-utf8": _split_utf8,
    "one-byte": _one_byte,
    "crlf": lambda: _stream((chunk("您好") + chunk("世界") + chunk("", "stop") + DONE).replace(b"\n", b"\r\n")),
    "bare-data": lambda: _stream(
        b"event: message\nid: 7\nretry: 10\n"
        b'data:{"choices":[{"delta":\ndata:{"content":"\xe6\x82\xa8\xe5\xa5\xbd"}}]}\n\n',
        chunk("", "stop"),
        DONE,
    ),
    "huge-line": lambda: _stream(
        event({"padding": "x" * _HUGE_BYTES, "choices": [{"delta": {"content": "您好"}}]}), chunk("", "stop"), DONE
    ),
    "too-huge-line": lambda: _stream(event({"padding": "x" * _TOO_HUGE_BYTES}), chunk("您好", "stop"), DONE),
    "gzip": _zipped,
    "azure": _azure,
    "usage-everywhere": _usage_everywhere,
    "usage-in-choice": _usage_in_choice,
    "usage-last": lambda: _stream(chunk("您好"), chunk("", "stop"), usage_chunk(5), DONE),
    "no-usage": lambda: _stream(chunk("您好"), chunk("", "stop"), DONE),
    "reasoning-only": lambda: _stream(
        _choices({"index": 0, "delta": {"reasoning_content": "想一想"}}), chunk("", "stop"), DONE
    ),
    "two-choices": lambda: _stream(
        _choices({"index": 0, "delta": {"content": "您好"}}, {"index": 1, "delta": {"content": "别的"}}),
        chunk("", "stop"),
        DONE,
    ),
    "tools": _tools,
    "tools-odd": _tools_odd,
    "tools-plain": _tools_plain,
    "tools-cut": lambda: [SSE + framed(_calling(_ORDER)), Wait(0.01), Close()],
    "tools-endless": lambda: _stream(_calling(_ORDER), *[_calling(_call_delta("x" * 4096, index=0))] * 80),
    "late": lambda: [Wait(0.3), *_stream(chunk("您好"), chunk("", "stop"), DONE)],
    "late-error": lambda: [Wait(0.3), *_error("500 Internal Server Error", "oops")()],
    "loop": lambda: _stream(*[chunk("一样的话")] * 500, chunk("", "stop"), DONE),
    "endless": lambda: _stream(*[chunk(f"{i:06d}" * 20) for i in range(2000)], chunk("", "stop"), DONE),
    "length": _finishing("length"),
    "sensitive": _finishing("sensitive"),
    "out-of-capacity": _finishing("insufficient_system_resource"),
    "then-close": lambda: [*_stream(chunk("您好"), chunk("", "stop"), DONE), Wait(0.01), Close()],
}
"""Every fault by its name."""

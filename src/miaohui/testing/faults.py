"""What the scripted provider can do wrong, byte for byte as real ones do."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from miaohui.testing.vendors import VENDORS
from miaohui.testing.wire import (
    DONE,
    END,
    SSE,
    SSE_UNTIL_EOF,
    Act,
    Close,
    Wait,
    choices,
    chunk,
    event,
    framed,
    http,
    stream,
)

if TYPE_CHECKING:
    from miaohui.testing.upstream import UpstreamOptions


class Script(NamedTuple):
    """How one request is answered."""

    acts: tuple[Act, ...]
    plain: dict[str, Any]
    """The reply when no stream is asked for."""
    faulty: bool


_LONG_S = 60.0
_HUGE_BYTES = 4 * 1024 * 1024
_TOO_HUGE_BYTES = 17 * 1024 * 1024


def build_script(name: str, options: UpstreamOptions) -> Script:
    """The script of this name; a name that is no fault gives the plain answer.

    `chunks:8` is an answer of 8 chunks, `call:find_order:{"order": "A1"}` one call of a tool, in two deltas.
    """
    fault = FAULTS.get(name)
    if name.startswith("call:"):
        return Script(tuple(_call(*name.split(":", 2)[1:])), _plain(""), faulty=True)
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


def usage_chunk(words: int) -> bytes:
    """The last chunk, with usage only."""
    return event({"id": "c1", "choices": [], "usage": {"prompt_tokens": 11, "completion_tokens": words}})


def _plain(text: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    usage = {"prompt_tokens": 11, "completion_tokens": 7}
    return {"id": "c1", "object": "chat.completion", "model": "sim", "choices": [choice], "usage": usage}


def _limited(*headers: str) -> Callable[[], list[Act]]:
    error = {"error": {"message": "Rate limit reached", "type": "requests", "code": "rate_limit_exceeded"}}
    return lambda: http("429 Too Many Requests", error, *headers)


def _error(status: str, code: str, message: str = "no") -> Callable[[], list[Act]]:
    return lambda: http(status, {"error": {"code": code, "message": message, "type": "error"}})


def _then(rest: bytes) -> Callable[[], list[Act]]:
    """Half a sentence, and then this."""
    return lambda: [SSE + framed(chunk("半句")), Wait(0.03), framed(rest) + END]


def _finishing(reason: str) -> Callable[[], list[Act]]:
    return _then(chunk("", reason) + DONE)


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


def _azure() -> list[Act]:
    first = event({"choices": [], "prompt_filter_results": [{"prompt_index": 0}], "model": "", "id": ""})
    odd: list[dict[str, Any]] = [{"finish_reason": None}, {"index": 0, "delta": None}, {"delta": {"content": None}}]
    return stream(first, *[choices(choice) for choice in odd], chunk("您好"), chunk("", "stop"), DONE)


def _usage_everywhere() -> list[Act]:
    parts = [
        choices({"index": 0, "delta": {"content": word}}, usage={"prompt_tokens": 9, "completion_tokens": i})
        for i, word in enumerate(("您好", "世界"), 1)
    ]
    return stream(*parts, chunk("", "stop"), DONE)


def _usage_in_choice() -> list[Act]:
    last = choices(
        {"index": 0, "delta": {}, "finish_reason": "stop", "usage": {"prompt_tokens": 3, "completion_tokens": 4}}
    )
    return stream(chunk("您好"), last, DONE)


def _call_delta(arguments: str | None = None, **fields: Any) -> dict[str, Any]:
    name = fields.pop("name", None)
    return {**fields, "function": {"name": name, "arguments": arguments}}


def _calling(*deltas: dict[str, Any]) -> bytes:
    return choices({"index": 0, "delta": {"content": None, "tool_calls": list(deltas)}, "finish_reason": None})


_ORDER = _call_delta("", index=0, id="call_a", type="function", name="find_order")


def _tools() -> list[Act]:
    more = [_call_delta('{"order', index=0), _call_delta('": "A1"}', index=0)]
    now = _call_delta("{}", index=1, id="call_b", type="function", name="now")
    return stream(*[_calling(one) for one in (_ORDER, *more, now)], chunk("", "tool_calls"), usage_chunk(9), DONE)


def _tools_odd() -> list[Act]:
    """Continuations without index and with an empty id, a second call at the first one's index, `stop` for a reason."""
    more = [_call_delta('{"order": ', id="", name=""), _call_delta('"A1"}', index=None, id=None)]
    now = _call_delta("{}", index=0, id="call_b", name="now")
    return stream(chunk("好的。"), *[_calling(one) for one in (_ORDER, *more, now)], chunk("", "stop"), DONE)


def _tools_plain() -> list[Act]:
    plain = _plain("")
    call = {"id": "call_a", "type": "function", "function": {"name": "find_order", "arguments": '{"order": "A1"}'}}
    plain["choices"][0] |= {"message": {"role": "assistant", "content": None, "tool_calls": [call, call]}}
    return http("200 OK", plain)


def _call(name: str, arguments: str) -> list[Act]:
    half = len(arguments) // 2
    first = _call_delta(arguments[:half], index=0, id="call_a", type="function", name=name)
    return stream(
        _calling(first), _calling(_call_delta(arguments[half:], index=0)), chunk("", "tool_calls"), usage_chunk(9), DONE
    )


def redirect(url: str) -> list[Act]:
    """Go there instead."""
    return http("307 Temporary Redirect", b"", f"Location: {url}/chat/completions")


def _tools_wrong() -> list[Act]:
    """Arguments that are no JSON, and a tool that nobody offered."""
    cut = _call_delta('{"order": "A1', index=0, id="call_a", name="find_order")
    unknown = _call_delta("{}", index=1, id="call_b", name="fly_to_the_moon")
    return stream(_calling(cut, unknown), chunk("", "tool_calls"), DONE)


def _tools_twice() -> list[Act]:
    """One call said twice under one id, and once more under another."""
    same = [_call_delta('{"order": "A1"}', index=i, id=name, name="find_order") for i, name in enumerate("aab")]
    return stream(*[_calling(one) for one in same], chunk("", "tool_calls"), DONE)


def _line_ends() -> list[Act]:
    """Every kind of line end in one stream, and a CR LF that falls apart between two reads."""
    old, dos = (chunk("您").replace(b"\n", b"\r"), chunk("好").replace(b"\n", b"\r\n"))
    mixed = chunk("世").replace(b"\n\n", b"\r\n\r")
    last = (chunk("界") + chunk("", "stop")).replace(b"\n", b"\r\n") + DONE
    return [
        SSE,
        framed(old + dos[:-3]),
        Wait(0.02),
        framed(dos[-3:-1]),
        Wait(0.02),
        framed(dos[-1:] + mixed + last) + END,
    ]


FAULTS: dict[str, Callable[[], list[Act]]] = {
    "429": _limited("Retry-After: 7"),
    "429-ms": _limited("retry-after-ms: 1500"),
    "429-date": _limited("Date: Fri, 20 Jun 2025 10:00:00 GMT", "Retry-After: Fri, 20 Jun 2025 10:00:30 GMT"),
    "429-garbage": _limited("Retry-After: soon"),
    "429-none": _limited(),
    "429-float": _limited("Retry-After: 0.25"),
    "429-past": _limited("Date: Fri, 20 Jun 2025 10:00:00 GMT", "Retry-After: Fri, 20 Jun 2025 09:59:00 GMT"),
    "429-negative": _limited("Retry-After: -5"),
    "429-far": _limited("Retry-After: 99999"),
    "429-balance": _error("429 Too Many Requests", "1113", "余额不足"),
    "400-context": _error("400 Bad Request", "context_length_exceeded"),
    "400-content": _error("400 Bad Request", "content_filter"),
    "400": _error("400 Bad Request", "bad"),
    "401": _error("401 Unauthorized", "invalid_api_key"),
    "410": _error("410 Gone", "gone"),
    "503": _error("503 Service Unavailable", "service_unavailable"),
    "404": _error("404 Not Found", "model_not_found"),
    "500": _error("500 Internal Server Error", "oops"),
    "529": lambda: http("529 Overloaded", b"overloaded", kind="text/plain"),
    "504-html": lambda: http("504 Gateway Time-out", b"<html>504</html>", kind="text/html"),
    "html": lambda: http("200 OK", b"<html>log in</html>", kind="text/html"),
    "json-error": _error("200 OK", "server_error"),
    "qianfan-rate": lambda: http("200 OK", {"code": "rpm_rate_limit_exceeded", "message": "slow down"}),
    "plain": lambda: http("200 OK", _plain("您好世界")),
    "redirect": lambda: redirect("http://127.0.0.1:1/v1"),
    "not-http": lambda: [b"SSH-2.0-OpenSSH_9.2\r\n"],
    "first-error": lambda: stream(event({"error": {"code": "server_error", "message": "boom"}})),
    "first-error-context": lambda: stream(event({"object": "error", "message": "maximum context length", "code": 400})),
    "named-error": lambda: stream(b'event: error\ndata: {"message": "boom", "type": "overloaded_error"}\n\n'),
    "error-after": _then(event({"error": {"code": "server_error", "message": "boom"}})),
    "malformed": _then(b'data: {"choices": [{"del\n\n' + chunk("", "stop") + DONE),
    "cut": lambda: [SSE + framed(chunk("半句")), Wait(0.01), Close()],
    "cut-in-chunk": lambda: [SSE + framed(chunk("半句"))[:-20], Wait(0.01), Close()],
    "reset": lambda: [SSE + framed(chunk("半句")), Wait(0.05), Close(reset=True)],
    "reset-at-once": lambda: [Close(reset=True)],
    "reset-after-head": lambda: [SSE, Wait(0.01), Close(reset=True)],
    "eof": lambda: [SSE_UNTIL_EOF + chunk("半句"), Close()],
    "eof-whole": lambda: [SSE_UNTIL_EOF + chunk("您好") + chunk("", "stop"), Close()],
    "no-finish": lambda: stream(chunk("半句")),
    "no-done": lambda: stream(chunk("您好"), chunk("", "stop")),
    "done-only": lambda: stream(chunk("您好"), DONE),
    "after-done": lambda: stream(chunk("您好"), chunk("", "stop"), DONE, chunk("多余"), b"data: junk\n\n"),
    "hang-after-finish": lambda: [SSE + framed(chunk("您好") + chunk("", "stop")), Wait(_LONG_S)],
    "stall": lambda: [SSE + framed(chunk("半句")), Wait(_LONG_S)],
    "silent": lambda: [Wait(_LONG_S)],
    "head-only": lambda: [SSE, Wait(_LONG_S)],
    "slow-loris": _slow_loris,
    "comments": _comments,
    "role-only": lambda: [
        SSE + framed(choices({"index": 0, "delta": {"role": "assistant", "content": ""}})),
        Wait(_LONG_S),
    ],
    "split-utf8": _split_utf8,
    "one-byte": _one_byte,
    "crlf": lambda: stream((chunk("您好") + chunk("世界") + chunk("", "stop") + DONE).replace(b"\n", b"\r\n")),
    "line-ends": _line_ends,
    "bare-data": lambda: stream(
        b"event: message\nid: 7\nretry: 10\n"
        b'data:{"choices":[{"delta":\ndata:{"content":"\xe6\x82\xa8\xe5\xa5\xbd"}}]}\n\n',
        chunk("", "stop"),
        DONE,
    ),
    "huge-line": lambda: stream(
        event({"padding": "x" * _HUGE_BYTES, "choices": [{"delta": {"content": "您好"}}]}), chunk("", "stop"), DONE
    ),
    "too-huge-line": lambda: stream(event({"padding": "x" * _TOO_HUGE_BYTES}), chunk("您好", "stop"), DONE),
    "gzip": _zipped,
    "azure": _azure,
    "usage-everywhere": _usage_everywhere,
    "usage-in-choice": _usage_in_choice,
    "usage-last": lambda: stream(chunk("您好"), chunk("", "stop"), usage_chunk(5), DONE),
    "no-usage": lambda: stream(chunk("您好"), chunk("", "stop"), DONE),
    "reasoning-only": lambda: stream(
        choices({"index": 0, "delta": {"reasoning_content": "想一想"}}), chunk("", "stop"), DONE
    ),
    "two-choices": lambda: stream(
        choices({"index": 0, "delta": {"content": "您好"}}, {"index": 1, "delta": {"content": "别的"}}),
        chunk("", "stop"),
        DONE,
    ),
    "tools": _tools,
    "tools-odd": _tools_odd,
    "tools-plain": _tools_plain,
    "tools-wrong": _tools_wrong,
    "tools-twice": _tools_twice,
    "tools-cut": lambda: [SSE + framed(_calling(_ORDER)), Wait(0.01), Close()],
    "tools-endless": lambda: stream(_calling(_ORDER), *[_calling(_call_delta("x" * 4096, index=0))] * 80),
    "late": lambda: [Wait(0.3), *stream(chunk("您好"), chunk("", "stop"), DONE)],
    "late-error": lambda: [Wait(0.3), *_error("500 Internal Server Error", "oops")()],
    "loop": lambda: stream(*[chunk("一样的话")] * 500, chunk("", "stop"), DONE),
    "endless": lambda: stream(*[chunk(f"{i:06d}" * 20) for i in range(2000)], chunk("", "stop"), DONE),
    "length": _finishing("length"),
    "sensitive": _finishing("sensitive"),
    "out-of-capacity": _finishing("insufficient_system_resource"),
    "interleaved": lambda: stream(
        choices({"index": 1, "delta": {"content": "别的"}}),
        choices({"index": 0, "delta": {"content": "您"}}),
        choices({"index": 1, "delta": {"content": "话"}}),
        choices({"index": 0, "delta": {"content": "好"}}),
        choices({"index": 1, "delta": {}, "finish_reason": "stop"}),
        chunk("", "stop"),
        DONE,
    ),
    "other-model": lambda: stream(
        event({"model": "somebody-else", "choices": [{"index": 0, "delta": {"content": "您好"}}]}),
        chunk("", "stop"),
        DONE,
    ),
    "then-close": lambda: [*stream(chunk("您好"), chunk("", "stop"), DONE), Wait(0.01), Close()],
    **VENDORS,
}
"""Every fault by its name."""

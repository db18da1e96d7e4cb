"""Sizes and CPU of the two dialects of `/v1/ws`: frame by frame, and over a whole answer as one visitor gets it.

A frame is written once as JSON for everybody; for who speaks protobuf it is then translated. So protobuf's time is
JSON's and more.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import msgspec

from bench.figures import Row
from miaohui.channels.frames import parse_frame
from miaohui.channels.web.protobuf import read_client, write_client, write_server

TIMES = 5_000
PIECES = 40
"""Of an answer; the server sends several of the provider's at once, so this is the most."""
_WORDS = "签收后 7 天内可以申请退货, 商品须保持完好, 退款在 3 个工作日内原路退回。" * 3
_CONVERSATION = "conv_01J8ZQ4XK3V5N6M7P8Q9R0S1T2"
_STREAM = {"stream": "str_01J8ZQ4XK3V5N6M7P8Q9R0S1T2", "attempt": 1}
_MESSAGE = {
    "id": "msg_01J8ZQ4XK3V5N6M7P8Q9R0S1T2",
    "seq": 44,
    "sender": {"kind": "assistant", "id": "inb_01J8ZQ4XK3V5N6M7P8Q9R0S1T2", "name": "智能助手"},
    "kind": "text",
    "text": _WORDS,
    "created_at": "2026-11-20T08:00:00.123Z",
    "turn": "turn_01J8ZQ4XK3V5N6M7P8Q9R0S1T2",
    "final": True,
    "ai": True,
}
SEND = {"t": "send", "conv": _CONVERSATION, "cmid": "c" * 26, "body": {"type": "text", "text": "怎么退货?"}}
ACK = {"t": "ack", "cmid": "c" * 26, "msg": _MESSAGE["id"], "seq": 44, "conv": _CONVERSATION, "dup": False}
DELTA = {"t": "stream.delta", **_STREAM, "i": 17, "text": "七天内可以退货,"}
POSTED = {"t": "msg", "conv": _CONVERSATION, "epoch": "e" * 16, "seq": 44, "msg": _MESSAGE}
END = {"t": "stream.end", **_STREAM, "n": PIECES, "seq": 45, "msg": _MESSAGE["id"], "sha256": "0" * 64}


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """One frame, or several."""

    json_bytes: float = 0
    proto_bytes: float = 0
    json_us: float = 0
    proto_us: float = 0

    def __add__(self, other: Cost) -> Cost:
        names = Cost.__struct_fields__
        return Cost(**{name: getattr(self, name) + getattr(other, name) for name in names})

    def times(self, count: int) -> Cost:
        """The same frame so often."""
        return Cost(**{name: getattr(self, name) * count for name in Cost.__struct_fields__})


def dialects() -> list[Row]:
    """One row for frames on their own, one for an answer of so many pieces."""
    costs = {name: _of_server(frame) for name, frame in (("ack", ACK), ("delta", DELTA), ("msg", POSTED))}
    costs["send"] = _of_client(SEND)
    answer = costs["send"] + costs["ack"] + costs["delta"].times(PIECES) + _of_server(END) + costs["msg"]
    share = answer.proto_bytes / answer.json_bytes
    return [
        Row(
            work="The WebSocket's dialects, frame by frame: JSON and protobuf",
            measured="; ".join(
                f"{name} {one.json_bytes:.0f} and {one.proto_bytes:.0f} bytes, {one.json_us:.1f} and "
                f"{one.proto_us:.1f} µs of CPU"
                for name, one in costs.items()
            ),
            goal="protobuf is smaller",
            reached=all(one.proto_bytes < one.json_bytes for one in costs.values()),
            facts={name: msgspec.to_builtins(one) for name, one in costs.items()},
        ),
        Row(
            work=f"The WebSocket's dialects, one question and its answer in {PIECES} pieces",
            measured=f"{answer.json_bytes:,.0f} bytes in JSON, {answer.proto_bytes:,.0f} in protobuf ({share:.0%}); "
            f"{answer.json_us:.0f} and {answer.proto_us:.0f} µs of the server's CPU",
            goal="fewer bytes",
            reached=share < 1,
            facts=msgspec.to_builtins(answer),
        ),
    ]


def _of_server(frame: dict[str, Any]) -> Cost:
    text = msgspec.json.encode(frame)
    json_us = _us(lambda: msgspec.json.encode(frame))
    return Cost(
        json_bytes=len(text),
        proto_bytes=len(write_server(text.decode())),
        json_us=json_us,
        proto_us=json_us + _us(lambda: write_server(text.decode())),
    )


def _of_client(frame: dict[str, Any]) -> Cost:
    text, binary = msgspec.json.encode(frame), write_client(frame)
    return Cost(
        json_bytes=len(text),
        proto_bytes=len(binary),
        json_us=_us(lambda: parse_frame(text)),
        proto_us=_us(lambda: parse_frame(read_client(binary))),
    )


def _us(work: Callable[[], object]) -> float:
    began = time.process_time()
    for _ in range(TIMES):
        work()
    return (time.process_time() - began) / TIMES * 1e6

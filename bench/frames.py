"""Sizes and CPU of the two dialects of `/v1/ws`, frame by frame.

python bench/frames.py
"""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from miaohui.channels.frames import parse_frame
from miaohui.channels.web.protobuf import read_client, write_client, write_server

TIMES = 20_000
MESSAGE = {
    "id": "msg_01J8ZQ4XK3V5N6M7P8Q9R0S1T2",
    "seq": 44,
    "sender": {"kind": "assistant", "id": "inb_01J8ZQ4XK3V5N6M7P8Q9R0S1T2", "name": "智能助手"},
    "kind": "text",
    "text": "签收后 7 天内可以申请退货, 商品须保持完好, 退款在 3 个工作日内原路退回。" * 3,
    "created_at": "2026-11-20T08:00:00.123Z",
    "turn": "turn_01J8ZQ4XK3V5N6M7P8Q9R0S1T2",
    "final": True,
    "ai": True,
}
FRAMES = {
    "ack": {"t": "ack", "cmid": "c" * 26, "msg": MESSAGE["id"], "seq": 44, "conv": "conv_" + "x" * 26, "dup": False},
    "stream.delta": {
        "t": "stream.delta",
        "stream": "str_" + "x" * 26,
        "attempt": 1,
        "i": 17,
        "text": "七天内可以退货,",
    },
    "msg": {"t": "msg", "conv": "conv_" + "x" * 26, "epoch": "e" * 16, "seq": 44, "msg": MESSAGE},
}
SEND = {"t": "send", "conv": "conv_" + "x" * 26, "cmid": "c" * 26, "body": {"type": "text", "text": "怎么退货?"}}


def main() -> None:
    """One line for each frame."""
    print(f"{'frame':14}{'JSON':>7}{'proto':>7}{'ratio':>8}{'JSON us':>10}{'proto us':>10}")
    for name, frame in FRAMES.items():
        text = msgspec.json.encode(frame)
        binary = write_server(text.decode())
        # What the server does for one viewer: encode once for JSON; for the other dialect, translate that as well.
        json_us = _us(lambda frame=frame: msgspec.json.encode(frame))  # type: ignore[misc]
        proto_us = json_us + _us(lambda text=text: write_server(text.decode()))  # type: ignore[misc]
        _line(name, len(text), len(binary), json_us, proto_us)
    text, binary = msgspec.json.encode(SEND), write_client(SEND)
    _line("send", len(text), len(binary), _us(lambda: parse_frame(text)), _us(lambda: parse_frame(read_client(binary))))


def _line(name: str, json_bytes: int, proto_bytes: int, json_us: float, proto_us: float) -> None:
    ratio = proto_bytes / json_bytes
    print(f"{name:14}{json_bytes:7}{proto_bytes:7}{ratio:8.0%}{json_us:10.2f}{proto_us:10.2f}")


def _us(work: Callable[[], object]) -> float:
    began = time.process_time()
    for _ in range(TIMES):
        work()
    return (time.process_time() - began) / TIMES * 1e6


if __name__ == "__main__":
    main()

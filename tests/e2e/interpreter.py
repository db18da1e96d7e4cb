"""A model that translates by script, over the wire that providers speak."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Interpreter:
    """What it says to which words; anything else is answered with `您好。`"""

    def __init__(self, says: Mapping[str, str]) -> None:
        self.says = says
        self.asked: list[str] = []
        """Texts that it was asked to translate."""
        self.broken = False

    def answer(self, body: Mapping[str, Any]) -> str:
        """To one request."""
        prompt = body["messages"][-1]["content"]
        if not body["messages"][0]["content"].startswith("You translate"):
            return "您好。"
        text = prompt.removeprefix("<note>\n").removesuffix("\n</note>")
        self.asked.append(text)
        return self.says.get(text, f"en\n[{text}]")


@contextmanager
def interpreting(says: Mapping[str, str]) -> Iterator[tuple[Interpreter, str]]:
    """Up while the block runs; with its base address."""
    interpreter = Interpreter(says)

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if interpreter.broken:
                self.send_error(500)
                return
            chunks = [
                {"choices": [{"index": 0, "delta": {"content": interpreter.answer(body)}}]},
                {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
            ]
            frames = [f"data: {json.dumps(one)}\n\n" for one in chunks]
            sent = "".join([*frames, "data: [DONE]\n\n"]).encode()
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("content-length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name that it has above
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield interpreter, f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)

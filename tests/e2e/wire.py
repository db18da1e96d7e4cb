"""A TCP proxy that stands for a bad network: it can be cut, by hand or in the middle of a token stream."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress

DELTA = b'"stream.delta"'
FLUSH_SECONDS = 0.3
"""Long enough for a browser to read what came before a cut."""


class Wire:
    """Listens on `port` and passes bytes to and from `target` while it is whole."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._whole = threading.Event()
        self._whole.set()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._deltas_left = -1
        self.was_cut = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_after_deltas(self, count: int) -> None:
        """Break off once so many pieces of an answer went through."""
        self.was_cut.clear()
        self._deltas_left = count

    def cut(self) -> None:
        """Break every connection and refuse new ones."""
        self._deltas_left = -1
        self._whole.clear()
        pairs, self._pairs = self._pairs, []
        for pair in pairs:
            for end in pair:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
        self.was_cut.set()

    def mend(self) -> None:
        """Let connections through again."""
        self._whole.set()

    def close(self) -> None:
        """Stop listening."""
        self.cut()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if not self._whole.is_set():
                    client.close()
                    continue
                server = socket.create_connection(("127.0.0.1", self._target))
                self._pairs.append((client, server))
                threading.Thread(target=self._carry, args=(client, server, False), daemon=True).start()
                threading.Thread(target=self._carry, args=(server, client, True), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, from_server: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                if from_server and 0 <= self._deltas_left < len(pieces := data.split(DELTA)) - 1:
                    sink.sendall(DELTA.join(pieces[: self._deltas_left + 1]))
                    time.sleep(FLUSH_SECONDS)
                    self.cut()
                    return
                if from_server and self._deltas_left >= 0:
                    self._deltas_left -= data.count(DELTA)
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

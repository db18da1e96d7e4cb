"""What the rows of idle sockets look at from outside."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

from bench.cluster.usage import family
from bench.idle import _listening


def test_only_sockets_that_listen_on_the_port_are_counted() -> None:
    with socket.socket() as one, socket.socket() as other:
        for each in (one, other):
            each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
        assert _listening(port) == 0, "a bound one does not listen yet"
        one.listen()
        other.bind(("127.0.0.1", port))
        assert _listening(port) == 1
        other.listen()
        assert _listening(port) == 2
    assert _listening(port) == 0


def test_a_family_is_a_process_and_its_children_and_nobody_when_it_has_ended() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert child.pid in family(os.getpid())
    child.communicate(b"\n")
    assert family(child.pid) == []

"""Servers without the seconds that importing one takes: a process that has everything imported forks them off.

Each is a process of its own in every other way: it is signalled, killed and waited for by its own number.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_LENGTH = 4


class Born:
    """A running `miaohui`, as `asyncio.subprocess` has it."""

    def __init__(self, pid: int, stdout: asyncio.StreamReader, status: asyncio.StreamReader) -> None:
        self.pid = pid
        self.stdout = stdout
        self.returncode: int | None = None
        self._ended = asyncio.create_task(self._learn(status))

    def send_signal(self, number: int) -> None:
        """Nothing when it has ended."""
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def wait(self) -> int:
        """The exit status; less than nothing when a signal ended it."""
        return await asyncio.shield(self._ended)

    async def _learn(self, status: asyncio.StreamReader) -> int:
        told = await status.read()
        self.returncode = int(told or -signal.SIGKILL)
        return self.returncode


class Child:
    """A running `miaohui`, for who has no loop."""

    def __init__(self, pid: int, status: int) -> None:
        self._pid = pid
        self._status = status

    def has_ended(self, seconds: float = 0) -> bool:
        """Whether it ends within so long."""
        return bool(select.select([self._status], [], [], seconds)[0])

    def end(self) -> None:
        """Ask it to, and wait; after 40 seconds it is killed."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            if not self.has_ended():
                os.kill(self._pid, number)
            if self.has_ended(40):
                break
        os.close(self._status)


class Nursery:
    """Our end of the process that forks."""

    def __init__(self) -> None:
        self._line, theirs = socket.socketpair()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.nursery", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        theirs.close()
        self._turn = threading.Lock()

    async def start(self, words: Sequence[str], environment: Mapping[str, str]) -> Born:
        """`miaohui` with these words, and both of its outputs on one pipe."""
        output, their_output = os.pipe()
        try:
            pid, status = await asyncio.to_thread(self._fork, words, environment, their_output)
        finally:
            os.close(their_output)
        return Born(pid, await _read_from(output), await _read_from(status))

    def start_now(self, words: Sequence[str], environment: Mapping[str, str], output: int) -> Child:
        """The same without a loop; both of its outputs go to this file."""
        return Child(*self._fork(words, environment, output))

    def _fork(self, words: Sequence[str], environment: Mapping[str, str], output: int) -> tuple[int, int]:
        asked = json.dumps([words, dict(environment), str(Path.cwd())]).encode()
        status, their_status = os.pipe()
        with self._turn:
            socket.send_fds(self._line, [len(asked).to_bytes(_LENGTH, "big")], [output, their_status])
            self._line.sendall(asked)
            told = self._line.recv(_LENGTH)
        os.close(their_status)
        assert told, "the nursery ended"
        return int.from_bytes(told, "big"), status

    def close(self) -> None:
        """It kills whoever is left."""
        self._line.close()
        self._process.wait()


@functools.cache
def nursery() -> Nursery:
    """The one of this process; it ends when this process does."""
    return Nursery()


async def _read_from(file: int) -> asyncio.StreamReader:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(file, "rb"))
    return reader


# The other end


def _arm_late() -> None:
    """Crash points are armed by the environment, which comes after everything was imported."""
    from miaohui.kit import crash

    def point(name: str, meaning: str) -> Callable[[], None]:
        crash.POINTS[name] = meaning
        return lambda: crash._strike() if name == crash._armed else None

    crash.point = point


def _make_passwords_cheap() -> None:
    """As `cheap_passwords` does in a test's own process."""
    from argon2 import PasswordHasher

    from miaohui.identity import passwords

    cheap = functools.partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1)
    setattr(passwords, "PasswordHasher", cheap)  # noqa: B010  (a class, for the type checker)


def _arm() -> None:
    from miaohui.kit import crash

    crash._armed, _, nth = os.environ.get("MIAOHUI_CRASH_AT", "").partition(":")
    crash._left = int(nth or 1)
    crash._trigger = os.environ.get("MIAOHUI_CRASH_ARMED", "")


def _import_all() -> None:
    import gc

    _arm_late()
    import miaohui.app
    import miaohui.cli.demo
    import miaohui.cli.serve
    import miaohui.cli.supervisor
    import miaohui.migrations
    import miaohui.wiring  # noqa: F401

    _make_passwords_cheap()
    gc.collect()
    gc.freeze()


def _live(asked: bytes, output: int) -> None:
    """In the child: be `miaohui`."""
    from miaohui.cli import main

    words, environment, folder = json.loads(asked)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.closerange(3, 256)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    _arm()
    sys.argv = ["miaohui", *words]
    code = 1
    try:
        main(prog_name="miaohui")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001  (told as a process tells it)
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _serve(line: socket.socket) -> None:
    _import_all()
    awake, wake = os.pipe()
    doors: list[socket.socket | int] = [line, awake]
    for end in (awake, wake):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake)
    children: dict[int, int] = {}
    while True:
        ready, _, _ = select.select(doors, [], [])
        if awake in ready:
            os.read(awake, 1024)
            _reap(children)
        if line in ready and not _take_one(line, children):
            break
    for pid in children:
        os.kill(pid, signal.SIGKILL)


def _take_one(line: socket.socket, children: dict[int, int]) -> bool:
    head, files, _, _ = socket.recv_fds(line, _LENGTH, 2)
    if not head:
        return False
    asked = b""
    while len(asked) < int.from_bytes(head, "big"):
        asked += line.recv(int.from_bytes(head, "big") - len(asked))
    output, status = files
    pid = os.fork()
    if pid == 0:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _live(asked, output)
    os.close(output)
    children[pid] = status
    line.sendall(pid.to_bytes(_LENGTH, "big"))
    return True


def _reap(children: dict[int, int]) -> None:
    while children:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        told = children.pop(pid)
        os.write(told, str(os.waitstatus_to_exitcode(status)).encode())
        os.close(told)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _serve(socket.socket(fileno=int(sys.argv[1])))
